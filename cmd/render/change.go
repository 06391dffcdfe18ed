package render

import (
	"math"

	"asof/replay/state"
)

const (
	changeCols  = 120 // that a value of a change may take where there is no terminal
	changeLines = 20  // that a value of a change may take
	pathCols    = 40  // up to which paths are padded, so that values stand in a column
	pathMost    = 120 // that a path may take where there is no terminal
)

// A changeView prints changes, one a line where they fit:
//
//	~ /items/0/qty  3 → 1
//	+ /discount     15.00
//	- /coupon       "SPRING15"
type changeView struct {
	p      *Printer
	indent int
	path   int // columns of the paths
	value  int // the column where values begin
	end    int // the column that nothing goes beyond
}

// Changes prints what changed.
func (p *Printer) Changes(cs []state.Change) {
	p.changes(cs, 2, len(cs))
}

// changes prints at most so many changes, and how many there are beyond.
func (p *Printer) changes(cs []state.Change, indent, most int) {
	v := changeView{p: p, indent: indent, end: math.MaxInt}
	shown := cs[:min(most, len(cs))]
	aligned, longest := pathCols, pathMost
	if p.o.Width > 0 {
		v.end = max(p.o.Width, indent+40)
		aligned = min(pathCols, v.end*2/5)
		longest = v.end - indent - 2
	}
	for _, c := range shown {
		if w, ok := widthUpTo(string(pathText(c.Path, longest)), aligned); ok {
			v.value = max(v.value, w)
		}
	}
	v.value += indent + 4
	v.path = longest
	for _, c := range shown {
		v.change(c)
	}
	if n := len(cs) - len(shown); n > 0 {
		p.pad(indent)
		p.dim("… " + count(int64(n), "more change", "more changes"))
		p.newline()
	}
}

// pathText is a path in at most so many columns: its middle is what is left out.
func pathText(path string, cols int) safe {
	if path == "" {
		return "(root)"
	}
	return cutMiddle(path, cols)
}

// cutMiddle is s in at most so many columns.
func cutMiddle(s string, cols int) safe {
	if len(s) <= 4*cols {
		c := clean(s)
		if _, ok := widthUpTo(string(c), cols); ok {
			return c
		}
	}
	room := max(8, cols-width(leftOut(len(s)))-1)
	head := prefixLen(s, room/2, false)
	tail := head + suffixStart(s[head:], room/2, false)
	return clean(s[:head]) + leftOut(tail-head) + "…" + clean(s[tail:])
}

func (v *changeView) change(c state.Change) {
	m, val, pal := v.p.st.tilde(), c.To, palette{}
	switch c.Op {
	case state.OpAdd:
		m, pal = v.p.st.plus(), mono(v.p.st.added)
	case state.OpRemove:
		m, val, pal = v.p.st.minus(), c.From, mono(v.p.st.removed)
	case state.OpReplace:
	}
	v.mark(m)
	v.p.text(pathText(c.Path, v.path))
	start := max(v.p.col+2, v.value)
	room := changeCols
	if v.p.o.Width > 0 {
		room = v.end - start
	}
	switch {
	case c.Op == state.OpReplace:
		v.replace(c, start, room)
	case room < leastCols && inlineWidth(val, room) > room:
		v.below(m, val, pal, 0)
	default:
		v.p.pad(start)
		v.whole(m, val, pal, room, 0)
	}
	v.p.newline()
}

func (v *changeView) mark(m mark) {
	v.p.pad(v.indent)
	v.p.put(m.paint, m.sign)
	v.p.text(" ")
}

// whole prints a value on the line that is begun, if it fits there; a container
// that doesn't goes on over the next lines, each with its mark.
func (v *changeView) whole(m mark, val state.Value, pal palette, room, indent int) {
	if !val.IsContainer() {
		v.p.scalar(val, pal, room)
		return
	}
	if inlineWidth(val, room) <= room {
		v.p.inline(val, pal)
		return
	}
	end := v.indent + changeCols
	if v.p.o.Width > 0 {
		end = v.end
	}
	lead := func() {
		v.mark(m)
		v.p.pad(v.p.col + indent)
	}
	t := tree{p: v.p, pal: pal, lead: lead, end: end, compact: true}
	t.root(val, changeLines)
}

// below prints a value on a line of its own under its path. A string that is too
// long is shown from a byte on, which is where it differs.
func (v *changeView) below(m mark, val state.Value, pal palette, from int) {
	v.p.newline()
	v.mark(m)
	v.p.text("  ")
	room := changeCols
	if v.p.o.Width > 0 {
		room = v.end - v.p.col
	}
	if val.Kind() == state.String && from > 0 && quotedWidth(val.Text(), room) > room {
		v.p.window(val.Text(), from, pal.str, room)
		return
	}
	v.whole(m, val, pal, room, 2)
}

// replace prints old → new on one line, a string with its inner changes marked;
// or else both under the path.
func (v *changeView) replace(c state.Change, start, room int) {
	st := &v.p.st
	var words wordDiff
	if c.From.Kind() == state.String && c.To.Kind() == state.String {
		words = diffWords(c.From.Text(), c.To.Text())
		if words.helps() && words.fits(room) {
			v.p.pad(start)
			v.words(words, room)
			return
		}
	}
	if w := inlineWidth(c.From, room) + 3; w < room && w+inlineWidth(c.To, room-w) <= room {
		v.p.pad(start)
		v.p.inline(c.From, mono(st.removed))
		v.p.dim(" → ")
		v.p.inline(c.To, mono(st.added))
		return
	}
	if w := inlineWidth(c.From, room) + 3; !c.From.IsContainer() && c.To.IsContainer() && w+leastCols <= room {
		v.p.pad(start)
		v.p.inline(c.From, mono(st.removed))
		v.p.dim(" → ")
		v.whole(st.plus(), c.To, mono(st.added), room-w, 0)
		return
	}
	v.below(st.minus(), c.From, mono(st.removed), len(words.before))
	v.below(st.plus(), c.To, mono(st.added), len(words.before))
}
