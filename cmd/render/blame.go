package render

import (
	"cmp"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

const (
	blameCols    = 120 // width of a value without a terminal
	blameDeepest = 100 // levels; a deeper container is shown as its size
	narrowCols   = 100 // width of a narrow terminal
	blameRoom    = 54  // columns of values that are enough next to any gutter
	gutterMost   = 24  // width of an actor or a type on a terminal
	gutterNarrow = 14  // the same on a narrow one
)

// A gutterForm is what the gutter of a blame shows of an event.
type gutterForm struct {
	time string // layout; empty: no time
	most int    // width of an actor or a type; 0: no limit
	who  bool   // show the actor
}

// gutterForms are the forms of a gutter on a terminal, the widest first. The first is used
// that leaves enough room for values, or more than it takes.
var gutterForms = []gutterForm{
	{"2006-01-02 15:04:05", gutterMost, true},
	{time.DateOnly, gutterMost, true},
	{time.DateOnly, gutterNarrow, true},
	{"", gutterMost, true},
	{"", gutterNarrow, true},
	{"", gutterNarrow - 2, true},
	{"", gutterNarrow, false},
}

// Blamed prints a state, each line next to the event that set its value:
//
//	10  2026-01-22 11:26:01  pricing-service  CouponApplied  │   "discount": 15.00,
//
// A line that shows only a version has the same event as the line above it.
func (p *Printer) Blamed(b *inspect.Blamed) {
	v := blameView{p: p, b: b}
	v.measure()
	v.head()
	v.spot(b.Root(), nil, 0, false)
	v.legend()
}

// Porcelain prints one path per line for programs: version, position, time, actor,
// type, event id, how it was set, path and value. Fields are separated by tabs, and
// "-" marks a missing one. Times are RFC 3339 in UTC, values JSON.
func (p *Printer) Porcelain(b *inspect.Blamed) {
	b.Each(func(one inspect.PathBlame) bool {
		fields := []safe{"-", "-", "-", "-", "-", "-"}
		if e := one.By.Event; e != nil {
			fields[0] = integer(one.By.Moment.Version())
			if e.Position != replay.NoPosition {
				fields[1] = integer(e.Position)
			}
			if !e.Time.IsZero() {
				fields[2] = safe(e.Time.UTC().Format(time.RFC3339Nano))
			}
			for i, s := range []string{e.Meta.Actor, e.Type, e.ID} {
				if s != "" {
					fields[3+i] = clean(s)
				}
			}
		}
		for _, f := range fields {
			p.text(f + "\t")
		}
		p.text(safe(one.How) + "\t" + clean(one.Path) + "\t")
		p.text(safe(state.AppendSorted(nil, one.Value)))
		p.newline()
		return p.err == nil
	})
}

// A blameView prints a state line by line, each next to its origin.
type blameView struct {
	p      *Printer
	b      *inspect.Blamed
	above  *inspect.Origin // origin of the line above
	form   gutterForm
	widths [4]int // of version, time, actor and type
	edge   int    // the column of the line between gutter and state
	events int
	paths  int
	star   bool // a * was printed: the value was set with its container
	caret  bool // a ^ was printed: the value was set before the range
	deep   bool // a container was too deep to show
}

// measure counts paths and events, and chooses the form of the gutter.
func (v *blameView) measure() {
	seen := map[*inspect.Origin]bool{}
	var origins []*inspect.Origin
	add := func(o *inspect.Origin) {
		if o == nil || seen[o] {
			return
		}
		seen[o] = true
		origins = append(origins, o)
		if o.Event != nil {
			v.events++
		}
	}
	v.b.Each(func(one inspect.PathBlame) bool {
		v.paths++
		add(one.By)
		return true
	})
	v.eachContainer(v.b.Root(), 0, func(s inspect.Spot) { add(s.By()) })
	if v.p.o.Width <= 0 {
		v.fit(gutterForm{time: gutterForms[0].time, who: true}, origins)
		return
	}
	for _, f := range gutterForms {
		v.fit(f, origins)
		if v.edge < v.p.o.Width/2 || v.p.o.Width-v.edge >= blameRoom {
			return
		}
	}
}

// fit sets the form of the gutter, and its widths.
func (v *blameView) fit(f gutterForm, origins []*inspect.Origin) {
	v.form, v.widths, v.edge = f, [4]int{}, 0
	for _, o := range origins {
		for i, s := range v.gutter(o) {
			v.widths[i] = max(v.widths[i], width(s))
		}
	}
	for _, w := range v.widths {
		if w > 0 {
			v.edge += w + tableGap
		}
	}
}

// eachContainer calls f with each container that has its own opening line.
func (v *blameView) eachContainer(s inspect.Spot, depth int, f func(inspect.Spot)) {
	n := s.Value.Node()
	if n == nil || n.Len() == 0 || depth >= blameDeepest {
		return
	}
	f(s)
	for i := range n.Elems() {
		v.eachContainer(s.Elem(i), depth+1, f)
	}
	n.Each(func(key string, _ state.Value) bool {
		v.eachContainer(s.Member(key), depth+1, f)
		return true
	})
}

// gutter returns version, time, actor and type of an origin, as the gutter shows them.
func (v *blameView) gutter(o *inspect.Origin) [4]safe {
	e := o.Event
	if e == nil {
		if o.Before() {
			return [4]safe{"^"}
		}
		return [4]safe{"init"}
	}
	g := [4]safe{integer(o.Moment.Version()), "", "", clean(e.Type)}
	if v.form.time != "" {
		g[1] = v.p.timeAs(e.Time, v.form.time)
	}
	if v.form.who {
		g[2] = clean(e.Meta.Actor)
	}
	if most := v.form.most; most > 0 {
		g[2], g[3] = cut(g[2], most), cut(g[3], most)
	}
	return g
}

func (v *blameView) head() {
	p := v.p
	what := pointName(v.b.Moment)
	if path := cmp.Or(v.b.Label, v.b.Path); path != "" {
		what += " " + pathText(path, pathMost)
	}
	p.put(p.st.strong, what+"  "+count(int64(v.paths), "path", "paths")+" set by "+count(int64(v.events), "event", "events"))
	if !v.b.From.IsStart() {
		p.dim(" after " + pointName(v.b.From))
	}
	p.newline()
	p.dim(p.foldedBy(v.b.Projection) + p.inZone(v.widths[1] > 0))
	if left := v.leftOut(); left != "" {
		p.dim("; too narrow for " + left)
	}
	p.newline()
	p.newline()
}

// leftOut names what the gutter has no room for.
func (v *blameView) leftOut() safe {
	switch {
	case !v.form.who:
		return "times and actors"
	case v.form.time == "":
		return "times"
	}
	return ""
}

// spot prints a spot and all inside it. key is the member's key; nil for an element or
// the root.
func (v *blameView) spot(s inspect.Spot, key *string, depth int, comma bool) {
	p, n := v.p, s.Value.Node()
	hasParts := n != nil && n.Len() > 0
	deep := hasParts && depth >= blameDeepest
	if !hasParts || deep {
		v.line(s.Last(), s.How() == inspect.HowSubtree && s.Last() == s.By(), depth)
		v.key(key, s.Value, deep)
		room := v.room()
		switch {
		case deep:
			v.deep = true
			p.put(p.st.dim, sizeOf(s.Value))
		case s.Value.IsAbsent():
			p.dim("(nothing)")
		default:
			p.scalarOrEmpty(s.Value, room)
		}
		v.comma(comma)
		return
	}
	brackets := bracketsOf(s.Value)
	v.line(s.By(), s.How() == inspect.HowSubtree, depth)
	v.key(key, s.Value, false)
	p.put(p.st.json.punct, brackets[:1])
	p.newline()
	left := n.Len()
	for i := range n.Elems() {
		left--
		v.spot(s.Elem(i), nil, depth+1, left > 0)
	}
	n.Each(func(k string, _ state.Value) bool {
		left--
		v.spot(s.Member(k), &k, depth+1, left > 0)
		return p.err == nil
	})
	v.line(nil, false, depth)
	p.put(p.st.json.punct, brackets[1:])
	v.comma(comma)
}

// room returns the number of columns left on the line.
func (v *blameView) room() int {
	if v.p.o.Width <= 0 {
		return blameCols
	}
	return max(leastCols/2, v.p.o.Width-v.p.col-1)
}

func (v *blameView) key(key *string, of state.Value, sizeOnly bool) {
	if key == nil {
		return
	}
	text, left := quoteCut(*key, max(leastCols/2, keyRoom(v.room(), of, sizeOnly)))
	v.p.put(v.p.st.json.key, text)
	v.p.dim(left)
	v.p.put(v.p.st.json.punct, ": ")
}

func (v *blameView) comma(comma bool) {
	if comma {
		v.p.put(v.p.st.json.punct, ",")
	}
	v.p.newline()
}

// line starts a line with its gutter. withContainer marks a value that was set together
// with its container.
func (v *blameView) line(o *inspect.Origin, withContainer bool, depth int) {
	p := v.p
	if o != nil {
		v.caret = v.caret || o.Before()
		at := 0
		for i, s := range v.gutter(o) {
			if v.widths[i] == 0 {
				continue
			}
			st := p.st.dim
			switch {
			case i > 0 && o == v.above:
				s = ""
			case i == 0:
				p.pad(v.widths[0] - width(s))
				st = paint{}
			case i == 3:
				st = paint{}
			}
			if s != "" {
				p.pad(max(at, p.col))
				p.put(st, s)
			}
			at += v.widths[i] + tableGap
		}
		v.above = o
	}
	p.pad(v.edge - 1)
	sign := safe(" ")
	if withContainer {
		sign, v.star = "*", true
	}
	p.dim(sign + "│ ")
	indent := 2 * depth
	if p.o.Width > 0 { // leave room for the value however deep it is
		indent = min(indent, max(leastCols/3, p.o.Width-v.edge-leastCols))
	}
	p.pad(p.col + indent)
}

// legend explains the signs that were printed.
func (v *blameView) legend() {
	p := v.p
	if !v.star && !v.deep && !v.caret {
		return
	}
	p.newline()
	if v.star {
		p.dim("*  set together with the object or array around it")
		p.newline()
	}
	if v.caret {
		p.dim("^  set at " + pointName(v.b.From) + " or earlier")
		p.newline()
	}
	if v.deep {
		p.dim("…  too deep to show: give its PATH")
		p.newline()
	}
}

// scalarOrEmpty prints a scalar, cut to cols columns, or an empty container.
func (p *Printer) scalarOrEmpty(v state.Value, cols int) {
	if v.IsContainer() {
		p.inline(v, p.st.json)
		return
	}
	p.scalar(v, p.st.json, cols)
}
