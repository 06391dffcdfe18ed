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
	rows  []replay.Stream
	notes []replay.Notice // about the store
	more  bool            // streams come after it
}

// streams lists a page of the streams, from either end. The first one comes with what is
// in no stream.
func (s *session) streams(ctx context.Context, after replay.StreamID, reverse bool) (p streamPage, err error) {
	n, err := s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
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
		if after != "" {
			return nil
		}
		return ask.NoteLost(ctx, store)
	})
	p.notes = n.notices
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
// time, and at the end. It looks at the ids first, which takes a fraction of the time of
// their categories: those come with the counts of all events.
func (s *session) filter(ctx context.Context, text string) iter.Seq2[matches, error] {
	return func(yield func(matches, error) bool) {
		f, stopped := newFilter(text), false
		show := func() bool {
			stopped = !yield(f.matches(false), nil)
			return !stopped
		}
		_, err := s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
			f = newFilter(text)
			err := f.read(store.Reader.Streams(ctx, replay.StreamQuery{IDsOnly: true}), show)
			if err == nil && !show() {
				err = context.Canceled
			}
			if err != nil {
				return err
			}
			f = newFilter(text)
			return f.read(store.Reader.Streams(ctx, replay.StreamQuery{}), func() bool { return true })
		})
		if !stopped {
			yield(f.matches(err == nil), err)
		}
	}
}

// A filter collects the streams that match a text.
type filter struct {
	fuzzy        fuzzy
	text         string
	solid, loose []replay.Stream // those with the text in one piece, and the others
	looked       int
	full         bool
}

func newFilter(text string) *filter { return &filter{fuzzy: newFuzzy(text), text: text} }

// read looks at streams, and calls show from time to time until it returns false.
func (f *filter) read(streams iter.Seq2[replay.Stream, error], show func() bool) error {
	for one, err := range streams {
		if err != nil {
			return err
		}
		switch how := f.fuzzy.match(one); {
		case how == solid && len(f.solid) < maxMatches:
			f.solid = append(f.solid, one)
		case how == scattered && len(f.loose) < maxMatches:
			f.loose = append(f.loose, one)
		case how != apart:
			f.full = true
		}
		if f.looked++; f.looked%reportEvery == 0 && !show() {
			return context.Canceled
		}
	}
	return nil
}

// matches are the streams that were found until now.
func (f *filter) matches(done bool) matches {
	rows := slices.Concat(f.solid, f.loose)
	m := matches{text: f.text, rows: rows[:min(len(rows), maxMatches)], looked: f.looked, done: done}
	m.full = f.full || len(rows) > maxMatches
	return m
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
