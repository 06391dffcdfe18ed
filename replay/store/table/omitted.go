package table

import (
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
)

// OfStreams is an omission of events that are of one stream each. The count ends in
// a condition, which that of the stream is put behind.
func OfStreams(what, count string) Omission { return Omission{What: what, Count: count, of: count} }

// OnlyWhere narrows the events, and what is left out of their streams.
func (l *Layout) OnlyWhere(cond string) {
	l.Where = AndAlso(l.Where, cond)
	for i := range l.LeftOut {
		if o := &l.LeftOut[i]; o.of != "" {
			o.of += " AND " + cond
		}
	}
}

// Omitted returns what is left out of the stream, counted by one.
func (l *Layout) Omitted(f Flavour, id replay.StreamID, one func(sql string, args ...any) (cell.Value, error)) ([]string, error) {
	var out []string
	for _, o := range l.LeftOut {
		if o.of == "" {
			continue
		}
		b := builder{Layout: l, flavour: f}
		cond, ok := l.OfStream(f, b.arg, string(id))
		if !ok {
			return nil, nil // the store can't hold such a stream
		}
		v, err := one(o.of+" AND ("+cond+")", b.args...)
		if err != nil {
			return nil, err
		}
		if v.Num > 0 {
			out = append(out, fmt.Sprintf("%d %s", v.Num, o.What))
		}
	}
	return out, nil
}
