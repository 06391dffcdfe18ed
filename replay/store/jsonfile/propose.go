package jsonfile

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/propose"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A trial is a sample as a table: its columns are the members.
type trial struct {
	sample  *sample
	options source.Options
}

// maxMembers bounds the members that a proposal is looked for in.
const maxMembers = 200

// propose adds to the error of an unknown form what the events may be read by.
func (r *reader) propose(ctx context.Context, unknown *source.UnknownDialectError, first *sample) error {
	tr := &trial{sample: first, options: source.Options{TimeZone: r.options.TimeZone, TempDir: r.options.TempDir}}
	name := filepath.Base(r.src.Path)
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	t := &table.Table{Name: name}
	names := first.names()
	if len(names) > maxMembers {
		unknown.Missing = []string{fmt.Sprintf("its first events have %d different members, unlike events", len(names))}
		return nil
	}
	for _, column := range names {
		t.Cols = append(t.Cols, table.Column{Name: column})
	}
	rows := tr.rows(t)
	for i := range t.Cols {
		if isSerial(t.Cols[i].Name, i, rows) {
			t.Uniques = append(t.Uniques, []string{strings.ToLower(t.Cols[i].Name)})
		}
	}
	proposals, missing, err := propose.Tables(ctx, tr, map[string]*table.Table{name: t})
	if err != nil {
		return err
	}
	for i := range proposals {
		p := &proposals[i]
		p.Table = ""
		for field, order := range map[string]string{"position": "rowid", "version": "#rowid"} {
			if p.Map[field] == order && !first.has("rowid") {
				delete(p.Map, field) // it is so without being said
			}
		}
	}
	for i := range missing {
		missing[i] = strings.TrimPrefix(missing[i], "table "+name+": ")
	}
	unknown.Proposals, unknown.Missing = proposals, missing
	return nil
}

// Sample returns the first events as rows.
func (tr *trial) Sample(of *table.Table, rows int) (*propose.Sample, error) {
	all := tr.rows(of)
	return &propose.Sample{Rows: all[:min(rows, len(all))], Whole: tr.sample.whole && len(all) <= rows, Events: true}, nil
}

func (tr *trial) rows(of *table.Table) [][]cell.Value {
	rows := make([][]cell.Value, len(tr.sample.events))
	for i, members := range tr.sample.events {
		row := make([]cell.Value, len(of.Cols))
		for k := range of.Cols {
			t := term{path: []string{of.Cols[k].Name}}
			if v, ok := t.in(members, nil); ok {
				row[k] = valueOf(v)
			}
		}
		rows[i] = row
	}
	return rows
}

// valueOf is a JSON value as a column would have it.
func valueOf(m cell.Member) cell.Value {
	m = plain(m)
	switch c := m.Value[0]; {
	case m.IsNull():
		return cell.Value{}
	case c == '"':
		text, f := m.Text()
		if f != nil {
			return cell.Value{Kind: cell.Text, B: m.Value}
		}
		return cell.Value{Kind: cell.Text, B: text}
	case c == '{' || c == '[':
		return cell.Value{Kind: cell.Text, B: m.Value}
	case c == 't' || c == 'f':
		n := int64(0)
		if c == 't' {
			n = 1
		}
		return cell.Value{Kind: cell.Int, Num: n}
	}
	if n, ok := cell.WholeNumber(m.Value); ok {
		return cell.Value{Kind: cell.Int, Num: n}
	}
	f, _ := strconv.ParseFloat(string(m.Value), 64)
	return cell.Value{Kind: cell.Real, Real: f}
}

// isSerial reports whether a member numbers or names the events of a file, which has no
// index to say so: it is called so, and no two events have the same value.
func isSerial(name string, at int, rows [][]cell.Value) bool {
	if !propose.NamesRow(name) {
		return false
	}
	seen := map[string]bool{}
	for _, row := range rows {
		v := string(row[at].Text())
		if row[at].Kind == cell.Null || seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// Open reads the sample by a proposal.
func (tr *trial) Open(_ *table.Table, by *source.Proposal, _ int) (replay.Reader, error) {
	o := tr.options
	o.Map = by.Map
	o.Stdin = strings.NewReader("[" + string(bytes.Join(tr.sample.texts, []byte{','})) + "]")
	return open(context.Background(), "-", o)
}

// wrapping lists the keys under which files have rows of any form.
var wrapping = []string{"events", "entries", "rows", "records", "messages", "journal", "log", "data", "results", "value"}

// holdsRows reports whether an array within an object holds the events. With a mapping
// they are where the stream is; without one, they look like events, and the object does
// not.
func (r *reader) holdsRows(key string, outer []string, first []cell.Member) bool {
	if len(r.options.Map) > 0 {
		return r.mapsTo(outer, first)
	}
	fits := func(c source.Field, names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return source.Fits(c, snakeCase(n)) > 0 })
	}
	if !slices.Contains(wrapping, key) || fits(source.Stream, outer) {
		return false
	}
	for _, f := range []form{nativeJSON, cloudEvents, eventSourcingDB} {
		if f.fits(first) {
			return true
		}
	}
	var names []string
	for i := range first {
		names = append(names, string(first[i].Key))
	}
	return fits(source.Stream, names) && fits(source.Type, names)
}

// mapsTo reports whether the mapping names members of the first element, and none of the
// object around it.
func (r *reader) mapsTo(outer []string, first []cell.Member) bool {
	b := mapBuilder{fields: r.options.Map, m: &mapping{used: map[string]bool{}}, first: &sample{events: [][]cell.Member{first}}}
	for _, c := range []source.Field{source.Stream, source.Type, source.Data} {
		to := r.options.Map[source.FieldNames[c]]
		if to == "" || to == "*" {
			continue
		}
		e, err := b.parse(c, to)
		if err != nil {
			return false
		}
		named := false
		for _, t := range e.Terms {
			if t.Literal == nil {
				if named = true; !b.first.has(t.Name) || slices.Contains(outer, t.Name) {
					return false
				}
			}
		}
		if named {
			return true
		}
	}
	return false
}

// snakeCase converts a key to the usual form of column names: aggregateId, AggregateID
// and aggregate-id become aggregate_id.
func snakeCase(key string) string {
	var b strings.Builder
	lower := false
	for _, r := range strings.ReplaceAll(key, "-", "_") {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
