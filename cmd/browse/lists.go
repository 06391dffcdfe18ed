package browse

import (
	"context"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

const (
	// pageRows is how many streams one question lists.
	pageRows = 200
	// maxMatches bounds the streams that a filter lists.
	maxMatches = 2000
	// reportEvery is how many streams a filter looks at before it shows what it has.
	reportEvery = 20_000
)

// A streamPage is a part of the list of streams. Its rows have an id alone.
type streamPage struct {
	rows []replay.Stream
	more bool // streams come after it
}

// streams lists a page of the streams, from either end.
func (s *session) streams(ctx context.Context, after replay.StreamID, reverse bool) (p streamPage, err error) {
	_, err = s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
		p = streamPage{}
		q := replay.StreamQuery{After: after, Reverse: reverse, Limit: pageRows + 1, IDsOnly: true}
		for one, err := range store.Reader.Streams(ctx, q) {
			if err != nil {
				return err
			}
			p.rows = append(p.rows, one)
		}
		if p.more = len(p.rows) > pageRows; p.more {
			p.rows = p.rows[:pageRows]
		}
		return nil
	})
	return p, err
}

// matches are the streams that a filter found.
type matches struct {
	text   string
	rows   []replay.Stream
	looked int  // streams that were looked at
	done   bool // all of them
	full   bool // there may be more than rows lists
}

// filter looks for the streams that match a text, and yields what it has from time to
// time, and at the end.
func (s *session) filter(ctx context.Context, text string) iter.Seq2[matches, error] {
	return func(yield func(matches, error) bool) {
		m := matches{text: text}
		stopped := false
		_, err := s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
			m.rows, m.looked, m.full = nil, 0, false
			f := newFuzzy(text)
			var loose []replay.Stream // that match, but not in one piece
			show := func() bool {
				now := m
				now.rows = slices.Concat(m.rows, loose)
				now.rows = now.rows[:min(len(now.rows), maxMatches)]
				return yield(now, nil)
			}
			for one, err := range (ask.Streams{StoreRef: s.o.Ref}).Of(ctx, store) {
				if err != nil {
					return err
				}
				switch how := f.match(one.Stream); {
				case how == solid && len(m.rows) < maxMatches:
					m.rows = append(m.rows, one.Stream)
				case how == scattered && len(loose) < maxMatches:
					loose = append(loose, one.Stream)
				case how != apart:
					m.full = true
				}
				if m.looked++; m.looked%reportEvery == 0 && !show() {
					stopped = true
					return context.Canceled
				}
			}
			m.full = m.full || len(m.rows)+len(loose) > maxMatches
			m.rows = slices.Concat(m.rows, loose)
			m.rows = m.rows[:min(len(m.rows), maxMatches)]
			return nil
		})
		if m.done = err == nil; !stopped {
			yield(m, err)
		}
	}
}

// fit says how a stream matches a filter.
type fit int

const (
	apart     fit = iota // not at all
	scattered            // the characters are there, in this order
	solid                // the text is there
)

// A fuzzy finds the characters of a text in names, in order and in any case.
type fuzzy struct{ text string }

func newFuzzy(text string) fuzzy {
	return fuzzy{strings.ToLower(strings.Join(strings.Fields(text), ""))}
}

func (f fuzzy) match(s replay.Stream) fit { return max(f.in(string(s.ID)), f.in(s.Category)) }

func (f fuzzy) in(name string) fit {
	name = strings.ToLower(name)
	if strings.Contains(name, f.text) {
		return solid
	}
	rest := f.text
	for _, r := range name {
		first, n := utf8.DecodeRuneInString(rest)
		if unicode.ToLower(r) != first {
			continue
		}
		if rest = rest[n:]; rest == "" {
			return scattered
		}
	}
	return apart
}
