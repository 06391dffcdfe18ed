package replay

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"asof/replay/spawn"
	"asof/replay/state"
)

// A Worker folds some of the streams of a whole store. Its folds, and all it calls, are
// used by one goroutine at a time.
type Worker struct {
	Fold FoldFor

	// Begin receives the first event of a stream and returns what receives its steps. n
	// counts the events of the run, from 0.
	Begin func(n int64, e *Event) StreamSteps

	// Wants is asked before the n-th event of the run is folded. Once it has returned false,
	// the worker folds no more: batches of events are read ahead, and their states may take
	// more memory than there is. nil: all are wanted.
	Wants func(n int64) bool
}

// StreamSteps receive what comes of the events of one stream.
type StreamSteps interface {
	// Step receives the state after the n-th event of the run. Step is valid until the next.
	Step(n int64, s *Step) error

	// Failed receives the error of the fold at the n-th event. The stream is left out from
	// there on, unless Failed returns an error, which ends the run.
	Failed(n int64, e *Event, err error) error
}

// RunWorkers folds each stream of a whole store separately, as [Whole.RunEach] does, by
// several workers at once. Each stream is folded by one of them, and its steps come in
// order. Of several errors, it returns that of the first event, whose number is n: the
// events before it have all been folded, and some after it. q.Failed is not used.
func (w *Whole) RunWorkers(ctx context.Context, workers []Worker, q WholeQuery) (n int64, err error) {
	if !q.Unsurveyed {
		if err := w.Survey(ctx, q.Streams); err != nil {
			return 0, err
		}
	}
	q.Skip &^= FieldData
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	r := workersRun{w: w, q: q, trusting: w.trusts(q), streams: map[StreamID]*workedStream{}}
	r.end.Store(math.MaxInt64)
	running := spawn.Group{Stop: cancel}
	for _, one := range workers {
		fw := &foldWorker{Worker: one, run: &r, free: make(chan *workedBatch, batches), raw: make(chan *workedBatch, batches)}
		if w.Gaps != nil {
			fw.gaps = &Gaps{}
		}
		for range batches {
			fw.free <- &workedBatch{}
		}
		r.workers = append(r.workers, fw)
		full := fw.raw
		if len(workers) == 1 { // a core may be idle
			full = make(chan *workedBatch, batches)
			running.Go(func() { fw.parse(full) })
		}
		running.Go(func() { fw.fold(inner, full, len(workers) > 1) })
	}
	r.dispatch(inner)
	running.Wait()
	for _, fw := range r.workers {
		w.Gaps.and(fw.gaps)
	}
	if ctx.Err() != nil && r.err != nil {
		r.err = context.Cause(ctx)
	}
	return r.end.Load(), r.err
}

// A workersRun gives the streams of a store to workers.
type workersRun struct {
	w        *Whole
	q        WholeQuery
	trusting bool
	workers  []*foldWorker
	streams  map[StreamID]*workedStream
	taken    int   // streams
	n        int64 // events

	end atomic.Int64 // the number of the event that ended the run
	mu  sync.Mutex
	err error // there
}

// fail ends the run at an event, unless it ends at one before.
func (r *workersRun) fail(n int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n < r.end.Load() {
		r.end.Store(n)
		r.err = err
	}
}

// A workedStream is a stream of a run.
type workedStream struct {
	worker *foldWorker // nil: the stream is not taken
	last   Version     // that was read

	// Of the worker.
	begun   bool
	machine *machine // nil: its fold failed
	steps   StreamSteps
	folded  Version // the last
}

// dispatch sends each event to the worker of its stream, then ends the workers.
func (r *workersRun) dispatch(ctx context.Context) {
	defer func() {
		for _, fw := range r.workers {
			close(fw.raw)
		}
	}()
	r.w.pass(ctx, r.q, func(e *Event, err error) bool {
		n := r.n
		r.n++
		if err != nil {
			r.fail(n, err)
		}
		if n >= r.end.Load() {
			return false
		}
		s := r.stream(e)
		if r.trusting && e.Version < s.last {
			r.fail(n, ErrDisorder)
			return false
		}
		s.last = e.Version
		return s.worker == nil || s.worker.send(ctx, n, s, e)
	})
	for _, fw := range r.workers {
		fw.flush(ctx)
	}
	if ctx.Err() != nil {
		r.fail(r.n, context.Cause(ctx))
	}
}

