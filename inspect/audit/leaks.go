package audit

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A Survivor is a path with values that were erased elsewhere.
type Survivor struct {
	Path   string // indexes of arrays are *
	Events int64  // events with such a value there
}

const (
	// tellingText is the minimum length in bytes of an erased text that is looked
	// for elsewhere: shorter texts match by coincidence.
	tellingText = 4
	// foundBy is the maximum number of bytes of an erased text that are compared.
	foundBy = 48
)

// An erasedSet holds the hashes of everything that is erased anywhere in an export:
// texts, numbers as written and in canonical form, and names in erased containers.
type erasedSet struct {
	seed    maphash.Seed
	hashes  map[uint64]struct{} // rolling hashes of the first foundBy bytes
	lengths []int               // of the hashed texts
	tainted map[uint64]struct{} // stored payloads that contain something erased
	found   map[string]int64    // by path
	walk    walker
}

// erasedValues reads the store once before the export and returns what the redaction
// erases. It returns nil without a redaction.
func (x *Export) erasedValues(ctx context.Context, periods map[replay.StreamID]period) (*erasedSet, error) {
	if x.Redact.none() {
		return nil, nil
	}
	s := &erasedSet{
		seed: maphash.MakeSeed(), hashes: map[uint64]struct{}{}, found: map[string]int64{},
		tainted: map[uint64]struct{}{},
	}
	var p parsers
	q := inOrder(x.Reader.Info())
	q.Stored = true
	for e, err := range x.Reader.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		c, _ := p.content(e)
		texts, err := x.Redact.erasedTexts(&c)
		if err != nil {
			return nil, err
		}
		inData, inMeta, err := x.Redact.parts(&c)
		if err != nil {
			return nil, err
		}
		if st := e.Stored; st != nil && (inData || inMeta || len(texts) > 0) {
			s.tainted[maphash.Bytes(s.seed, st.Data)] = struct{}{}
		}
		if x.Select.leftOut(e, periods) != "" {
			continue
		}
		for t := range texts {
			s.add(t)
		}
	}
	return s, nil
}

func (s *erasedSet) add(text string) {
	if len(text) < tellingText {
		return
	}
	n := min(len(text), foundBy)
	var h uint64
	for i := range n {
		h = roll(h, text[i])
	}
	s.hashes[h] = struct{}{}
	if !slices.Contains(s.lengths, n) {
		s.lengths = append(s.lengths, n)
	}
}

// rollBase is odd, so that no byte is lost.
const rollBase = 0x9e3779b97f4a7c15

func roll(h uint64, c byte) uint64 {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return h*rollBase + uint64(c) + 1
}

// shares reports whether an event with something erased has the same stored payload.
// This happens if a store keeps several events in one value.
func (s *erasedSet) shares(stored []byte) bool {
	if s == nil {
		return false
	}
	_, ok := s.tainted[maphash.Bytes(s.seed, stored)]
	return ok
}

// holds reports whether a text contains an erased text, ignoring the case of ASCII
// letters.
func (s *erasedSet) holds(text string) bool {
	for _, n := range s.lengths {
		if len(text) < n {
			continue
		}
		out := uint64(1) // the factor of the byte that leaves the window
		for range n {
			out *= rollBase
		}
		var h uint64
		for i := range len(text) {
			if h = roll(h, text[i]); i >= n {
				h -= out * roll(0, text[i-n])
			}
			if i < n-1 {
				continue
			}
			if _, ok := s.hashes[h]; ok {
				return true
			}
		}
	}
	return false
}

// stream looks for erased values in the name of a stream. It is called for every
// stream, since streams.json lists all of them.
func (s *erasedSet) stream(id replay.StreamID) {
	if s != nil && s.holds(string(id)) {
		s.found["the stream's id"]++
	}
}

// look finds erased values in the exported parts of an event.
func (s *erasedSet) look(l *leaf) error {
	seen := map[string]bool{}
	note := func(path, text string) {
		if len(text) < tellingText || seen[path] || !s.holds(text) {
			return
		}
		seen[path] = true
		s.found[path]++
	}
	s.walk.visit = func(_ []byte, tokens []string, v state.Value, whole bool) error {
		path := generalPath(tokens)
		if whole {
			note(path, string(state.AppendJSON(nil, v)))
		}
		switch v.Kind() {
		case state.String:
			note(path, v.Text())
		case state.Number:
			note(path, v.Text())
			note(path, state.Canonical(v.Text()))
		}
		for _, t := range tokens {
			note("a name in "+path, t)
		}
		return nil
	}
	return s.walk.each(&l.content)
}

// addErased adds the texts, numbers and names of an erased value.
func addErased(to map[string]bool, v state.Value) {
	switch v.Kind() {
	case state.String:
		to[v.Text()] = true
	case state.Number:
		if digits := strings.Trim(state.Canonical(v.Text()), "-"); len(digits) >= tellingText {
			to[v.Text()], to[digits] = true, true
		}
	}
	n := v.Node()
	if n == nil {
		return
	}
	for _, e := range n.Elems() {
		addErased(to, e)
	}
	n.Each(func(k string, e state.Value) bool {
		addName(to, k)
		addErased(to, e)
		return true
	})
}

// addName adds a name from an erased container if it looks like a value.
func addName(to map[string]bool, name string) {
	if isValue(name) {
		to[name] = true
	}
}

// generalPath returns a path with * for the indexes of arrays.
func generalPath(tokens []string) string {
	var b []byte
	for _, t := range tokens {
		if _, err := strconv.ParseUint(t, 10, 32); err == nil {
			t = "*"
		}
		b = state.AppendToken(b, t)
	}
	return string(bytes.ToValidUTF8(b, nil))
}

func (s *survey) survivors() []Survivor {
	if s.erased == nil {
		return nil
	}
	var out []Survivor
	for _, p := range slices.Sorted(maps.Keys(s.erased.found)) {
		out = append(out, Survivor{Path: p, Events: s.erased.found[p]})
	}
	slices.SortStableFunc(out, func(a, b Survivor) int { return cmp.Compare(b.Events, a.Events) })
	return out
}
