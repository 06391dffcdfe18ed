package render

import (
	"math"

	"asof/replay/state"
)

const (
	// shortCols is the maximum width of an array or object of scalars on one line.
	shortCols = 60
	// deepest is the depth from which a complete tree continues on one line:
	// indenting 10,000 levels would take 200 MB for 20 kB of JSON.
	deepest = 100
	// deepestCut is the depth at which a limited tree shows containers as sizes.
	deepestCut = 12
	// unlimited means no limit on lines or columns.
	unlimited = math.MaxInt
)

// A tree prints a value as indented JSON. The output is valid JSON if no limit is set.
type tree struct {
	p       *Printer
	pal     palette
	lead    func() // starts a line
	end     int    // column at which strings and numbers are cut
	compact bool   // nested containers also stay on one line if short
}

// leastCols is the minimum width of a value, even if it exceeds the terminal.
const leastCols = 24

// state prints a complete state as JSON and ends the line.
func (p *Printer) state(v state.Value) {
	t := tree{p: p, pal: p.st.json, lead: func() {}, end: unlimited}
	t.root(v, unlimited)
	p.newline()
}

// root prints a value in about lines lines at most. A non-empty container always gets
// several lines.
func (t *tree) root(v state.Value, lines int) {
	if v.IsContainer() && v.Node().Len() > 0 {
		t.open(v, 0, lines)
		return
	}
	t.value(v, 0, lines)
}

// value prints a value on the current line and returns roughly how many lines it
// added.
func (t *tree) value(v state.Value, depth, lines int) int {
	if !v.IsContainer() {
		t.p.scalar(v, t.pal, t.room())
		return 0
	}
	short := min(shortCols, t.end-t.p.col-1)
	if v.Node().Len() == 0 || (t.compact || flat(v)) && inlineWidth(v, short) <= short {
		t.p.inline(v, t.pal)
		return 0
	}
	switch {
	case lines == unlimited && depth >= deepest:
		t.p.inline(v, t.pal)
		return 0
	case sizeOnly(depth, lines):
		t.p.put(t.p.st.dim, sizeOf(v))
		return 0
	}
	return t.open(v, depth, lines)
}

// open prints a container over several lines. A nested container gets at most half of
// the remaining lines, which leaves some for what follows it.
func (t *tree) open(v state.Value, depth, lines int) int {
	n := v.Node()
	brackets := bracketsOf(v)
	t.p.put(t.pal.punct, brackets[:1])
	used, i, packs := 1, 0, false
	item := func(key *string, v state.Value) bool {
		if i > 0 {
			t.p.put(t.pal.punct, ",")
		}
		if packs && t.fits(v) {
			t.p.text(" ")
			t.p.inline(v, t.pal)
			i++
			return true
		}
		t.line(depth + 1)
		if used >= lines {
			t.p.dim("… " + more(n, n.Len()-i))
			return false
		}
		i++
		used++
		packs = t.compact && key == nil && !v.IsContainer()
		remaining := unlimited
		if lines != unlimited {
			remaining = (lines - used + 1) / 2
		}
		if key != nil {
			text, left := quoteCut(*key, keyRoom(t.room(), v, sizeOnly(depth+1, remaining)))
			t.p.put(t.pal.key, text)
			t.p.dim(left)
			t.p.put(t.pal.punct, ": ")
		}
		used += t.value(v, depth+1, remaining)
		return true
	}
	if n.Kind() == state.Object {
		n.Each(func(key string, v state.Value) bool { return item(&key, v) })
	} else {
		for _, v := range n.Elems() {
			if !item(nil, v) {
				break
			}
		}
	}
	t.line(depth)
	t.p.put(t.pal.punct, brackets[1:])
	return used + 1
}

func (t *tree) line(depth int) {
	t.p.newline()
	t.lead()
	t.p.pad(t.p.col + 2*depth)
}

// room returns the columns left for a value and a comma, or -1 for no limit.
func (t *tree) room() int {
	if t.end == unlimited {
		return -1
	}
	return max(leastCols, t.end-t.p.col-1)
}

// sizeOnly reports whether a container that doesn't fit on the line is printed as its
// size.
func sizeOnly(depth, lines int) bool {
	return lines != unlimited && (depth >= deepestCut || lines <= 1)
}

// keyRoom returns the maximum width of the key of v in that many columns. It leaves half
// of the line to the value if the value needs it, or room for the size of a container
// printed as its size.
func keyRoom(room int, v state.Value, sizeOnly bool) int {
	switch {
	case room < 0:
		return room
	case !v.IsContainer() || v.Node().Len() == 0:
		return room - 2 - min(inlineWidth(v, room/2), room/2)
	case sizeOnly:
		return room - 2 - width(sizeOf(v))
	}
	return room - 2 - len("{")
}

