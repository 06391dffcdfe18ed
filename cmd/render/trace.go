package render

import (
	"asof/inspect"
)

// Traced prints a tree of causes, with the first cause at the top and the requested event
// marked with >.
func (p *Printer) Traced(t *inspect.Traced) {
	asked := t.Asked.Event
	p.put(p.st.strong, pointName(asked.Moment())+"  "+clean(asked.Type))
	p.text("  " + causeText(t))
	p.newline()
	p.newline()
	tab := &table{p: p, lookahead: logAhead, fitLast: true, cols: []column{{}, {}, {}, {most: 32}, {most: 24}, {}}}
	v := traceView{p: p, t: tab}
	v.tree(t.Root, "", "", 0)
	tab.end()
	if len(t.Other) == 0 {
		return
	}
	p.newline()
	p.dim("also of correlation " + clean(asked.Meta.Correlation) + ":")
	p.newline()
	tab = &table{p: p, lookahead: logAhead, fitLast: true, cols: tab.cols}
	v.t = tab
	for _, c := range t.Other {
		v.tree(c, "", "", 0)
	}
	tab.end()
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
}

// tree prints an event and the events it caused. own is the prefix of its line, below the
// prefix of theirs.
func (v *traceView) tree(c *inspect.Caused, own, below safe, depth int) {
	p, e := v.p, c.Event
	mark, st := safe(" "), paint{}
	if c.Asked {
		mark, st = ">", p.st.strong
	}
	name := cell{{p.st.dim, own}, {st, pointName(e.Moment())}}
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
	for i, k := range c.Caused {
		last := i == len(c.Caused)-1
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
