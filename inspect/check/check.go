package check

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"asof/inspect"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/spawn"
	"asof/replay/state"
)

// An Invariant is a condition that must hold in every state of its streams.
type Invariant struct {
	Name       string
	Projection string // the projection whose streams it applies to; empty: every stream
	Text       string // the condition of a bad state, see [inspect.Condition]
	For        string // the streams of the projection, as text; may be empty
}

// A Rule is an invariant ready to be tested.
type Rule struct {
	Invariant int // index in [Plan].Invariants
	Cond      inspect.Condition
}

// A RuleSet is a fold and the rules for its states. Streams may share one.
type RuleSet struct {
	Fold  replay.Fold
	Rules []Rule
}

// Folds return how a stream is folded and tested. Each worker has its own Folds, with
// its own reducers and predicates, and asks once per stream.
type Folds interface {
	RuleSets(ctx context.Context, stream replay.StreamID, category string) ([]*RuleSet, error)
}

// A Plan describes a check.
type Plan struct {
	Invariants []Invariant
	Workers    []Folds          // one per worker
	UpTo       replay.Cut       // of the whole store; the zero Cut is everything
	Since      *replay.Position // report only what became bad after it; nil: everything

	// Keep sets the answer's Reach, so that a later check can resume from it. It needs
	// positions, a cut by position, and no Since.
	Keep bool

	// From is the cached answer of an earlier check with the same rules. Pass resumes
	// from it and gives the answer of a full check. If the store no longer has the
	// events of that check, Pass fails with [ErrRewritten]. Same says the store is
	// known to have them.
	From *Result
	Same bool

	// Memory is the approximate limit, in bytes, for all states. Beyond it, the least
	// recently used states go to the spills, one per worker. 0 means no limit.
	Memory int64
	Spills []Spill

	Progress func(events int64) // called from one goroutine with the number of events read since the last call

	// Only limits the pass to these streams; nil: all.
	Only []replay.StreamID

	// Watches returns a watch for each of n workers; nil: none. A pass that starts over
	// asks again.
	Watches func(n int) []Watch
}

// A Watch sees the streams that one worker folds.
type Watch interface {
	// Stream begins a stream under a rule set; nil: nothing of it is wanted.
	Stream(stream replay.StreamID, set *RuleSet) StreamWatch
}

// A StreamWatch sees the events of a stream in order, until one cannot be folded.
type StreamWatch interface {
	// Event receives an event as recorded, before it is folded.
	Event(e *replay.Event)

	// Wants reports whether Changed is called for the event. To know what an event changed
	// costs time.
	Wants() bool

	// Changed receives the state after the same event, and what the event changed. Both are
	// valid until the next event.
	Changed(root state.Value, changes []state.Change)
}

// Result lists the violations of each invariant.
type Result struct {
	At         replay.Moment   // of the whole store
	Shard      replay.Shard    // the only shard checked
	Streams    int64           // folded streams
	Events     int64           // events of these streams
	Untaken    int64           // other streams, which no invariant is for
	Spilled    int64           // states spilled because memory was full, counted each time
	Again      int64           // streams folded again because the check resumed from [Plan].From
	Odd        replay.OddCount // of the payloads folded this time
	Incomplete replay.Incomplete
	Notices    []replay.Notice // remarks about the answer
	Reach      *Reach          // nil: no check can resume from this one
	Invariants []InvariantResult

	// Lost lists what may be events of any stream, see [replay.Reader]: no invariant is known
	// to hold then. [Run] leaves it to its caller.
	Lost []string
}

// InvariantResult is the result of one invariant.
type InvariantResult struct {
	Invariant
	Streams    int64       // tested streams
	Violations []Violation // in order of occurrence
	Errors     []StreamError
	Unknown    []Unknown // streams with unreadable events, whatever else was found
}

