package folder

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"asof/inspect/materialize/aside"
	"asof/inspect/parquetfile"
	"asof/inspect/query"
)

// tableNames are the tables of each shard.
var tableNames = []string{"states", "history", "changes"}

// unite gives the files of all shards the columns of one run over all streams: the same names
// and types, and the same form of each value. A shard knows its own values alone, so the
// run that finds the last one there rewrites those that differ.
func (t *Target) unite(ctx context.Context) error {
	if t.of() == 1 {
		return nil
	}
	all := map[string][]column{}
	for _, name := range tableNames {
		cols, err := t.agreed(name)
		if err != nil {
			return err
		}
		all[name] = cols
	}
	for i := range t.of() {
		dir := filepath.Join(t.root, partName(i+1, t.of()))
		aside.Clean(dir) // what a run left that was killed here, of another shard's
		if err := t.conform(ctx, dir, all); err != nil {
			return err
		}
	}
	return nil
}

// A column is one of all files of a table.
type column struct {
	name   string
	member *string // nil: it is none
	kinds  parquetfile.Kinds
	empty  parquetfile.Type
}

// agreed are the columns of a table over all shards.
func (t *Target) agreed(name string) (cols []column, err error) {
	members, sights := map[string]*column{}, map[string]query.Sight{}
	var others []string
	projection := ""
	for i := range t.of() {
		dir := filepath.Join(t.root, partName(i+1, t.of()))
		m, _, err := readManifest(dir)
		if err == nil && m == nil {
			err = fs.ErrNotExist
		}
		if err != nil {
			return nil, err
		}
		projection = m.Projection
		for k, member := range m.Checkpoint.Members {
			at := m.Checkpoint.Sights[k]
			if old, ok := sights[member]; !ok || at.Compare(old) < 0 {
				sights[member] = at
			}
		}
		p, err := openPart(dir, name)
		if err != nil {
			return nil, err
		}
		for k, c := range p.Columns {
			if of := p.members[k]; of != nil {
				if members[*of] == nil {
					members[*of] = &column{member: of}
				}
				members[*of].kinds |= p.Own[k]
				continue
			}
			at := slices.Index(others, c)
			if at < 0 {
				at = len(cols)
				others, cols = append(others, c), append(cols, column{name: c, empty: p.Empty(k)})
			}
			cols[at].kinds |= p.Own[k]
		}
		p.close()
	}
	return append(cols, named(projection, others, members, sights)...), nil
}

// named are the columns of members, in the order in which they were found.
func named(projection string, others []string, members map[string]*column, sights map[string]query.Sight) (cols []column) {
	// A file can have the column of a member that another part had when they were united.
	maps.DeleteFunc(members, func(m string, _ *column) bool { _, ok := sights[m]; return !ok })
	order := slices.SortedFunc(maps.Keys(members), func(a, b string) int {
		return cmp.Or(sights[a].Compare(sights[b]), cmp.Compare(a, b))
	})
	order = order[:min(len(order), query.MostMembers)]
	for i, name := range query.MemberNames(projection, others, order) {
		c := *members[order[i]]
		c.name = name
		cols = append(cols, c)
	}
	return cols
}

// conform writes the files of a shard again whose columns are others.
func (t *Target) conform(ctx context.Context, dir string, all map[string][]column) error {
	for {
		m, text, err := readManifest(dir)
		if err != nil || m == nil {
			return err // another process replaces it, and settles afterwards
		}
		other, err := others(dir, all)
		if len(other) == 0 || err != nil {
			return err
		}
		done, err := t.rewrite(ctx, dir, m.Projection, text, other)
		if done || err != nil {
			return err
		}
	}
}

// others are the tables of a shard whose file lacks the columns, with these.
func others(dir string, all map[string][]column) (map[string][]column, error) {
	out := map[string][]column{}
	for _, name := range tableNames {
		p, err := openPart(dir, name)
		if err != nil {
			return nil, err
		}
		p.close()
		same := slices.EqualFunc(p.Columns, all[name], func(have string, c column) bool { return have == c.name })
		for i := 0; same && i < len(p.Columns); i++ {
			c, of := all[name][i], p.members[i]
			same = (of == nil) == (c.member == nil) && (of == nil || *of == *c.member) && p.Kinds[i].SameForm(c.kinds)
			same = same && (c.kinds == 0) == (p.Kinds[i] == 0)
		}
		if !same {
			out[name] = all[name]
		}
	}
	return out, nil
}

// rewrite writes tables of a shard with their columns, and takes over the other files. It
// returns false if another process has replaced the shard meanwhile.
func (t *Target) rewrite(ctx context.Context, dir, projection string, manifest []byte, other map[string][]column) (done bool, err error) {
	next, err := aside.Make(dir)
	if err != nil {
		return false, err
	}
	defer next.Remove()
	if err := os.Mkdir(next.Next(), 0o777); err != nil {
		return false, err
	}
	for _, name := range tableNames {
		if cols, ok := other[name]; ok {
			err = rewriteTable(ctx, dir, next.Next(), name, projection, cols)
		} else {
			err = takeOver(ctx, dir, next.Next(), name+".parquet")
		}
		if err != nil {
			return false, err
		}
	}
	if err := takeOver(ctx, dir, next.Next(), headsName); err != nil {
		return false, err
	}
	err = create(ctx, filepath.Join(next.Next(), manifestName), func(w io.Writer) error {
		_, err := w.Write(manifest)
		return err
	})
	if err != nil {
		return false, err
	}
	if now, err := os.ReadFile(filepath.Join(dir, manifestName)); err != nil || !bytes.Equal(now, manifest) {
		return false, ignoreMissing(err)
	}
	if err := next.Swap(); err != nil {
		return false, err
	}
	if was, err := os.ReadFile(filepath.Join(next.Next(), manifestName)); err == nil && !bytes.Equal(was, manifest) {
		return false, next.Swap() // it was replaced in between: that content is the newer one
	}
	return true, nil
}

func rewriteTable(ctx context.Context, from, to, name, projection string, cols []column) error {
	old, err := openPart(from, name)
	if err != nil {
		return err
	}
	defer old.close()
	rows, err := parquetfile.NewRows()
	if err != nil {
		return err
	}
	defer rows.Close()
	rows.Quoted = true
	f := &file{name: name, rows: rows}
	for i, c := range cols {
		f.cols = append(f.cols, parquetfile.Column{Name: c.name, From: i, Empty: c.empty, Also: c.kinds})
		f.members = append(f.members, c.member)
	}
	if err := old.copy(ctx, f, func(string) bool { return true }); err != nil {
		return err
	}
	if err := writeTable(ctx, to, f, projection); err != nil {
		return err
	}
	if f.n != old.Len {
		return errors.New("rows were lost")
	}
	return nil
}
