package query

import (
	"cmp"
	"iter"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"asof/replay"
	"asof/replay/state"
)

// mostWorkers is how many goroutines fold the streams of a pass.
const mostWorkers = 8

// fold folds the streams within limits and keeps the last state of each. found, which may
// be nil, takes the members of every state. The last row of a fold that failed is that of
// the event at which it did.
func (db *DB) fold(p passOf, found *members) (out *states, err error) {
	db.asked(p)
	p.failures = true
	pass := func(unsurveyed bool) error {
		p.trusting = unsurveyed
		out, err = db.foldOnce(p, found)
		return err
	}
	if p.proj.Many != nil {
		err = pass(false)
	} else {
		err = db.whole.Trusting(pass)
	}
	if err != nil {
		return nil, err
	}
	db.held += out.bytes
	return out, nil
}

func (db *DB) foldOnce(p passOf, found *members) (*states, error) {
	pass := &foldPass{db: db, p: p, room: mostHeld - db.held}
	if p.limits.stream == nil {
		pass.room /= 2 // another scan of the question may need the rest
	}
	end, err := pass.run(found)
	if err != nil && end < pass.fullAt() {
		pass.noteFailed(end)
		return nil, err
	}
	if pass.full() {
		return nil, &SizeError{mostHeld} // the streams are folded again
	}
	pass.noteFailed(math.MaxInt64)
	db.countUnread(p.proj, pass.unread)
	if found != nil {
		pass.found(found)
	}
	return pass.states(), nil
}

// A foldPass folds the streams of a pass, by several workers.
type foldPass struct {
	db      *DB
	p       passOf
	room    int // for states, in bytes
	held    atomic.Int64
	reached atomic.Int64 // the last event that is folded, of all workers
	workers []*passWorker

	mu          sync.Mutex  // of what follows
	unread      *unreadable // payloads, beside those that passes before counted; nil: none
	firstUnread int64       // the event of the first
}

// A passWorker is what one worker finds.
type passWorker struct {
	pass    *foldPass
	streams []*passStream
	failed  []failedFold
	grown   []growth

	members *members // nil: not looked for
	known   int      // of the members, before
	foundAt []int64  // the event, of each other
}

// A growth is what an event adds to the bytes that are held.
type growth struct{ at, bytes int64 }

// full reports whether the states do not fit. Then no more events are read.
func (p *foldPass) full() bool { return p.held.Load() > int64(p.room) }

// wants reports whether a worker folds an event. When the states do not fit, an event before
// one that was folded still counts: [foldPass.fullAt] may be there.
func (p *foldPass) wants(n int64) bool {
	full := p.full()
	for reached := p.reached.Load(); n > reached; reached = p.reached.Load() {
		if full {
			return false
		}
		if p.reached.CompareAndSwap(reached, n) {
			break
		}
	}
	return true
}

// fullAt returns the first event at which the states do not fit. It does not depend on how
// far each worker came.
func (p *foldPass) fullAt() int64 {
	var all []growth
	for _, w := range p.workers {
		all = append(all, w.grown...)
	}
	slices.SortFunc(all, func(a, b growth) int { return cmp.Compare(a.at, b.at) })
	held := int64(0)
	for _, g := range all {
		if held += g.bytes; held > int64(p.room) {
			return g.at
		}
	}
	return math.MaxInt64
}

// A failedFold is a stream whose fold failed.
type failedFold struct {
	at     int64 // the event
	stream replay.StreamID
	err    error
}

func (p *foldPass) worker(found *members) *passWorker {
	w := &passWorker{pass: p}
	if found != nil {
		w.members, w.known = found.clone(), len(found.names)
	}
	p.workers = append(p.workers, w)
	return w
}

// run folds the streams, and returns the event at which the pass ended.
func (p *foldPass) run(found *members) (end int64, err error) {
	if p.p.proj.Many != nil {
		return p.each(found, p.db.manyFacts(p.p))
	}
	r, err := p.db.resume(p.p)
	if err != nil {
		return 0, err
	}
	if r != nil {
		return p.each(found, r.facts())
	}
	return p.streams(found)
}

// each takes the states from facts.
func (p *foldPass) each(found *members, facts iter.Seq2[*fact, error]) (end int64, err error) {
	w, n := p.worker(found), int64(0)
	streams := map[replay.StreamID]*passStream{}
	for f, err := range facts {
		if err != nil {
			return n, err
		}
		s := streams[f.stream]
		if s == nil {
			s = w.begin(n, f.stream, f.category)
			streams[f.stream] = s
		}
		if s.see(n, f.e, f.root, f.err); p.full() {
			break
		}
		n++
	}
	return n, nil
}

// streams folds each stream by itself.
func (p *foldPass) streams(found *members) (end int64, err error) {
	q, _, err := p.db.queryOf(p.p)
	if err != nil || q == nil {
		return 0, err
	}
	q.Seen = func(*replay.Event) error {
		if p.full() {
			return &SizeError{mostHeld}
		}
		return nil
	}
	var workers []replay.Worker
	for _, foldFor := range p.db.foldsOf(p.p.proj, q.Streams) {
		w := p.worker(found)
		workers = append(workers, replay.Worker{Fold: foldFor, Wants: p.wants, Begin: func(n int64, e *replay.Event) replay.StreamSteps {
			return w.begin(n, e.Stream, e.Category)
		}})
	}
	return p.db.folding(p.p, q.Streams).RunWorkers(p.db.ctx, workers, *q)
}