// A Violation is a stream that violates an invariant.
type Violation struct {
	Stream      replay.StreamID
	Culprit     *replay.Event  // the first event that made a good state bad; without payload and metadata
	FromStart   bool           // Culprit is the stream's first event; no good state is known before it
	Turns       int64          // how often the state became bad, including Culprit
	Recovered   bool           // the last state is good again
	RecoveredAt *replay.Moment // where it last became good; nil unless recovered

	Cause  *why.Cause // nil: not known; see [FindCauses]
	Sought bool       // the cause was looked for
}

// A StreamError is a stream that could not be folded or tested to its end.
type StreamError struct {
	Stream replay.StreamID
	Err    error
}

// An Unknown is a stream for which an invariant is not known to hold: some payloads
// could not be read, so their events were not folded.
type Unknown struct {
	Stream replay.StreamID
	Unread int64               // unreadable payloads
	First  *replay.OpaqueError // the first of them
}

// Findings counts the findings of a check.
type Findings struct {
	Violations, Errors, Unknown int
	Empty                       int // invariants tested in no stream
	Lost                        int // kinds of what is lost
}

// Any reports whether there are findings.
func (f Findings) Any() bool { return f != Findings{} }

// Findings counts the findings.
func (c *Result) Findings() Findings {
	f := Findings{Lost: len(c.Lost)}
	for _, i := range c.Invariants {
		f.Violations += len(i.Violations)
		f.Errors += len(i.Errors)
		f.Unknown += len(i.Unknown)
		if i.Streams == 0 {
			f.Empty++
		}
	}
	return f
}

// A CulpritGroup counts the culprits of one type, revision and day.
type CulpritGroup struct {
	Type     string
	Revision int
	Day      string // YYYY-MM-DD; empty if the store has no times
	Count    int
	Example  replay.StreamID
}

// Groups counts culprits by type, revision and day in a zone, largest group first.
func Groups(vs []Violation, zone *time.Location) []CulpritGroup {
	type key struct {
		typ      string
		revision int
		day      string
	}
	at := map[key]int{}
	var out []CulpritGroup
	for _, v := range vs {
		k := key{typ: v.Culprit.Type, revision: v.Culprit.Revision}
		if !v.Culprit.Time.IsZero() {
			k.day = v.Culprit.Time.In(zone).Format(time.DateOnly)
		}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, CulpritGroup{Type: k.typ, Revision: k.revision, Day: k.day, Example: v.Stream})
		}
		out[i].Count++
	}
	slices.SortStableFunc(out, func(a, b CulpritGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Revision, b.Revision))
	})
	return out
}

// Pass tests invariants over every stream of a store in one pass: in position order, or
// stream by stream without positions. Each stream is folded by version. If positions
// and versions of a stream disagree, Pass surveys the order of the store and starts
// over; most stores never need this. Workers fold streams in parallel, and the answer
// does not depend on which worker folds which. A stream that cannot be folded is
// reported and does not stop the others.
func Pass(ctx context.Context, w *replay.Whole, plan Plan) (*Result, error) {
	ans, err := checkOnce(ctx, w, plan)
	if errors.Is(err, replay.ErrDisorder) {
		if err = w.Survey(ctx, nil); err == nil {
			ans, err = checkOnce(ctx, w, plan)
		}
	}
	return ans, err
}

func checkOnce(ctx context.Context, whole *replay.Whole, plan Plan) (*Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &checking{plan: plan, whole: whole}
	if err := c.choose(ctx); err != nil {
		return nil, err
	}
	running := spawn.Group{Stop: cancel}
	var watches []Watch
	if plan.Watches != nil {
		watches = plan.Watches(len(plan.Workers))
	}
	for i, folds := range plan.Workers {
		w := newWorker(plan, folds, whole.Reader.Info())
		if watches != nil {
			w.watch = watches[i]
		}
		if plan.Memory > 0 {
			w.bound, w.spill = max(plan.Memory/int64(len(plan.Workers)), 1), plan.Spills[i]
		}
		c.workers = append(c.workers, w)
		running.Go(func() { w.run(ctx, cancel) })
	}
	err := c.dispatch(ctx)
	running.Wait()
	for _, w := range c.workers {
		if err == nil || errors.Is(err, context.Canceled) { // a cancellation may only be the echo of another worker's error
			err = cmp.Or(w.err, err)
		}
	}
	if err != nil {
		return nil, err
	}
	return c.answer(), nil
}