// fits reports whether v is a scalar that fits on the current line.
func (t *tree) fits(v state.Value) bool {
	room := t.end - t.p.col - 2
	return !v.IsContainer() && inlineWidth(v, room) <= room
}

// scalar prints a scalar in at most cols columns; a negative cols means no limit.
func (p *Printer) scalar(v state.Value, pal palette, cols int) {
	switch v.Kind() {
	case state.String:
		text, left := quoteCut(v.Text(), cols)
		p.put(pal.str, text)
		p.dim(left)
	case state.Number:
		text, left := clean(v.Text()), safe("")
		if cols >= 0 && len(text) > cols {
			n := max(1, cols-width(leftOut(len(text))))
			text, left = text[:n], leftOut(len(text)-n)
		}
		p.put(pal.num, text)
		p.dim(left)
	default:
		p.put(pal.word, word(v))
	}
}

// word returns true, false or null.
func word(v state.Value) safe {
	switch {
	case v.Kind() != state.Bool:
		return "null"
	case v.Bool():
		return "true"
	}
	return "false"
}

// inline prints a complete value on one line.
func (p *Printer) inline(v state.Value, pal palette) {
	if !v.IsContainer() {
		p.scalar(v, pal, -1)
		return
	}
	n, brackets := v.Node(), bracketsOf(v)
	p.put(pal.punct, brackets[:1])
	i := 0
	comma := func() {
		if i > 0 {
			p.put(pal.punct, ", ")
		}
		i++
	}
	n.Each(func(key string, v state.Value) bool {
		comma()
		p.put(pal.key, quote(key))
		p.put(pal.punct, ": ")
		p.inline(v, pal)
		return true
	})
	for _, v := range n.Elems() {
		comma()
		p.inline(v, pal)
	}
	p.put(pal.punct, brackets[1:])
}

// inlineWidth returns the width of a value on one line. It stops early and returns
// some number above limit if the width exceeds limit.
func inlineWidth(v state.Value, limit int) int {
	switch v.Kind() {
	case state.String:
		return quotedWidth(v.Text(), limit)
	case state.Number:
		return len(v.Text())
	case state.Array, state.Object:
	default:
		return len(word(v))
	}
	n := v.Node()
	w := 2 + 2*max(0, n.Len()-1)
	if w > limit {
		return w
	}
	n.Each(func(key string, v state.Value) bool {
		if w += quotedWidth(key, limit-w) + 2; w <= limit {
			w += inlineWidth(v, limit-w)
		}
		return w <= limit
	})
	for _, v := range n.Elems() {
		if w += inlineWidth(v, limit-w); w > limit {
			break
		}
	}
	return w
}

// quotedWidth returns the width of s as a JSON string, or some number above limit if
// the width exceeds limit.
func quotedWidth(s string, limit int) int {
	w := 2
	for len(s) > 0 && w <= limit {
		u := nextUnit(s, true)
		w += u.w
		s = s[u.n:]
	}
	return w
}

// flat reports whether a container holds only scalars and empty containers, and few
// enough to fit on a short line.
func flat(v state.Value) bool {
	n := v.Node()
	if n.Len() > shortCols {
		return false
	}
	ok := true
	check := func(v state.Value) bool {
		ok = !v.IsContainer() || v.Node().Len() == 0
		return ok
	}
	n.Each(func(_ string, v state.Value) bool { return check(v) })
	for _, v := range n.Elems() {
		if !check(v) {
			break
		}
	}
	return ok
}

func bracketsOf(v state.Value) safe {
	if v.Kind() == state.Array {
		return "[]"
	}
	return "{}"
}

// sizeOf returns the size of a container, such as {… 3 members}, to print in its place.
func sizeOf(v state.Value) safe {
	b, n := bracketsOf(v), v.Node()
	return b[:1] + "… " + sized(n, n.Len()) + b[1:]
}

func sized(n *state.Node, l int) safe {
	if n.Kind() == state.Array {
		return count(int64(l), "element", "elements")
	}
	return count(int64(l), "member", "members")
}

func more(n *state.Node, l int) safe {
	if n.Kind() == state.Array {
		return count(int64(l), "more element", "more elements")
	}
	return count(int64(l), "more member", "more members")
}

// oneLine prints a value in about cols columns. A scalar that doesn't fit is cut, and a
// container is shown as its size.
func (p *Printer) oneLine(v state.Value, pal palette, cols int) {
	switch {
	case inlineWidth(v, cols) <= cols:
		p.inline(v, pal)
	case v.IsContainer():
		p.put(pal.punct, sizeOf(v))
	default:
		p.scalar(v, pal, cols)
	}
}
