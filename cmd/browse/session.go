package browse

import (
	"cmp"
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

	mu    sync.Mutex
	base  *storeMark // the store as the list read it first; nil: not read yet
	shown *watched   // the stream on screen; nil: none
}

// A watched stream is on screen.
type watched struct {
	stream  string
	base    storeMark  // the store when the stream was found
	history *proof     // of its events; nil: not known yet
	proved  *storeMark // a later store that holds them
	slow    bool       // reading the stream takes too long to be done for each question
	until   time.Time  // a slow proof is not repeated before
}

// A storeMark identifies the content of a store.
type storeMark struct {
	content string          // see [replay.Fingerprint]; empty: unknown
	recent  bool            // content is unknown because the file was written a moment ago
	served  bool            // a server has the events: one may be changed and the last one stay
	head    string          // the last event; empty: the store has no positions
	last    replay.Position // of head
}

// same reports whether two marks are of the same content, as far as the store can tell.
func (m storeMark) same(other storeMark) bool {
	if m.content != "" && other.content != "" {
		return m.content == other.content
	}
	return !m.served && m.head == other.head && !m.recent && !other.recent
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
func (*movedError) Remedy() fault.Remedy { return fault.Try("R reloads it") }

// noted is what a question says beside its answer.
type noted struct {
	notices []replay.Notice
	guessed bool
	grew    bool // the store has events that are not shown
	unsure  bool // nothing tells whether the store is what it was
	mark    storeMark
}

// ask opens the store, checks that it is what it was, and asks. stream is the timeline of
// the question; empty: the whole store. A nil f only looks whether the store is what it
// was, and may take its time.
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
		if n.mark, err = markOf(ctx, store); err != nil {
			return err
		}
		if n.grew, n.unsure, err = s.check(ctx, store, n.mark, stream, f == nil); err != nil || f == nil {
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

// check compares the store with what it was. It reports whether the store grew since, and
// whether it cannot tell that the rest is the same.
func (s *session) check(ctx context.Context, store *workspace.Store, now storeMark, stream string, looking bool) (grew, unsure bool, err error) {
	s.mu.Lock()
	if s.base == nil {
		s.base = &now
	}
	base, shown, first := *s.base, watched{}, s.base == &now
	if s.shown != nil && s.shown.stream == stream {
		shown, first = *s.shown, false
		base = shown.base
	}
	s.mu.Unlock()
	sameHead := now.head == base.head
	grew = !sameHead || now.head == "" && !now.served
	resting := now.served && shown.slow && (!looking || time.Now().Before(shown.until))
	switch {
	case first || now.same(base):
		return false, false, nil
	case shown.proved != nil && now.same(*shown.proved):
		return grew, false, nil
	case shown.history != nil && !resting:
		began := time.Now()
		if err := shown.history.holds(ctx, store); err != nil {
			return false, false, err
		}
		s.prove(stream, now, time.Since(began))
		return grew, false, nil
	case sameHead && (now.served || now.recent || base.recent): // there is nothing to tell them apart by
		return false, now.served, nil
	}
	if ok, err := base.isIn(ctx, store, now); !ok || err != nil {
		return false, false, cmp.Or(err, error(&movedError{"the store has changed since it was read"}))
	}
	return true, false, nil
}

// markOf reads what identifies the content of a store.
func markOf(ctx context.Context, store *workspace.Store) (m storeMark, err error) {
	m.served = true
	if f, ok := store.Reader.(replay.Fingerprinter); ok {
		if print, ok := f.Fingerprint(); ok {
			m.content, m.recent, m.served = print.Content, print.Content == "", false
		}
	}
	if w, ok := store.Reader.(replay.Witness); ok && m.served {
		if m.content, err = w.Witness(ctx); err != nil {
			return m, err
		}
	}
	if !store.Info().Has("positions") {
		return m, nil
	}
	m.head, m.last, err = lastOf(ctx, store, replay.Span[replay.Position]{})
	return m, err
}

// lastOf identifies the last event within positions: the hash of all that it has. It is
// empty if there is none.
func lastOf(ctx context.Context, store *workspace.Store, within replay.Span[replay.Position]) (head string, at replay.Position, err error) {
	for e, err := range store.Reader.Events(ctx, replay.Query{Positions: within, Reverse: true, Limit: 1}) {
		if err != nil {
			return "", 0, err
		}
		hash := replay.Chain{}.Add(e, 0)
		head, at = string(hash[:]), e.Position
	}
	return head, at, nil
}

// isIn reports whether a later store has more events, and the last event of the mark where
// it was.
func (m storeMark) isIn(ctx context.Context, store *workspace.Store, now storeMark) (bool, error) {
	if m.head == "" || now.last <= m.last {
		return false, nil
	}
	head, _, err := lastOf(ctx, store, replay.Between(m.last, m.last))
	return head == m.head, err
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
		return cutShort(p.stream, p.last)
	case now.chain != p.chain:
		return &movedError{"the store was replaced: the events of " + p.stream + " are not those that are shown"}
	}
	return nil
}

// cutShort is the error of a stream whose last event is gone.
func cutShort(stream string, last replay.Version) error {
	return &movedError{"the store was cut short or replaced: " + stream + " ended at " + fmt.Sprint(last)}
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
	s.base, s.shown = nil, nil
}

// watch remembers which stream is on screen; nil: none.
func (s *session) watch(one *watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = one
}

// remember remembers the events of the stream on screen, as a store has them.
func (s *session) remember(p *proof, in storeMark, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown != nil && s.shown.stream == p.stream {
		s.shown.history, s.shown.proved = p, &in
		s.shown.proofTook(took)
	}
}

const (
	// alwaysProve is how long a proof may take that is repeated for each question. Slower
	// ones are left to a look.
	alwaysProve = 20 * time.Millisecond
	// restProofs is how many times as long as a slow proof takes its server is left alone.
	restProofs = 20
)

// proofTook remembers how long it took to read the events.
func (w *watched) proofTook(took time.Duration) {
	if w.slow = took > alwaysProve; w.slow {
		w.until = time.Now().Add(restProofs * took)
	}
}

// prove remembers that a store has the events of the stream on screen, and how long it
// took to read them.
func (s *session) prove(stream string, in storeMark, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown != nil && s.shown.stream == stream {
		s.shown.proved = &in
		s.shown.proofTook(took)
	}
}

// timeline is the timeline of a question, at a point or over a range.
func (s *session) timeline(stream, at string) ask.Timeline {
	return ask.Timeline{StoreRef: s.o.Ref, Stream: stream, At: at, Folding: s.o.How}
}
