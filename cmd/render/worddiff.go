package render

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A wordDiff splits two strings into their common prefix and suffix, and what differs
// between them.
type wordDiff struct{ before, old, new, after string }

// diffWords compares two strings. It extends the differing parts to whole words, unless
// a word is very long.
func diffWords(a, b string) wordDiff {
	pre := 0
	for pre < len(a) && pre < len(b) && a[pre] == b[pre] {
		pre++
	}
	for pre > 0 && (pre < len(a) && !utf8.RuneStart(a[pre]) || pre < len(b) && !utf8.RuneStart(b[pre])) {
		pre--
	}
	post := 0
	for post < len(a)-pre && post < len(b)-pre && a[len(a)-1-post] == b[len(b)-1-post] {
		post++
	}
	for post > 0 && !utf8.RuneStart(a[len(a)-post]) {
		post--
	}
	pre -= wordTail(a[:pre], a[pre:len(a)-post], b[pre:len(b)-post])
	post -= wordHead(a[len(a)-post:], a[pre:len(a)-post], b[pre:len(b)-post])
	return wordDiff{a[:pre], a[pre : len(a)-post], b[pre : len(b)-post], a[len(a)-post:]}
}

// longWord is the length in bytes above which a word may be split.
const longWord = 24

// wordTail returns how many bytes at the end of common belong to a word that continues
// in x or y.
func wordTail(common, x, y string) int {
	if !beginsInWord(x) && !beginsInWord(y) {
		return 0
	}
	n := 0
	for n < len(common) && n <= longWord {
		r, m := utf8.DecodeLastRuneInString(common[:len(common)-n])
		if !inWord(r) {
			return n
		}
		n += m
	}
	if n > longWord {
		return 0
	}
	return n
}

// wordHead returns how many bytes at the start of common belong to a word that
// began in x or y.
func wordHead(common, x, y string) int {
	if !endsInWord(x) && !endsInWord(y) {
		return 0
	}
	n := 0
	for n < len(common) && n <= longWord {
		r, m := utf8.DecodeRuneInString(common[n:])
		if !inWord(r) {
			return n
		}
		n += m
	}
	if n > longWord {
		return 0
	}
	return n
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func beginsInWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && inWord(r)
}

func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && inWord(r)
}

// leastCommon is the number of bytes that two strings must share to be shown as one.
const leastCommon = 4

// isReadable reports whether the strings are similar enough to be shown as one and
// contain none of the brackets that mark the difference.
func (d wordDiff) isReadable() bool {
	common := len(d.before) + len(d.after)
	longest := common + max(len(d.old), len(d.new))
	if common < leastCommon || common*2 < longest {
		return false
	}
	for _, bracket := range []string{"[-", "-]", "{+", "+}"} {
		for _, s := range []string{d.before, d.old, d.new, d.after} {
			if strings.Contains(s, bracket) {
				return false
			}
		}
	}
	return true
}

// wordContext is the width of common text shown on each side.
const wordContext = 12

// changedWidth returns the width of the differing parts, brackets included, or some
// number above limit.
func (d wordDiff) changedWidth(limit int) int {
	w := 0
	for _, s := range []string{d.old, d.new} {
		if s != "" {
			w += 4 + quotedWidth(s, limit) - 2
		}
	}
	return w
}

// fits reports whether the strings can be shown as one in room columns, with some
// common text on each side.
func (d wordDiff) fits(room int) bool {
	least := 2
	for _, s := range []string{d.before, d.after} {
		w := quotedWidth(s, room) - 2
		least += min(w, wordContext+width(leftOut(len(s)))+1)
	}
	return d.changedWidth(room)+least <= room
}

// inlineDiff prints the strings as one: "12 Elm [-Street-]{+Road+}".
func (v *changeView) inlineDiff(d wordDiff, room int) {
	p := v.p
	room -= 2 + d.changedWidth(room)
	before, after := quotedWidth(d.before, room)-2, quotedWidth(d.after, room)-2
	half := room / 2
	switch {
	case before <= half:
		after = min(after, room-before)
	case after <= half:
		before = min(before, room-after)
	default:
		before, after = half, room-half
	}
	p.text(`"`)
	p.tail(d.before, before, p.st.dim)
	if d.old != "" {
		p.put(p.st.removed, "[-"+inQuotes(d.old)+"-]")
	}
	if d.new != "" {
		p.put(p.st.added, "{+"+inQuotes(d.new)+"+}")
	}
	p.head(d.after, after, p.st.dim)
	p.text(`"`)
}

// tail prints the end of s in at most cols columns.
func (p *Printer) tail(s string, cols int, st paint) {
	if quotedWidth(s, cols+2)-2 <= cols {
		p.put(st, inQuotes(s))
		return
	}
	at := suffixStart(s, max(0, cols-width(leftOut(len(s)))-1), true)
	p.dim(leftOut(at) + "…")
	p.put(st, inQuotes(s[at:]))
}

// head prints the beginning of s in at most cols columns.
func (p *Printer) head(s string, cols int, st paint) {
	if quotedWidth(s, cols+2)-2 <= cols {
		p.put(st, inQuotes(s))
		return
	}
	at := prefixLen(s, max(0, cols-width(leftOut(len(s)))-1), true)
	p.put(st, inQuotes(s[:at]))
	p.dim(leftOut(len(s)-at) + "…")
}

// window prints part of a long string in room columns, starting shortly before byte
// offset from.
func (p *Printer) window(s string, from int, st paint, room int) {
	room -= 2
	p.put(st, `"`)
	if quotedWidth(s[:from], room/2)-2 <= room/2 {
		p.put(st, inQuotes(s[:from]))
		room -= quotedWidth(s[:from], room) - 2
	} else {
		cols := wordContext + width(leftOut(from)) + 1
		p.tail(s[:from], cols, st)
		room -= cols
	}
	p.head(s[from:], room, st)
	p.put(st, `"`)
}