// foldsOf returns the folds of a projection for each worker. Streams that are few are
// folded by fewer.
func (db *DB) foldsOf(p *Projection, streams []replay.StreamID) []replay.FoldFor {
	n := min(runtime.GOMAXPROCS(0), mostWorkers)
	if streams != nil {
		n = min(n, len(streams))
	}
	if p.Another == nil {
		n = 1
	}
	all := db.workers[p]
	if all == nil {
		all = []replay.FoldFor{p.Fold}
	}
	for len(all) < n {
		all = append(all, p.Another())
	}
	db.workers[p] = all
	return all[:max(n, 1)]
}

// noteFailed says which folds failed before an event of the pass.
func (p *foldPass) noteFailed(end int64) {
	var all []failedFold
	for _, w := range p.workers {
		all = append(all, w.failed...)
	}
	slices.SortFunc(all, func(a, b failedFold) int { return cmp.Compare(a.at, b.at) })
	for _, f := range all {
		if f.at < end {
			p.db.noteFailed(f.stream, f.err)
		}
	}
}

// found adds the members that the workers found, in the order of the events.
func (p *foldPass) found(to *members) {
	type sighting struct {
		at   int64
		name string
	}
	var all []sighting
	for _, w := range p.workers {
		for i, name := range w.members.names[w.known:] {
			all = append(all, sighting{w.foundAt[i], name})
		}
	}
	slices.SortStableFunc(all, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	for _, s := range all {
		to.add(s.name)
	}
}

// states returns the last state of each stream, in the order of their first events.
func (p *foldPass) states() *states {
	var all []*passStream
	for _, w := range p.workers {
		all = append(all, w.streams...)
	}
	slices.SortFunc(all, func(a, b *passStream) int { return cmp.Compare(a.begun, b.begun) })
	out := &states{byStream: make(map[replay.StreamID]*fact, len(all)), order: make([]*fact, len(all)), bytes: int(p.held.Load())}
	for i, s := range all {
		out.order[i], out.byStream[s.fact.stream] = &s.fact, &s.fact
	}
	return out
}

// A passStream is the last state of a stream.
type passStream struct {
	w        *passWorker
	begun    int64 // the first event
	fact     fact
	e        replay.Event // of the fact
	category string       // of the first event
	weight   weight
}

func (w *passWorker) begin(n int64, id replay.StreamID, category string) *passStream {
	s := &passStream{w: w, begun: n, category: category}
	s.e.Stream = id
	s.fact.stream, s.fact.e = id, &s.e
	w.streams = append(w.streams, s)
	return s
}

// Step implements [replay.StreamSteps].
func (s *passStream) Step(n int64, step *replay.Step) error {
	if step.Unread != "" {
		if s.w.pass.p.trusting {
			return replay.ErrDisorder // what could not be read is counted in order
		}
		s.w.pass.sawUnread(n, step.Event, step.Unread)
	}
	s.see(n, step.Event, step.Root, nil)
	return nil
}

// Failed implements [replay.StreamSteps].
func (s *passStream) Failed(n int64, e *replay.Event, err error) error {
	if err := s.w.pass.db.isFailure(s.w.pass.p, err); err != nil {
		return err
	}
	s.w.failed = append(s.w.failed, failedFold{n, e.Stream, err})
	s.see(n, e, state.Value{}, err)
	return nil
}

// see takes the state after an event, or why there is none.
func (s *passStream) see(n int64, e *replay.Event, root state.Value, err error) {
	s.e.Category, s.e.Version, s.e.Position, s.e.Time = s.category, e.Version, e.Position, e.Time
	if s.category == "" {
		s.e.Category = e.Category
	}
	s.fact.root, s.fact.err = root, err
	if more := int64(s.weight.after(len(e.Data), root)); more > 0 {
		s.w.grown = append(s.w.grown, growth{n, more})
		s.w.pass.held.Add(more)
	}
	if err == nil && s.w.members != nil {
		s.w.see(n, root)
	}
}

func (w *passWorker) see(n int64, root state.Value) {
	w.members.see(root)
	for len(w.foundAt) < len(w.members.names)-w.known {
		w.foundAt = append(w.foundAt, n)
	}
}

// sawUnread counts a payload that could not be read. It counts for the question when the
// pass has ended: one whose states do not fit folds more or fewer events at each try.
func (p *foldPass) sawUnread(n int64, e *replay.Event, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before := p.db.unread[p.p.proj.Name]; before != nil && before.counted(e.Stream, e.Version) {
		return
	}
	if p.unread == nil {
		p.unread = newUnreadable(e, why)
		p.firstUnread = n
	}
	if p.unread.count(e); n < p.firstUnread {
		p.unread.first, p.firstUnread = &replay.OpaqueError{At: e.Moment(), Reason: why}, n
	}
}
