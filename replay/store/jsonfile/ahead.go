package jsonfile

import (
	"bytes"
	"fmt"
	"slices"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// How far a file is read ahead to understand a mapping, or to propose one.
const (
	aheadEvents = 2000
	aheadBytes  = 1 << 20
)

// A sequence hands out the texts of a file in turn. It may read ahead.
type sequence struct {
	split *Splitter
	ahead []Text
	err   error // after ahead
}

func (s *sequence) next() (Text, error) {
	if len(s.ahead) > 0 {
		t := s.ahead[0]
		s.ahead = s.ahead[1:]
		return t, nil
	}
	if s.err != nil {
		return Text{}, s.err
	}
	return s.split.next()
}

// A sample is the first events of a file, as far as they are JSON.
type sample struct {
	texts  [][]byte
	events [][]cell.Member
	whole  bool // the file has no others
}

// look reads ahead from a text, which stays the one that was read last.
func (s *sequence) look(first *Text) *sample {
	out := &sample{}
	size := 0
	add := func(t *Text) {
		t.Text = bytes.Clone(t.Text)
		size += len(t.Text)
		var scan cell.Scanner
		if members, f := scan.Object(t.Text); f == nil {
			out.texts, out.events = append(out.texts, t.Text), append(out.events, slices.Clone(members))
		}
	}
	add(first)
	for len(s.ahead) < aheadEvents && size < aheadBytes {
		t, err := s.split.next()
		if err != nil {
			s.err, out.whole = err, true
			break
		}
		add(&t)
		s.ahead = append(s.ahead, t)
	}
	return out
}

// has reports whether an event has a member of that name.
func (s *sample) has(name string) bool {
	return slices.ContainsFunc(s.events, func(m []cell.Member) bool { return cell.HasMember(m, name) })
}

// resolves reports whether a pointer leads to something in an event.
func (s *sample) resolves(at cell.Pointer) bool {
	t := term{path: at}
	return slices.ContainsFunc(s.events, func(m []cell.Member) bool {
		_, ok := t.in(m, nil)
		return ok
	})
}

// names returns the names of all members, in the order in which they occur.
func (s *sample) names() []string {
	var out []string
	seen := map[string]bool{}
	for _, members := range s.events {
		for i := range members {
			if name := string(members[i].Key); !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// missing is the error of a member that no event has.
func (s *sample) missing(name string) error {
	what := fmt.Sprintf("none of the first %d events has", len(s.events))
	switch {
	case len(s.events) == 1 && s.whole:
		what = "the only event does not have"
	case s.whole:
		what = fmt.Sprintf("none of the %d events has", len(s.events))
	}
	return source.Missing(fmt.Sprintf("%s a member %q", what, name), name, s.names())
}
