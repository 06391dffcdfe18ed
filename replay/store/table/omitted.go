package table

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"asof/replay"
)

// An Omission is a part of the store that is not shown.
type Omission struct {
	What  string // several of it: "archived messages"
	One   string // one of it: "archived message"; empty if it is not countable
	Count string // SQL; empty if it is not countable

	// Lost says that what is left out may be events of any stream: no library left them out
	// on purpose.
	Lost bool

	// Anywhere says that each stream may lack some of it, and no count says which.
	Anywhere bool

	// of counts the omission in one stream, with the stream's condition appended; empty
	// if it does not belong to streams.
	of string
}

// Counted is an omission of rows whose noun takes an s if there are several. The rest follows
// the noun.
func Counted(noun, rest, count string) Omission {
	return Omission{What: noun + "s" + rest, One: noun + rest, Count: count}
}

// Lost is like Counted for rows that may be events of any stream.
func Lost(noun, rest, count string) Omission {
	o := Counted(noun, rest, count)
	o.Lost = true
	return o
}

// OfStreams is an omission whose rows each belong to one stream. Its count must end in a
// condition, to which the condition for a stream is appended.
func OfStreams(one, what, count string) Omission {
	return Omission{What: what, One: one, Count: count, of: count}
}

// LostOf is like Lost for rows of which some have a stream nevertheless. Its count must end in
// a condition, as that of [OfStreams].
func LostOf(noun, rest, count string) Omission {
	o := Lost(noun, rest, count)
	o.of = count
	return o
}

// OnlyWhere restricts the events and the omissions of their streams.
func (l *Layout) OnlyWhere(cond string) {
	l.Where = AndAlso(l.Where, cond)
	for i := range l.LeftOut {
		if o := &l.LeftOut[i]; o.of != "" {
			o.of += " AND " + cond
		}
	}
}

// undecided are rows for which the condition of a layout is NULL, such as a NULL where
// a library has deleted or not deleted. The count must end in a condition.
func undecided(count string) Omission {
	return LostOf("row", " with NULL in the column that tells events from other rows", count)
}

// neverNull reports whether a condition is surely true or false for every row: it is empty,
// or a list of columns that must not be NULL.
func neverNull(where string) bool {
	for term := range strings.SplitSeq(where, " AND ") {
		if where != "" && (!strings.HasSuffix(term, " IS NOT NULL") || strings.Contains(term, " OR ")) {
			return false
		}
	}
	return true
}

// omissions returns all that the layout leaves out.
func (l *Layout) omissions() []Omission {
	if neverNull(l.Where) {
		return l.LeftOut
	}
	return append(slices.Clip(l.LeftOut), undecided("SELECT count(*) FROM "+l.From+" WHERE ("+l.Where+") IS NULL"))
}

// counted counts an omission by its SQL, or by that for one stream. It returns "" for none.
func (b *Binding) counted(ctx context.Context, o *Omission, sql string, args ...any) (string, error) {
	v, err := b.one(ctx, sql, args...)
	if err != nil || v.Num == 0 {
		return "", err
	}
	return replay.Counted(v.Num, cmp.Or(o.One, o.What), o.What), nil
}

// Omitted describes the omissions in a stream, with counts.
func (b *Binding) Omitted(ctx context.Context, id replay.StreamID) ([]string, error) {
	l := b.Layout
	var out []string
	for _, o := range l.omissions() {
		if o.Anywhere {
			out = append(out, o.What)
		}
		if o.of == "" {
			continue
		}
		w := builder{Layout: l, flavour: b.engine.Flavour()}
		cond, ok := l.OfStream(w.flavour, w.arg, string(id))
		if !ok {
			return nil, nil // the store cannot contain such a stream
		}
		text, err := b.counted(ctx, &o, o.of+" AND ("+cond+")", w.args...)
		if err != nil {
			return nil, err
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out, nil
}

// Lost describes the omissions that may be events of any stream, with counts.
func (b *Binding) Lost(ctx context.Context) ([]string, error) {
	return b.countLeftOut(ctx, func(o *Omission) bool { return o.Lost })
}

// countLeftOut counts the omissions that match. Those without a count stand as they are.
func (b *Binding) countLeftOut(ctx context.Context, match func(*Omission) bool) ([]string, error) {
	var out []string
	for _, o := range b.Layout.omissions() {
		text := o.What
		if !match(&o) {
			continue
		}
		if o.Count != "" {
			var err error
			if text, err = b.counted(ctx, &o, o.Count); err != nil {
				return nil, err
			}
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out, nil
}
