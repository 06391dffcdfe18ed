package folder

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"asof/inspect/parquetfile"
	"asof/inspect/query"
	"asof/replay/state"
)

// membersKey is the metadata of a file that says which members its columns are.
const membersKey = "asof.members"

// writeTable writes a file into a folder, and counts its rows.
func writeTable(ctx context.Context, dir string, f *file, projection string) error {
	members := make([][]byte, len(f.members)) // names need not be UTF-8
	for i, m := range f.members {
		if m != nil {
			members[i] = append([]byte{}, *m...)
		}
	}
	text, err := json.Marshal(members)
	if err != nil {
		return err
	}
	about := map[string]string{"asof.projection": projection, membersKey: string(text)}
	err = create(ctx, filepath.Join(dir, f.name+".parquet"), func(w io.Writer) error { return f.rows.WriteTo(w, f.cols, about) })
	if err != nil {
		return err
	}
	written, err := openPart(dir, f.name)
	if err != nil {
		return err
	}
	defer written.close()
	f.n = written.Len
	return nil
}

// A part is a file of a shard.
type part struct {
	*parquetfile.File
	members []*string // of each column; nil: it is none

	f *os.File
}

func openPart(dir, name string) (*part, error) {
	f, err := os.Open(filepath.Join(dir, name+".parquet"))
	if err != nil {
		return nil, err
	}
	p := &part{f: f}
	if err := p.open(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *part) close() { _ = p.f.Close() } // only read

func (p *part) open() error {
	info, err := p.f.Stat()
	if err != nil {
		return err
	}
	if p.File, err = parquetfile.Open(p.f, info.Size()); err != nil {
		return err
	}
	var members [][]byte
	if err := json.Unmarshal([]byte(p.About(membersKey)), &members); err != nil {
		return err
	}
	if len(members) != len(p.Columns) {
		return errors.New("its columns are not known")
	}
	for _, m := range members {
		var of *string
		if m != nil {
			name := string(m)
			of = &name
		}
		p.members = append(p.members, of)
	}
	return nil
}

// copy adds the rows of some streams to a file. Their members are those of the states: a
// column may have another name there.
func (p *part) copy(ctx context.Context, to *file, takes func(stream string) bool) error {
	others, members := map[string]int{}, map[string]int{}
	width := 0
	for i, c := range to.cols {
		if m := to.members[i]; m != nil {
			members[*m] = c.From
		} else {
			others[c.Name] = c.From
		}
		width = max(width, c.From+1)
	}
	stream, states := slices.Index(p.Columns, "stream"), slices.Index(p.Columns, "state")
	if stream < 0 {
		return errors.New("its columns have changed")
	}
	row := make([]any, width)
	for values, err := range p.Rows() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if id, _ := values[stream].(string); !takes(id) {
			continue
		}
		clear(row)
		for i, name := range p.Columns {
			at, ok := others[name]
			switch {
			case p.members[i] != nil:
			case !ok:
				return errors.New("its columns have changed")
			default:
				row[at] = values[i]
			}
		}
		if states >= 0 {
			if err := setMembers(row, values[states], members); err != nil {
				return err
			}
		}
		if err := to.rows.Add(row); err != nil {
			return err
		}
	}
	return nil
}

// setMembers sets the columns of the members of a state, which is JSON.
func setMembers(row []any, text any, columns map[string]int) error {
	whole, ok := text.(parquetfile.JSON)
	if !ok {
		return nil
	}
	root, err := state.ParseState([]byte(whole))
	if err != nil {
		return err
	}
	query.EachMember(root, func(member string, v state.Value) {
		if at, ok := columns[member]; ok {
			row[at] = parquetfile.ValueOf(v)
		}
	})
	return nil
}
