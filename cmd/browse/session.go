package browse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Options say what is browsed, and how. Ref is required.
type Options struct {
	Ref    workspace.StoreRef
	How    workspace.Folding
	Stream string // STREAM[@POINT]; empty: begin with the list of streams

	Color bool
	Zone  *time.Location // of times, until the user switches to UTC; nil: UTC

	// Command writes the command line of a question: the verb, its words after the
	// store, and its options.
	Command func(verb string, words, options []string) string

	// Hint words the remedy of an error; it may be nil.
	Hint func(error) string
}

// A session asks the questions of one run. It is safe for concurrent use.
type session struct {
	ctx   context.Context
	space *workspace.Workspace
	o     Options

	mu      sync.Mutex
	base    *storeMark // the store as it was read first; nil: not read yet
	proved  *storeMark // a later one that holds the same events of the stream
	history *proof     // of the stream on screen
}

// A storeMark identifies the content of a store.
type storeMark struct {
	content string // see [replay.Fingerprint]; empty: unknown
	recent  bool   // content is unknown because the file was written a moment ago
	head    string // the last event; empty: the store has no positions
}

// same reports whether two marks are of the same content, as far as the store can tell.
func (m storeMark) same(other storeMark) bool {
	if m.content != "" && other.content != "" {
		return m.content == other.content
	}
	return m.head == other.head && !m.recent && !other.recent
}

// A proof is the running hash over the events of a stream up to its head.
type proof struct {
	stream string
	how    workspace.Folding
	last   replay.Version
	chain  replay.Chain
}

// A movedError means the store is not what it was.
type movedError struct{ what string }

func (e *movedError) Error() string { return e.what }

// Class returns [fault.Store].
func (*movedError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindBadStore].
func (*movedError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns what to do next.
func (*movedError) Remedy() fault.Remedy { return fault.Try("R reads it again") }

// noted is what a question says beside its answer.
type noted struct {
	notices []replay.Notice
	guessed bool
	grew    bool // the store has events that are not shown
}

// ask opens the store, checks that it is what it was, and asks. stream is the timeline of
// the question; empty: the whole store.
func (s *session) ask(ctx context.Context, stream string, f func(context.Context, *workspace.Store) error) (n noted, err error) {
	var mu sync.Mutex
	w := s.space.Begin(func(one replay.Notice) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(n.notices, one) {
			n.notices = append(n.notices, one)
		}
	})
	err = w.Read(ctx, s.o.Ref, func(store *workspace.Store) error {
		var err error
		if n.grew, err = s.check(ctx, store, stream); err != nil {
			return err
		}
		return f(ctx, store)
	})
	mu.Lock()
	defer mu.Unlock()
	n.notices = slices.Clone(n.notices)
	n.guessed = w.Guessed()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return n, err
}

// check compares the store with what it was. It reports whether the store grew since.
func (s *session) check(ctx context.Context, store *workspace.Store, stream string) (grew bool, err error) {
	now, err := markOf(ctx, store)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	if s.base == nil {
		s.base = &now
	}
	base, proved, history := *s.base, s.proved, s.history
	s.mu.Unlock()
	grew = now.head != base.head || now.head == ""
	switch {
	case now.same(base):
		return false, nil
	case proved != nil && now.same(*proved) && history != nil && history.stream == stream:
		return grew, nil
	case history == nil || history.stream != stream:
		if (now.recent || base.recent) && now.head == base.head { // there is nothing to tell them apart by
			return false, nil
		}
		return false, &movedError{"the store has changed since it was read"}
	}
	if err := history.holds(ctx, store); err != nil {
		return false, err
	}
	s.mu.Lock()
	s.proved = &now
	s.mu.Unlock()
	return grew, nil
}

// markOf reads what identifies the content of a store.
func markOf(ctx context.Context, store *workspace.Store) (m storeMark, err error) {
	if f, ok := store.Reader.(replay.Fingerprinter); ok {
		if print, ok := f.Fingerprint(); ok {
			m.content, m.recent = print.Content, print.Content == ""
		}
	}
	if !store.Info().Has("positions") {
		return m, nil
	}
	q := replay.Query{Reverse: true, Limit: 1, Skip: replay.FieldData | replay.FieldMeta}
	for e, err := range store.Reader.Events(ctx, q) {
		if err != nil {
			return m, err
		}
		m.head = fmt.Sprintf("%d %s %d %s %s %d", e.Position, e.Stream, e.Version, e.ID, e.Type, e.Time.UnixNano())
	}
	return m, nil
}

// holds returns an error unless the store has the events of the proof.
func (p *proof) holds(ctx context.Context, store *workspace.Store) error {
	now, err := p.again(ctx, store)
	var missing *replay.NotFoundError
	switch {
	case errors.As(err, &missing):
		return &movedError{"the store was replaced: " + p.stream + " is not in it"}
	case err != nil:
		return err
	case now.last < p.last:
		return &movedError{"the store was cut short or replaced: " + p.stream + " ended at " + fmt.Sprint(p.last)}
	case now.chain != p.chain:
		return &movedError{"the store was replaced: the events of " + p.stream + " are not those that are shown"}
	}
	return nil
}

// again reads the events that the proof is over, as the store has them now.
func (p *proof) again(ctx context.Context, store *workspace.Store) (*proof, error) {
	t, err := store.Target(ctx, p.stream, p.how)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	now := &proof{}
	for e, err := range t.Timeline.List(ctx, replay.Listing{Span: replay.UpTo(p.last)}) {
		if err != nil {
			return nil, err
		}
		now.chain, now.last = now.chain.Add(e, 0), t.Timeline.Version(e)
	}
	return now, nil
}

// again forgets what the store was.
func (s *session) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.proved, s.history = nil, nil, nil
}

// watch remembers the proof of the stream on screen.
func (s *session) watch(p *proof) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = p
}

// timeline is the timeline of a question, at a point or over a range.
func (s *session) timeline(stream, at string) ask.Timeline {
	return ask.Timeline{StoreRef: s.o.Ref, Stream: stream, At: at, Folding: s.o.How}
}