// checking dispatches the events of a store to workers.
type checking struct {
	plan     Plan
	whole    *replay.Whole
	workers  []*worker
	only     map[replay.StreamID]bool // streams to fold; nil: all
	reach    Reach                    // reach of the events read so far
	pastFrom bool                     // every event that plan.From covers was read
}

// choose finds the streams to fold. The others cannot have become bad since.
func (c *checking) choose(ctx context.Context) error {
	if from := c.plan.From; from != nil {
		c.only = from.failed()
		if c.isUnchanged() {
			return nil
		}
		return c.touched(ctx, from.Reach.Position)
	}
	if c.plan.Since == nil {
		return nil
	}
	c.only = map[replay.StreamID]bool{}
	return c.touched(ctx, *c.plan.Since)
}

// touched adds the streams with events after a position.
func (c *checking) touched(ctx context.Context, after replay.Position) error {
	q := replay.Query{
		Positions: replay.From(after + 1),
		Skip:      replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData,
	}
	if at, ok := c.upTo(); ok {
		q.Positions = replay.Between(after+1, at)
	}
	for e, err := range c.whole.Reader.Events(ctx, q) {
		if err != nil {
			return err
		}
		c.only[e.Stream] = true
	}
	return nil
}

// upTo returns the position where the check ends.
func (c *checking) upTo() (at replay.Position, ok bool) {
	m := c.plan.UpTo.Moment
	if m.IsStart() {
		return 0, false
	}
	return m.Position, true
}

// dispatch sends each event to the worker of its stream, then ends the workers.
func (c *checking) dispatch(ctx context.Context) error {
	defer func() {
		for _, w := range c.workers {
			close(w.full)
		}
	}()
	q := replay.WholeQuery{Cut: c.plan.UpTo, Streams: c.plan.Only}
	if c.isUnchanged() {
		if len(c.only) == 0 {
			return nil
		}
		q.Streams = slices.Sorted(maps.Keys(c.only))
	}
	n := int64(0)
	q.Seen = func(e *replay.Event) error {
		if n++; n%progressStep == 0 && c.plan.Progress != nil {
			c.plan.Progress(progressStep)
		}
		return c.extendChain(e)
	}
	workers := uint64(len(c.workers))
	for e, err := range c.whole.Events(ctx, q) {
		if err != nil {
			return err
		}
		if c.only != nil && !c.only[e.Stream] {
			continue
		}
		if !c.workers[hash(e.Stream)%workers].send(ctx, e) {
			return ctx.Err()
		}
	}
	for _, w := range c.workers {
		if !w.flush(ctx) {
			return ctx.Err()
		}
	}
	return c.finishChain()
}

// progressStep is the number of events between two progress reports.
const progressStep = 1024

// hash is FNV-1a.
func hash(s replay.StreamID) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>32
}

// answer combines the findings of the workers.
func (c *checking) answer() *Result {
	out := &Result{At: c.plan.UpTo.Moment, Invariants: make([]InvariantResult, len(c.plan.Invariants))}
	for i, inv := range c.plan.Invariants {
		out.Invariants[i].Invariant = inv
	}
	c.addKnown(out)
	for _, w := range c.workers {
		out.Events += w.events
		out.Streams += w.streamsNew
		out.Untaken += w.untaken
		out.Spilled += w.spilled
		out.Odd.KeyTwice += w.odd.KeyTwice
		out.Odd.NotFinite += w.odd.NotFinite
		w.incomplete(out)
		for i, found := range w.found() {
			inv := &out.Invariants[i]
			inv.Streams += found.Streams
			inv.Violations = append(inv.Violations, found.Violations...)
			inv.Errors = append(inv.Errors, found.Errors...)
			inv.Unknown = append(inv.Unknown, found.Unknown...)
		}
	}
	out.sort()
	return out
}
