package audit

import (
	"cmp"
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"strconv"

	"asof/replay"
	"asof/replay/state"
)

// A Survivor is a path at which values stand that were erased elsewhere, and of
// how many events.
type Survivor struct {
	Path   string // indexes of arrays are *
	Events int64
}

// tellingText is the length in bytes from which a string that is erased in one
// place is looked for in others: shorter ones coincide.
const tellingText = 4

// erasedSet knows the strings that are erased anywhere in an export, by hash.
type erasedSet struct {
	seed   maphash.Seed
	hashes map[uint64]struct{}
	found  map[string]int64 // by path
	walk   walker
}

// erasedTexts goes through what is exported once before, to find the strings that
// the redaction erases. Nil without one.
func (x *Export) erasedTexts(ctx context.Context, periods map[replay.StreamID]period) (*erasedSet, error) {
	if x.Redact.none() {
		return nil, nil
	}
	s := &erasedSet{seed: maphash.MakeSeed(), hashes: map[uint64]struct{}{}, found: map[string]int64{}}
	var p parsers
	for e, err := range x.Reader.Events(ctx, inOrder(x.Reader.Info())) {
		if err != nil {
			return nil, err
		}
		if x.Select.leftOut(e, periods) != "" {
			continue
		}
		c, _ := p.content(e)
		texts, err := x.Redact.erasedTexts(&c)
		if err != nil {
			return nil, err
		}
		for t := range texts {
			if len(t) >= tellingText {
				s.hashes[maphash.String(s.seed, t)] = struct{}{}
			}
		}
	}
	return s, nil
}

// look finds erased values in what is handed out of an event.
func (s *erasedSet) look(l *leaf) error {
	seen := map[string]bool{}
	note := func(path, text string) {
		if len(text) < tellingText || seen[path] {
			return
		}
		if _, erased := s.hashes[maphash.String(s.seed, text)]; erased {
			seen[path] = true
			s.found[path]++
		}
	}
	note("the stream's id", string(l.event.Stream))
	s.walk.visit = func(_ []byte, tokens []string, v state.Value, _ bool) error {
		texts := map[string]bool{}
		addTexts(texts, v)
		for t := range texts {
			note(generalPath(tokens), t)
		}
		return nil
	}
	return s.walk.each(&l.content)
}

// generalPath is a path in which the indexes of arrays are *.
func generalPath(tokens []string) string {
	var b []byte
	for _, t := range tokens {
		if _, err := strconv.ParseUint(t, 10, 32); err == nil {
			t = "*"
		}
		b = state.AppendToken(b, t)
	}
	return string(b)
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
