package report

import (
	"unicode/utf16"
	"unicode/utf8"

	"asof/replay/state"
)

// A Splice turns one text into another: Cut is taken out at a place, and Put goes there.
// The place is in UTF-16 code units, as scripts count.
type Splice struct {
	At       int
	Cut, Put string
}

// longText is the length in bytes from which a text is kept as a splice.
const longText = 256

// compact returns a change in as little memory as it needs.
func compact(c state.Change) Change {
	if c.Op != state.OpReplace || c.From.Kind() != state.String || c.To.Kind() != state.String {
		return Change{Change: c}
	}
	from, to := c.From.Text(), c.To.Text()
	if len(from) < longText || len(to) < longText || !utf8.ValidString(from) || !utf8.ValidString(to) {
		return Change{Change: c}
	}
	head, tail := common(from, to)
	if head+tail < min(len(from), len(to))/2 {
		return Change{Change: c}
	}
	s := &Splice{At: units(from[:head]), Cut: clone(from[head : len(from)-tail]), Put: clone(to[head : len(to)-tail])}
	c.From, c.To = state.Value{}, state.Value{}
	return Change{c, s}
}

// clone returns a copy that does not keep the long text around it in memory.
func clone(s string) string { return string([]byte(s)) }

// units counts UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// common returns the lengths of the beginning and of the end that two texts share, which
// do not overlap and split no character.
func common(a, b string) (head, tail int) {
	most := min(len(a), len(b))
	for head < most && a[head] == b[head] {
		head++
	}
	for head > 0 && (inside(a, head) || inside(b, head)) {
		head--
	}
	for tail < most-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for tail > 0 && (inside(a, len(a)-tail) || inside(b, len(b)-tail)) {
		tail--
	}
	return head, tail
}

// inside reports whether a place splits a character.
func inside(s string, at int) bool { return at < len(s) && !utf8.RuneStart(s[at]) }

// size is the approximate size of a change on the page.
func (c *Change) size() int64 {
	n := int64(2*len(c.Path) + 2*len(c.Label) + 100)
	if c.Splice != nil {
		return n + int64(len(c.Splice.Cut)+len(c.Splice.Put))
	}
	return n + int64(c.From.Size()+c.To.Size())
}
