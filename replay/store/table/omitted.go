package table

import (
	"context"
	"fmt"
	"slices"

	"asof/replay"
)

// OfStreams is an omission whose rows each belong to one stream. Its count must end in a
// condition, to which the condition for a stream is appended.
func OfStreams(what, count string) Omission { return Omission{What: what, Count: count, of: count} }

// OnlyWhere restricts the events and the omissions of their streams.
func (l *Layout) OnlyWhere(cond string) {
	l.Where = AndAlso(l.Where, cond)
	for i := range l.LeftOut {
		if o := &l.LeftOut[i]; o.of != "" {
			o.of += " AND " + cond
		}
	}
}

// rowsUndecided are rows for which the condition of a layout is NULL, such as a NULL where
// a library has deleted or not deleted.
const rowsUndecided = "rows with NULL in the column that tells events from other rows"

// undecided returns SQL that counts [rowsUndecided]. It ends in a condition.
func (l *Layout) undecided() string {
	return "SELECT count(*) FROM " + l.From + " WHERE (" + l.Where + ") IS NULL"
}

// Omitted describes the omissions in a stream, with counts.
func (b *Binding) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	l, f := b.Layout, b.engine.Flavour()
	all := l.LeftOut
	if l.Where != "" {
		all = append(slices.Clip(all), OfStreams(rowsUndecided, l.undecided()))
	}
	var out []string
	for _, o := range all {
		if o.of == "" {
			continue
		}
		w := builder{Layout: l, flavour: f}
		cond, ok := l.OfStream(f, w.arg, string(id))
		if !ok {
			return nil, nil // the store cannot contain such a stream
		}
		v, err := b.one(ctx, o.of+" AND ("+cond+")", w.args...)
		if err != nil {
			return nil, err
		}
		if v.Num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.Num, o.What))
		}
	}
	return out, nil
}
