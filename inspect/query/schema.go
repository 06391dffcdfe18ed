package query

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay"
)

// A Schema is what there is to ask.
type Schema struct{ Tables []TableSchema }

// A TableSchema describes a table.
type TableSchema struct {
	Name    string
	About   string
	Columns []string
	Row     []any // one of its rows; nil if it has none
}

// Schema describes the tables, with all members of the states as columns. A projection over
// many streams of a store that does not order their events has tables without rows, which
// say why.
func (db *DB) Schema() (*Schema, error) {
	lacks := map[*Projection]error{}
	for _, name := range db.names() {
		err := db.discover(Quoted(name))
		var unsupported *replay.UnsupportedError
		if i := slices.IndexFunc(db.tables, func(t *table) bool { return t.name == name && t.proj != nil && t.proj.Many != nil }); i >= 0 && errors.As(err, &unsupported) {
			lacks[db.tables[i].proj], err = err, nil
		}
		if err != nil {
			return nil, err
		}
	}
	out, err := db.schema(func(t *table) (string, bool) { return "", lacks[t.proj] == nil })
	if err != nil {
		return nil, err
	}
	for i, t := range db.tables {
		if err := lacks[t.proj]; err != nil {
			out.Tables[i].About += "; it cannot be queried: " + err.Error()
		}
	}
	return out, nil
}

// Known is [DB.Schema] without reading all states: the columns of a table of states are
// the members that its first streams have, and its row is of the first one. A table over
// many streams has no row.
func (db *DB) Known() (*Schema, error) {
	return db.schema(func(t *table) (string, bool) {
		if t.proj == nil {
			return "", true
		}
		id, ok := db.sampled[t.proj.Name]
		return fmt.Sprintf(" WHERE stream = '%s'", strings.ReplaceAll(string(id), "'", "''")), ok
	})
}

// schema describes the tables. rowOf returns the condition of a row to show, and whether
// there is one.
func (db *DB) schema(rowOf func(*table) (condition string, ok bool)) (*Schema, error) {
	var out Schema
	for _, t := range db.tables {
		s := TableSchema{Name: t.name, About: t.about()}
		var quoted []string
		for _, c := range t.cols {
			if !c.hidden {
				s.Columns, quoted = append(s.Columns, c.name), append(quoted, Quoted(c.name))
			}
		}
		if condition, ok := rowOf(t); ok {
			row, err := db.first(fmt.Sprintf("SELECT %s FROM %s%s LIMIT 1", strings.Join(quoted, ", "), Quoted(t.name), condition))
			if err != nil {
				return nil, err
			}
			s.Row = row
		}
		out.Tables = append(out.Tables, s)
	}
	return &out, nil
}

// first is the first row of an answer; nil: there is none.
func (db *DB) first(sql string) (first []any, err error) {
	answer, err := db.Query(sql)
	if err != nil {
		return nil, err
	}
	for row, err := range answer.Rows {
		if err != nil {
			return nil, err
		}
		first = append([]any{}, row...)
	}
	return first, nil
}

// Names are those of the tables and of their columns that are known without folding all
// states, as a statement has them.
func (db *DB) Names() (names []string, err error) {
	for _, name := range db.names() {
		if err := db.recall(Quoted(name)); err != nil {
			return nil, err
		}
	}
	for _, t := range db.tables {
		names = append(names, written(t.name))
		for _, c := range t.cols {
			if !c.hidden {
				names = append(names, written(c.name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (t *table) about() string {
	switch t.kind {
	case ofStreams:
		return "a row for each stream"
	case ofStates:
		return "a row for each " + t.proj.unit() + ": its state, " + t.proj.About + t.proj.shaped()
	case ofHistory:
		return "a row for each event: the state" + t.proj.ofUnit() + " after it" + t.proj.shaped()
	case ofChanges:
		return "a row for each change that an event made" + t.proj.toUnit()
	}
	return "a row for each event"
}

// unit is what a projection has one state for.
func (p *Projection) unit() string {
	switch {
	case p.Many == nil:
		return "stream"
	case p.Partitioned:
		return "partition"
	}
	return "projection"
}

func (p *Projection) ofUnit() string {
	if p.Partitioned {
		return " of its partition"
	}
	return ""
}

func (p *Projection) toUnit() string {
	if p.Partitioned {
		return " to the state of its partition"
	}
	return ""
}

// shaped tells the state from the result.
func (p *Projection) shaped() string {
	if p.Result == nil {
		return ""
	}
	return "; result is what transformBy and filterBy make of it"
}
