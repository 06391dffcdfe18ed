package table

import (
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/source"
)

// A Straight reads the versions of rows where they are stored, in the order of positions and
// without their numbers. The engine counts each row's while it reads them.
type Straight struct {
	All *Layout
	// Of returns the layout for the versions of one row, or false if no row has the name.
	Of func(stream string) (*Layout, bool, error)
	// CountTo returns SQL that counts the versions of one row up to the position that is its
	// parameter.
	CountTo func(stream string) (sql string, ok bool, err error)
	Untyped bool // see [RowHistory]
}

// Counts reports whether the events of a query can be read straight: without a filter, they
// begin with the first of all events or of a row, or are the last one.
func (s *Straight) Counts(q replay.Query) bool {
	if s == nil || q.Types != nil || q.Categories != nil || q.IDPrefix != "" {
		return false
	}
	of := len(Distinct(q.Streams))
	first, fromVersion := q.Versions.Lo()
	_, toVersion := q.Versions.Hi()
	_, fromPosition := q.Positions.Lo()
	switch {
	case fromPosition, q.Streams != nil && of != 1, of == 0 && (q.Order == replay.ByStream || fromVersion || toVersion):
		return false
	case q.Reverse:
		return q.Limit == 1 && !fromVersion && !toVersion
	}
	return !fromVersion || first <= 1
}

// Selected returns the query for the rows of a query that [Straight.Counts] reports.
func (*Straight) Selected(q replay.Query) replay.Query {
	q.Streams, q.Versions, q.Order = nil, replay.Span[replay.Version]{}, replay.ByPosition
	return q
}

// CountTo returns SQL that counts the versions up to the number that is its parameter. name is
// that of the table of versions.
func (s RowSource) CountTo(name string) string {
	return "SELECT count(*)" + s.from(name) + s.where(s.hasKey(), "v."+QuoteName(s.Versions.RowID())+" <= ?1")
}

// OfRow returns the source of the versions of the row with these parts of its name, and
// possibly of others, and conditions for its own: exact returns one for an expression that is a
// text, and match one for a column whose values are shown as a text, which an index serves.
func (s RowSource) OfRow(parts []string, exact func(e, text string) string, match func(c *Column, text string) string) (one RowSource, own string) {
	var conds, owns []string
	if s.Where != "" {
		conds = append(conds, s.Where)
	}
	for i, k := range append([]string{s.Table}, s.Keys...) {
		owns = append(owns, exact(k, parts[i]))
	}
	for i, name := range append([]string{columnOf(s.Table)}, s.Columns...) {
		if c := s.Versions.Column(name); c != nil {
			conds = append(conds, match(c, parts[i]))
		}
	}
	s.Where = strings.Join(conds, " AND ")
	return s, strings.Join(owns, " AND ")
}

// Straight returns the layout of the versions where they are stored, from SQL that yields
// them: those of the only source, whose order is the rowid. names and members are those of the layout.
func (h *RowHistory) Straight(l *Layout, s RowSource, name string, types RowTypes, names, members []string) *Layout {
	one := *h
	one.Sources = []RowSource{s}
	last := "v." + QuoteName(s.Versions.RowID()) + " AS position, " + one.payload(&s)
	for i, part := range s.Parts {
		last += fmt.Sprintf(", %s AS part%d", part, i)
	}
	for i, e := range members {
		last += fmt.Sprintf(", %s AS member%d", e, i)
	}
	for i, e := range names {
		last += fmt.Sprintf(", %s AS name%d", e, i)
	}
	out := l.ReadFrom("(" + one.Select(0, name, types, last) + ") AS asof_rows")
	for f := range source.NumFields {
		if out.Own[f] != "" {
			out.Own[f] = "asof_rows.own_" + source.FieldNames[f]
		}
	}
	out.Cols[source.Data], out.Cols[source.Version] = "asof_rows.data", ""
	for i := range s.Parts {
		out.Parts = append(out.Parts, fmt.Sprint("asof_rows.part", i))
	}
	for i := range members {
		out.Members = append(out.Members, fmt.Sprint("asof_rows.member", i))
	}
	if out.Names = []string{}; s.Late != nil {
		late := *s.Late
		late.SQL = "SELECT " + late.SQL + " FROM " + name + " AS v WHERE v." + QuoteName(s.Versions.RowID()) + " = ?1"
		out.Late = &late
	}
	for i := range names {
		out.Names = append(out.Names, fmt.Sprint("asof_rows.name", i))
	}
	if h.Untyped {
		out.Cols[source.Type] = ""
	}
	return out
}
