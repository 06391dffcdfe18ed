package audit

import (
	"context"
	"hash/maphash"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"asof/replay"
	"asof/replay/state"
)

// An Erased is what a redaction erases in a history. It finds the same values elsewhere,
// such as an address that is also an actor, and withholds them there, too.
type Erased struct {
	redaction *Redaction
	set       *erasedSet
}

// Withheld stands for a text that holds an erased value.
const Withheld = "[withheld]"

// Erased reads events and returns what the redaction erases in them.
func (r *Redaction) Erased(events iter.Seq2[*replay.Event, error]) (*Erased, error) {
	s := &erasedSet{seed: maphash.MakeSeed(), hashes: map[uint64]struct{}{}, found: map[string]int64{}}
	var p parsers
	for e, err := range events {
		if err != nil {
			return nil, err
		}
		c, _ := p.content(e)
		texts, err := r.erasedTexts(&c)
		if err != nil {
			return nil, err
		}
		for t := range texts {
			s.add(t)
		}
	}
	return &Erased{r, s}, nil
}

// Text returns a text, or [Withheld] if it holds an erased value. Values of fewer than
// four bytes are in too many texts to be looked for.
func (x *Erased) Text(s string) string {
	if x.holds(s) {
		return Withheld
	}
	return s
}

// mostUnescaped is how often a text may be escaped: JSON in JSON in a script.
const mostUnescaped = 3

// holds reports whether a text holds an erased value, as it is or escaped as in JSON, in a
// script or in an address.
func (x *Erased) holds(s string) bool {
	for range mostUnescaped {
		if x.set.holds(s) {
			return true
		}
		if plain, err := url.PathUnescape(s); err == nil && plain != s && x.set.holds(plain) {
			return true
		}
		plain := unescaped(s)
		if plain == s {
			return false
		}
		s = plain
	}
	return x.set.holds(s)
}

// unescaped returns a text without one level of backslashes.
func unescaped(s string) string {
	if !strings.Contains(s, "\\") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if r, n := codePoint(s[i:]); n > 0 {
			b.WriteRune(r)
			i += n - 1
			continue
		}
		if at := strings.IndexByte("nrtbf", s[i]); at >= 0 {
			b.WriteByte("\n\r\t\b\f"[at])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// codePoint reads uXXXX, or two of them, at the start of a text.
func codePoint(s string) (r rune, n int) {
	unit := func(s string) (rune, bool) {
		if len(s) < 5 || s[0] != 'u' {
			return 0, false
		}
		u, err := strconv.ParseUint(s[1:5], 16, 16)
		return rune(u), err == nil
	}
	r, ok := unit(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) && strings.HasPrefix(s[5:], "\\u") {
		if low, ok := unit(s[6:]); ok {
			return utf16.DecodeRune(r, low), 11
		}
	}
	return r, 5
}

// Reader returns from without the erased values, wherever they are in an event. Types,
// categories and the names of streams stay, since folds and selections need them.
func (x *Erased) Reader(from replay.Reader) replay.Reader {
	return erasedReader{x.redaction.Reader(from), x}
}

// Survivors returns the places where the reader found erased values that the redaction
// does not name.
func (x *Erased) Survivors() []Survivor { return (&survey{erased: x.set}).survivors() }

type erasedReader struct {
	replay.Reader
	erased *Erased
}

func (r erasedReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		var p parsers
		for e, err := range r.Reader.Events(ctx, q) {
			if err == nil {
				r.erased.event(e, &p)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// event withholds erased values from an event.
func (x *Erased) event(e *replay.Event, p *parsers) {
	c, _ := p.content(e)
	seen := map[string]bool{}
	for _, s := range []struct {
		path string
		text *string
	}{{"/actor", &e.Meta.Actor}, {"/correlation_id", &e.Meta.Correlation}, {"/causation_id", &e.Meta.Causation}, {"/id", &e.ID}} {
		if x.holds(*s.text) {
			x.set.note(s.path, seen)
			*s.text = ""
		}
	}
	if v, hit := x.strip([]string{"data"}, c.data, seen); hit {
		e.Data = state.AppendJSON(nil, v)
	}
	if v, hit := x.strip([]string{"metadata"}, c.meta, seen); hit {
		e.Meta.Raw = state.AppendJSON(nil, v)
	}
	e.Stored = nil
	if e.Link != nil { // of whose metadata no path of a redaction speaks
		link := *e.Link
		link.Meta = nil
		e.Link = &link
	}
}

// note counts an event with an erased value at a path.
func (s *erasedSet) note(path string, seen map[string]bool) {
	if !seen[path] {
		seen[path] = true
		s.found[path]++
	}
}

// strip returns a value without erased ones. An element of an array becomes null.
func (x *Erased) strip(tokens []string, v state.Value, seen map[string]bool) (out state.Value, hit bool) {
	switch v.Kind() {
	case state.String, state.Number:
		if x.holds(v.Text()) || v.Kind() == state.Number && x.set.holds(state.Canonical(v.Text())) {
			x.set.note(generalPath(tokens[:min(len(tokens), wholeDepth)]), seen)
			return state.NullValue(), true
		}
		return v, false
	case state.Array:
		to := state.NewArray()
		for i, e := range v.Node().Elems() {
			e, gone := x.strip(append(tokens, string(state.AppendIndex(nil, i)[1:])), e, seen)
			hit = hit || gone
			to.Append(e)
		}
		return to.Value(), hit
	case state.Object:
		to := state.NewObject()
		v.Node().Each(func(k string, e state.Value) bool {
			if isValue(k) && x.holds(k) {
				x.set.note("a name in "+generalPath(tokens[:min(len(tokens), wholeDepth)]), seen)
				hit = true
				return true
			}
			e, gone := x.strip(append(tokens, k), e, seen)
			hit = hit || gone
			if !gone || e.IsContainer() {
				to.Set(k, e)
			}
			return true
		})
		return to.Value(), hit
	case state.Absent, state.Null, state.Bool:
	}
	return v, false
}

// isValue reports whether a name looks like a value. A plain word is more likely part of a
// schema.
func isValue(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' || r > unicode.MaxASCII })
}
