package audit

import (
	"context"
	"encoding/base64"
	"hash/maphash"
	"html"
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
	seen      map[uint64]struct{} // hashes of sightings
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
	return &Erased{r, s, map[uint64]struct{}{}}, nil
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
// script, in an address or in HTML, or in base64.
func (x *Erased) holds(s string) bool {
	for range mostUnescaped {
		if x.set.holds(s) || x.inBase64(s) {
			return true
		}
		if plain, err := url.PathUnescape(s); err == nil && plain != s && x.set.holds(plain) {
			return true
		}
		if plain := html.UnescapeString(s); plain != s && x.set.holds(plain) {
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

// inBase64 reports whether a part of a text is the base64 of something that holds an
// erased value, as in a token or in bytes within JSON.
func (x *Erased) inBase64(s string) bool {
	const least = (tellingText*8 + 5) / 6 // characters
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return !isBase64(r) })
		if n < 0 {
			n = len(s)
		}
		for from := 0; from < 4 && n-from >= least; from++ { // it may begin within the run
			plain := make([]byte, base64.RawStdEncoding.DecodedLen(n-from))
			k, _ := base64.RawStdEncoding.Decode(plain, []byte(standard.Replace(s[from:n]))) // what was read before an error counts
			if x.set.holds(string(plain[:k])) {
				return true
			}
		}
		s = s[min(n+1, len(s)):]
	}
	return false
}

// standard turns the base64 of addresses into that of everything else.
var standard = strings.NewReplacer("-", "+", "_", "/")

func isBase64(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/-_", r)
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
			seen[s.path] = true
			*s.text = ""
		}
	}
	if v, hit := x.strip([]string{"data"}, c.data, seen); hit {
		e.Data = state.AppendJSON(nil, v)
	}
	if v, hit := x.strip([]string{"metadata"}, c.meta, seen); hit {
		e.Meta.Raw = state.AppendJSON(nil, v)
	}
	x.count(e, seen)
	e.Stored = nil
	if e.Link != nil { // of whose metadata no path of a redaction speaks
		link := *e.Link
		link.Meta = nil
		e.Link = &link
	}
}

// count counts an event at the paths where it held erased values. The readers of several
// questions may come past it.
func (x *Erased) count(e *replay.Event, paths map[string]bool) {
	for path := range paths {
		at := maphash.Comparable(x.set.seed, sighting{e.Stream, e.Version, e.Position, path})
		if _, ok := x.seen[at]; !ok {
			x.seen[at] = struct{}{}
			x.set.found[path]++
		}
	}
}

// A sighting is an event that held erased values at a path.
type sighting struct {
	stream   replay.StreamID
	version  replay.Version
	position replay.Position
	path     string
}

// strip returns a value without erased ones. An element of an array becomes null.
func (x *Erased) strip(tokens []string, v state.Value, seen map[string]bool) (out state.Value, hit bool) {
	switch v.Kind() {
	case state.String, state.Number:
		if x.holds(v.Text()) || v.Kind() == state.Number && x.set.holds(state.Canonical(v.Text())) {
			seen[generalPath(tokens[:min(len(tokens), wholeDepth)])] = true
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
				seen["a name in "+generalPath(tokens[:min(len(tokens), wholeDepth)])] = true
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
