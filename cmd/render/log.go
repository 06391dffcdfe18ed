package render

import (
	"fmt"
	"iter"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// LogOptions controls how a log is printed.
type LogOptions struct {
	Changes bool // print what each event changed
}

const (
	logAhead   = 100 // rows collected before the first is printed
	patchAhead = 20  // the same with changes
	patchMost  = 100 // maximum changes printed for one event
)

// Log prints events as they arrive, one per line, on a terminal below a heading. A log of
// many streams also shows the stream and the position. Log returns the error of seq, after printing the events before
// it, or a write error.
func (p *Printer) Log(seq iter.Seq2[*inspect.Entry, error], o LogOptions) error {
	t := &table{p: p, lookahead: logAhead, heads: p.o.Width > 0, fitLast: true, cols: []column{
		{right: true}, {}, {head: "stream"}, {head: "ver", right: true}, {head: "type", most: 32}, {head: "actor", most: 24}, {head: "payload"},
	}}
	if p.o.Width > 0 && p.o.Width < narrowCols {
		t.cols[4].most, t.cols[5].most = 20, 12
	}
	if o.Changes {
		t.lookahead = patchAhead
	}
	defer t.end()
	return each(p, seq, func(e *inspect.Entry) {
		if t.heads && t.cols[1].head == "" {
			t.cols[0].head, t.cols[1].head = "ver", p.timeHead("time", len("2006-01-02 15:04:05")+tableGap)
			if e.Many {
				t.cols[0].head = "pos"
			}
		}
		t.add(p.logRow(e, o))
	})
}

// each calls f for all that comes, until the stream is broken that it is printed
// to.
func each[T any](p *Printer, seq iter.Seq2[T, error], f func(T)) error {
	for v, err := range seq {
		if err != nil {
			return err
		}
		if f(v); p.err != nil {
			return p.err
		}
	}
	return nil
}

func (p *Printer) logRow(e *inspect.Entry, o LogOptions) row {
	ev := e.Event
	one := func(st paint, s safe) cell {
		if s == "" {
			return nil
		}
		return cell{{st, s}}
	}
	kind := paint{}
	if o.Changes {
		kind = p.st.strong // the lines between make a heading of it
	}
	cells := []cell{
		nil,
		one(p.st.dim, p.clock(ev.Time)),
		nil,
		one(paint{}, integer(ev.Version)),
		one(kind, clean(ev.Type)),
		one(paint{}, clean(ev.Meta.Actor)),
		p.summary(ev),
	}
	if e.Many {
		if ev.Position != replay.NoPosition {
			cells[0] = one(p.st.dim, integer(ev.Position))
		}
		cells[2] = one(paint{}, clean(string(ev.Stream)))
	} else {
		cells[0], cells[3] = cells[3], nil
	}
	r := row{cells: cells}
	if o.Changes {
		changes := e.Changes
		r.below = func() { p.patch(changes, patchMost) }
	}
	return r
}

// patch prints the changes of one event below it.
func (p *Printer) patch(cs []state.Change, most int) {
	if len(cs) == 0 {
		p.text("    ")
		p.dim("(no change)")
		p.newline()
		return
	}
	p.changes(cs, 4, most)
}

// integer returns a version or position without separators, as the user types it.
func integer[T ~int64](n T) safe { return safe(fmt.Sprint(int64(n))) }
