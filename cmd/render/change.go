package render

import (
	"math"

	"asof/replay/state"
)

const (
	changeCols  = 120 // width of a value without a terminal
	changeLines = 20  // maximum lines of a value
	pathCols    = 40  // width up to which paths are padded to align values
	pathMost    = 120 // maximum width of a path without a terminal
)

// A changeView prints changes, one per line if they fit:
//
//	~ /items/0/qty  3 → 1
//	+ /discount     15.00
//	- /coupon       "SPRING15"
//	~ /items[id=7]  moved to index 2
type changeView struct {
	p      *Printer
	indent int
	path   int // maximum width of a path
	value  int // column where values begin
	end    int // right edge
}

// changes prints at most most changes, and how many more there are.
func (p *Printer) changes(cs []state.Change, indent, most int) {
	v := changeView{p: p, indent: indent, end: math.MaxInt}
	all := edits(cs)
	shown := all[:min(most, len(all))]
	aligned, longest := pathCols, pathMost
	if p.o.Width > 0 {
		v.end = max(p.o.Width, indent+40)
		aligned = min(pathCols, v.end*2/5)
		longest = v.end - indent - 2
	}
	for i := range shown {
		if w, ok := widthUpTo(string(pathText(shown[i].Name(), longest)), aligned); ok {
			v.value = max(v.value, w)
		}
	}
	v.value += indent + 4
	v.path = longest
	for _, e := range shown {
		v.edit(e)
	}
	if n := len(all) - len(shown); n > 0 {
		p.pad(indent)
		p.dim("… " + count(int64(n), "more change", "more changes"))
		p.newline()
	}
}

// pathText returns a path in at most cols columns, shortened in the middle.
func pathText(path string, cols int) safe {
	if path == "" {
		return "(root)"
	}
	return cutMiddle(path, cols)
}

// cutMiddle returns s in at most cols columns, shortened in the middle.
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

func (v *changeView) edit(e edit) {
	if !e.moved {
		v.change(e.Change)
		return
	}
	v.mark(v.p.st.tilde())
	v.p.text(pathText(e.Name(), v.path))
	v.p.pad(max(v.p.col+2, v.value))
	v.p.text(e.movedTo())
	v.p.newline()
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
	v.p.text(pathText(c.Name(), v.path))
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
		v.fullValue(m, val, pal, room, 0)
	}
	v.p.newline()
}

func (v *changeView) mark(m mark) {
	v.p.pad(v.indent)
	v.p.put(m.paint, m.sign)
	v.p.text(" ")
}

// fullValue prints a value on the current line if it fits. A larger container continues
// on the next lines, each with the mark.
func (v *changeView) fullValue(m mark, val state.Value, pal palette, room, indent int) {
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

// below prints a value on its own line under its path. A string that is too long is
// shown from byte offset from, where the two values differ.
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
	v.fullValue(m, val, pal, room, 2)
}

// replace prints old → new on one line, or a string with its changed words marked. If
// neither fits, it prints both values under the path.
func (v *changeView) replace(c state.Change, start, room int) {
	st := &v.p.st
	var diff wordDiff
	if c.From.Kind() == state.String && c.To.Kind() == state.String {
		diff = diffWords(c.From.Text(), c.To.Text())
		if diff.isReadable() && diff.fits(room) {
			v.p.pad(start)
			v.inlineDiff(diff, room)
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
		v.fullValue(st.plus(), c.To, mono(st.added), room-w, 0)
		return
	}
	v.below(st.minus(), c.From, mono(st.removed), len(diff.before))
	v.below(st.plus(), c.To, mono(st.added), len(diff.before))
}
