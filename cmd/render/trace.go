package render

import (
	"asof/inspect"
)

// Traced prints the chain of causes of the requested event, the first cause at the top, and
// what the event caused. The event is marked with >. Other events of the first cause and
// of the correlation are counted; whole prints them.
func (p *Printer) Traced(t *inspect.Traced, whole bool) {
	asked := t.Asked.Event
	p.put(p.st.strong, pointName(asked.Moment())+"  "+clean(asked.Type))
	p.text("  " + causeText(t))
	p.dim(p.inZone(!asked.Time.IsZero()))
	p.endText()
	p.endText()
	tab := &table{p: p, lookahead: logAhead, fitLast: true, cols: []column{{}, {}, {}, {most: 32}, {most: 24}, {}}}
	v := traceView{p: p, t: tab}
	if !whole {
		v.chain = map[*inspect.Caused]bool{}
		for _, c := range t.Asked.Causes() {
			v.chain[c] = true
		}
	}
	v.tree(t.Root, "", "", 0)
	tab.end()
	if !whole {
		p.untraced(t, v.left)
		return
	}
	if len(t.Other) == 0 {
		return
	}
	p.endText()
	p.dim("also of correlation " + clean(asked.Meta.Correlation) + ":")
	p.endText()
	tab = &table{p: p, lookahead: logAhead, fitLast: true, cols: tab.cols}
	v.t = tab
	for _, c := range t.Other {
		v.tree(c, "", "", 0)
	}
	tab.end()
}

// untraced counts the events that the chain leaves out: those with a cause in common, and
// those of the same correlation.
func (p *Printer) untraced(t *inspect.Traced, left int) {
	var parts []safe
	if left > 0 {
		parts = append(parts, count(int64(left), "other event", "other events")+" of "+pointName(t.Root.Event.Moment()))
	}
	others := len(t.Other)
	for _, c := range t.Other {
		others += c.Count()
	}
	if others > 0 {
		parts = append(parts, count(int64(others), "more event", "more events")+" of correlation "+clean(t.Asked.Event.Meta.Correlation))
	}
	if len(parts) == 0 {
		return
	}
	p.endText()
	for i, part := range parts {
		p.dim("and " + part)
		if i == len(parts)-1 {
			p.dim(" (--all lists them)")
		}
		p.endText()
	}
}

// causeText says where the event stands.
func causeText(t *inspect.Traced) safe {
	s := safe("has no cause")
	causes := t.Asked.Causes()
	switch {
	case t.Asked.Looped:
		s = "is among its own causes"
	case len(causes) == 1:
		s = "was caused by " + pointName(causes[0].Event.Moment())
	case len(causes) > 1:
		s = "was caused by " + pointName(causes[0].Event.Moment()) + ", originally by " +
			pointName(t.Root.Event.Moment())
	case t.Asked.Missing != "":
		s = "was caused by " + clean(t.Asked.Missing) + ", which is not in this store"
	}
	switch direct, all := len(t.Asked.Caused), t.Asked.Count(); {
	case direct == 0:
		return s + "; it caused nothing"
	case direct == all:
		return s + "; it caused " + count(int64(direct), "event", "events")
	default:
		return s + "; it caused " + count(int64(direct), "event", "events") + ", " + number(int64(all)) + " including theirs"
	}
}

// traceDeepest is the depth below which branches are no longer drawn.
const traceDeepest = 24

type traceView struct {
	p *Printer
	t *table

	chain map[*inspect.Caused]bool // print only the chain below these; nil: print all
	left  int                      // events left out
}

// below returns the events to print below one: all that it caused or, on the chain to the
// requested event, the next of the chain.
func (v *traceView) below(c *inspect.Caused) []*inspect.Caused {
	if !v.chain[c] {
		return c.Caused
	}
	var next []*inspect.Caused
	for _, k := range c.Caused {
		if v.chain[k] || k.Asked {
			next = append(next, k)
		} else {
			v.left += 1 + k.Count()
		}
	}
	return next
}

// tree prints an event and the events it caused. own is the prefix of its line, below the
// prefix of theirs.
func (v *traceView) tree(c *inspect.Caused, own, below safe, depth int) {
	p, e := v.p, c.Event
	mark, st := safe(" "), paint{}
	if c.Asked {
		mark, st = ">", p.st.strong
	}
	point := pointName(e.Moment())
	if room := p.o.Width - width(point) - tableGap - 1; p.o.Width > 0 && width(own) > room {
		own = "…" + own[suffixStart(string(own), max(room-1, wrapIndent), false):]
	}
	name := cell{{p.st.dim, own}, {st, point}}
	note := cell(nil)
	switch {
	case c.Looped:
		note = cell{{p.st.dim, "among its own causes"}}
	case c.Missing != "":
		note = cell{{p.st.dim, "caused by " + clean(c.Missing) + ", not in this store"}}
	}
	v.t.add(row{cells: []cell{
		{{st, mark}},
		name,
		textCell(p.st.dim, p.clock(e.Time)),
		textCell(st, clean(e.Type)),
		textCell(p.st.dim, clean(e.Meta.Actor)),
		note,
	}})
	caused := v.below(c)
	for i, k := range caused {
		last := i == len(caused)-1
		switch {
		case depth >= traceDeepest:
			deep := below + "… " + number(int64(depth+1)) + " "
			if depth > traceDeepest {
				deep = below
			}
			v.tree(k, deep, below, depth+1)
		case last:
			v.tree(k, below+"└─ ", below+"   ", depth+1)
		default:
			v.tree(k, below+"├─ ", below+"│  ", depth+1)
		}
	}
}
