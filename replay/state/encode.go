package state

import (
	"cmp"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendJSON appends v as JSON without white space, members in the order of the
// tree. Numbers are as they were written.
//
// The text is safe on a terminal: control characters (C0, DEL, C1), the line
// separators U+2028 and U+2029 and the characters that turn the direction of
// text around are escaped. It is valid UTF-8, whatever the strings hold: half of a
// surrogate pair is escaped (\ud83d), and any other byte that is not UTF-8 becomes
// U+FFFD. Absent is written as null.
func AppendJSON(dst []byte, v Value) []byte {
	e := encoder{dst: dst}
	e.value(v, 0)
	return e.dst
}

// AppendSorted is [AppendJSON] with the members of each object sorted by key, in
// byte order.
func AppendSorted(dst []byte, v Value) []byte {
	e := encoder{dst: dst, sorted: true}
	e.value(v, 0)
	return e.dst
}

// maxIndent is the depth from which containers are written on one line:
// indenting 10,000 levels would take 200 MB for 20 kB of JSON.
const maxIndent = 100

// AppendIndent does as [AppendJSON] does, with each element and member on a line
// of its own that begins with one indent for each container it is in. What is
// more than 100 containers deep stays on one line.
func AppendIndent(dst []byte, v Value, indent string, sorted bool) []byte {
	e := encoder{dst: dst, sorted: sorted, indent: indent, lines: true}
	e.value(v, 0)
	return e.dst
}

// AppendQuoted appends s as a JSON string, escaped as [AppendJSON] does.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if plain[s[i]] && s[i] != 0x7f {
			i++
			continue
		}
		if s[i] < utf8.RuneSelf {
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, rune(s[i]))
			i++
			from = i
			continue
		}
		r, n := DecodeRune(s[i:])
		if unsafeRune(r) || r == utf8.RuneError && n == 1 || utf16.IsSurrogate(r) {
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, r)
			from = i + n
		}
		i += n
	}
	return append(append(dst, s[from:]...), '"')
}

// unsafeRune reports whether a rune beyond ASCII is escaped.
func unsafeRune(r rune) bool {
	switch {
	case r <= 0x9f: // C1
		return true
	case r < 0x2028 || r > 0x2069:
		return false
	}
	// Line and paragraph separators, embeddings, overrides and isolates.
	return r <= 0x202e || r >= 0x2066
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

type encoder struct {
	dst    []byte
	indent string
	lines  bool // each element and member on its own line
	sorted bool
	order  []member // the members of the objects being written, if sorted
}

func (e *encoder) value(v Value, depth int) {
	switch v.kind {
	case Absent, Null:
		e.dst = append(e.dst, "null"...)
	case Bool, Number:
		e.dst = append(e.dst, v.s...)
	case String:
		e.dst = AppendQuoted(e.dst, v.s)
	case Array:
		e.array(v.n, depth)
	case Object:
		e.object(v.n, depth)
	}
}

func (e *encoder) array(n *Node, depth int) {
	e.dst = append(e.dst, '[')
	for i, v := range n.elems {
		if i > 0 {
			e.dst = append(e.dst, ',')
		}
		e.line(depth + 1)
		e.value(v, depth+1)
	}
	if len(n.elems) > 0 && depth < maxIndent {
		e.line(depth)
	}
	e.dst = append(e.dst, ']')
}

func (e *encoder) object(n *Node, depth int) {
	ms, base := n.members, len(e.order)
	if e.sorted {
		e.order = append(e.order, n.members...)
		ms = e.order[base:]
		slices.SortStableFunc(ms, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	}
	e.dst = append(e.dst, '{')
	first := true
	for i := range ms {
		if ms[i].val.kind == Absent {
			continue
		}
		if !first {
			e.dst = append(e.dst, ',')
		}
		first = false
		e.line(depth + 1)
		e.dst = append(AppendQuoted(e.dst, ms[i].key), ':')
		if e.lines && depth < maxIndent {
			e.dst = append(e.dst, ' ')
		}
		e.value(ms[i].val, depth+1)
	}
	if !first && depth < maxIndent {
		e.line(depth)
	}
	e.dst = append(e.dst, '}')
	e.order = e.order[:base]
}

// line starts a line at that depth, unless it is too deep.
func (e *encoder) line(depth int) {
	if !e.lines || depth > maxIndent {
		return
	}
	e.dst = append(e.dst, '\n')
	for range depth {
		e.dst = append(e.dst, e.indent...)
	}
}