// stream returns the stream of an event. Those that are taken go to the workers in turn.
func (r *workersRun) stream(e *Event) *workedStream {
	s := r.streams[e.Stream]
	if s == nil {
		s = &workedStream{}
		if r.q.Takes == nil || r.q.Takes(e.Stream, e.Category) {
			s.worker = r.workers[r.taken%len(r.workers)]
			r.taken++
		}
		r.streams[e.Stream] = s
	}
	return s
}

// A foldWorker is a [Worker] at work.
type foldWorker struct {
	Worker
	run     *workersRun
	gaps    *Gaps
	filling *workedBatch
	free    chan *workedBatch
	raw     chan *workedBatch
	ended   bool
	scratch state.Scratch
	step    Step
}

// A workedBatch is a batch with the stream and the number of each event.
type workedBatch struct {
	batch
	of []*workedStream
	at []int64
}

// send adds an event to the batch of a worker. It returns false if the context has ended.
func (fw *foldWorker) send(ctx context.Context, n int64, s *workedStream, e *Event) bool {
	if fw.filling == nil {
		select {
		case fw.filling = <-fw.free:
			fw.filling.reset()
			fw.filling.of, fw.filling.at = fw.filling.of[:0], fw.filling.at[:0]
		case <-ctx.Done():
			return false
		}
	}
	b := fw.filling
	b.add(e)
	b.of, b.at = append(b.of, s), append(b.at, n)
	return !b.full() || fw.flush(ctx)
}

func (fw *foldWorker) flush(ctx context.Context) bool {
	if fw.filling == nil {
		return true
	}
	select {
	case fw.raw <- fw.filling:
		fw.filling = nil
		return true
	case <-ctx.Done():
		return false
	}
}

// parse parses the batches before they are folded. There is room for all of them.
func (fw *foldWorker) parse(full chan<- *workedBatch) {
	defer close(full)
	for b := range fw.raw {
		b.restore()
		parseBatch(&b.batch)
		full <- b
	}
}

// fold folds batches to the end of the run, and returns them.
func (fw *foldWorker) fold(ctx context.Context, full <-chan *workedBatch, parses bool) {
	for b := range full {
		if parses {
			b.restore()
			parseBatch(&b.batch)
		}
		for i := 0; i < b.n && fw.wants(b.at[i]); i++ {
			if err := fw.take(ctx, b.at[i], b.of[i], &b.events[i]); err != nil {
				fw.run.fail(b.at[i], err)
			}
		}
		fw.free <- b
	}
}

// wants reports whether the n-th event is folded.
func (fw *foldWorker) wants(n int64) bool {
	fw.ended = fw.ended || n >= fw.run.end.Load() || fw.Wants != nil && !fw.Wants(n)
	return !fw.ended
}

// take folds an event.
func (fw *foldWorker) take(ctx context.Context, n int64, s *workedStream, e *Event) error {
	if !s.begun {
		s.begun = true
		f, err := fw.Fold(e.Stream, e.Category)
		if err != nil {
			return err
		}
		s.machine = newMachine(f)
		s.machine.scratch = &fw.scratch
		if err := s.machine.start(ctx, nil); err != nil {
			return err
		}
		s.steps = fw.Begin(n, e)
	}
	if s.machine == nil {
		return nil
	}
	fw.gaps.See(e.Stream, s.folded, e.Version)
	s.folded = e.Version
	if err := s.machine.step(ctx, e, false, &fw.step); err != nil {
		s.machine = nil
		return s.steps.Failed(n, e, err)
	}
	return s.steps.Step(n, &fw.step)
}
