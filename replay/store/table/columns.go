package table

import (
	"strings"

	"asof/replay"
	"asof/replay/store/source"
)

// columns writes the columns that a query needs, and where the statement has them.
func (b *builder) columns(st *Statement, q replay.Query) {
	want := b.wanted(q)
	n := 0
	add := func(e ...string) (at int) {
		if n > 0 {
			b.sql.WriteString(", ")
		}
		b.sql.WriteString(strings.Join(e, ", "))
		at = n
		n += len(e)
		return at
	}
	b.sql.WriteString("SELECT ")
	for c := range source.NumFields {
		st.Cols[c] = -1
		own := b.Own[c]
		switch {
		case !b.Has(c) || !want.Has(c):
		case c == source.Stream && b.Names != nil:
			at := n
			if len(b.Names) > 0 {
				add(b.Names...)
			}
			st.Names = [2]int{at, n}
		case c == source.Meta && b.Members != nil:
			st.Cols[c] = add(b.Members...)
			st.Members, st.Join = [2]int{st.Cols[c], n}, b.Join
		case own != "" && q.Stored:
			st.Cols[c] = add(own)
		case c == source.Data && b.Parts != nil && !q.Stored:
			at := add(b.Parts...)
			st.Parts, st.Assemble = [2]int{at, n}, b.Assemble
		default:
			st.Cols[c] = add(b.Cols[c])
		}
	}
	if st.Item = -1; b.Item != "" {
		st.Item = add(b.Item)
	}
}

// wanted returns the columns that a query needs.
func (l *Layout) wanted(q replay.Query) source.FieldSet {
	want := source.FieldsOf(source.Stream, source.Version, source.Position, source.Category, source.Type, source.Revision)
	if q.Skip&replay.FieldID == 0 || q.IDPrefix != "" {
		want |= source.FieldsOf(source.ID)
	}
	if q.Skip&replay.FieldTime == 0 {
		want |= source.FieldsOf(source.Time)
	}
	if q.Skip&replay.FieldMeta == 0 {
		want |= source.FieldsOf(source.Meta, source.Actor, source.Correlation, source.Causation)
	}
	if q.Skip&replay.FieldData == 0 || l.DataAlways || l.InData&^q.Skip != 0 {
		want |= source.FieldsOf(source.Data)
	}
	return want
}
