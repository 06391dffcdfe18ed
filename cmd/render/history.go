package render

import (
	"cmp"
	"iter"
	"slices"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A HistoryHead says what a history lists.
type HistoryHead struct {
	Path   string
	Moment replay.Moment
	Events int  // in all
	Listed int  // of them
	Timed  bool // at least one has a time
}

// History prints events that set one path, newest first, each with the old and the new
// value. The head is asked for once the first of them is there, or the end.
func (p *Printer) History(seq iter.Seq2[*inspect.Entry, error], head func() HistoryHead) error {
	t := p.whoTable(logAhead)
	path, begun := "", false
	begin := func() {
		if begun {
			return
		}
		h := head()
		path, begun = h.Path, true
		p.historyHead(&h)
	}
	err := each(p, seq, func(e *inspect.Entry) {
		begin()
		t.add(p.historyRow(e, path))
	})
	if err == nil {
		begin()
	}
	t.end()
	return err
}

func (p *Printer) historyHead(h *HistoryHead) {
	p.put(p.st.strong, pointName(h.Moment)+" "+pathText(h.Path, pathMost)+"  set or changed by "+
		count(int64(h.Events), "event", "events"))
	if h.Listed < h.Events {
		p.dim(", " + number(int64(h.Listed)) + " of them listed")
	}
	p.dim(p.inZone(h.Timed))
	p.endText()
}

func (p *Printer) historyRow(e *inspect.Entry, path string) row {
	ev := e.Event
	r := row{cells: []cell{
		{{paint{}, integer(e.Moment.Version())}},
		textCell(p.st.dim, p.clock(ev.Time)),
		textCell(paint{}, clean(ev.Meta.Actor)),
		textCell(paint{}, clean(ev.Type)),
		nil,
	}}
	here := e.Here
	if len(here) == 1 && here[0].Name() == path {
		if c, ok := p.oldNew(here[0]); ok {
			r.cells[4] = c
			return r
		}
	}
	r.below = func() { p.changes(here, 4, patchMost) }
	return r
}

// historyCols is the maximum width of a value on the line of its event.
const historyCols = 30

// oldNew returns a change on one line, if it fits.
func (p *Printer) oldNew(c state.Change) (cell, bool) {
	side := func(v state.Value, st paint) (piece, bool) {
		if inlineWidth(v, historyCols) > historyCols {
			return piece{}, false
		}
		q := Printer{o: p.o}
		q.inline(v, palette{})
		return piece{st, safe(q.b)}, true
	}
	from, okFrom := side(c.From, p.st.removed)
	to, okTo := side(c.To, p.st.added)
	switch {
	case !okFrom || !okTo:
		return nil, false
	case c.Op == state.OpAdd:
		return cell{{p.st.added, "+ "}, to}, true
	case c.Op == state.OpRemove:
		return cell{{p.st.removed, "- "}, from}, true
	}
	return cell{from, {p.st.dim, " → "}, to}, true
}

// whoTable returns a table of version, time, actor, type and change.
func (p *Printer) whoTable(ahead int) *table {
	most := gutterMost
	if p.o.Width < narrowCols {
		most = gutterNarrow + 6 // fits most event types
	}
	return &table{p: p, lookahead: ahead, fitLast: true, cols: []column{{right: true}, {}, {most: most}, {most: most}, {}}}
}

func textCell(st paint, s safe) cell {
	if s == "" {
		return nil
	}
	return cell{{st, s}}
}

// Gone prints removed values, latest first, each with the event that removed it.
func (p *Printer) Gone(g *inspect.Gone) {
	what := pointName(g.Moment)
	if path := cmp.Or(g.Label, g.Path); path != "" {
		what += " " + pathText(path, pathMost)
	}
	p.put(p.st.strong, what+"  "+count(int64(len(g.Paths)), "removed path", "removed paths"))
	if !g.From.IsStart() {
		p.dim(" after " + pointName(g.From))
	}
	p.dim(p.inZone(slices.ContainsFunc(g.Paths, func(r inspect.Removal) bool { return !r.By.Event.Time.IsZero() })))
	p.endText()
	t := p.whoTable(patchAhead)
	for _, r := range g.Paths {
		e := r.By.Event
		change := state.Change{Op: state.OpRemove, Path: r.Path, Label: r.Label, From: r.Value}
		t.add(row{
			cells: []cell{
				{{paint{}, integer(r.By.Moment.Version())}},
				textCell(p.st.dim, p.clock(e.Time)),
				textCell(paint{}, clean(e.Meta.Actor)),
				textCell(paint{}, clean(e.Type)),
				nil,
			},
			below: func() { p.changes([]state.Change{change}, 4, 1) },
		})
	}
	t.end()
}
