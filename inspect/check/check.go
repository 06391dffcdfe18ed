package check

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/spawn"
)

// An Invariant is what must hold for every state of the streams it is for.
type Invariant struct {
	Name       string
	Projection string // whose streams it is for; empty: every stream
	Text       string // which states are bad, see [inspect.Condition]
	For        string // which streams the projection is for, as text; may be empty
}

// A Rule is an invariant ready to be tested.
type Rule struct {
	Invariant int // its place in [Plan].Invariants
	Cond      inspect.Condition
}

// A RuleSet is a way of folding a stream and the rules for its states. Streams may
// share one.
type RuleSet struct {
	Fold  replay.Fold
	Rules []Rule
}

// Folds say how streams are folded and tested. Each worker has its own, with its
// own reducers and predicates, and asks once for each stream.
type Folds interface {
	RuleSets(ctx context.Context, stream replay.StreamID, category string) ([]*RuleSet, error)
}

// A Plan says what is checked.
type Plan struct {
	Invariants []Invariant
	Workers    []Folds          // one for each worker
	UpTo       replay.Cut       // of the whole store; the zero Cut is all of it
	Since      *replay.Position // only what turned bad after it; nil: all

	// Keep fills in the answer's Reach, so that another check can go on from it. It
	// needs positions, a cut by position, and no Since.
	Keep bool

	// From is the answer of an earlier check by the same workers, which was kept. Pass
	// goes on from there, and answers what it would without; or, where the store no
	// longer has the events that were checked then, ends with [ErrRewritten]. Same is
	// that it is known to still have them.
	From *Result
	Same bool

	// Memory bounds, in bytes and roughly, what all states take. Past it those that
	// were used least lately go to the spills, one for each worker. 0 is no bound.
	Memory int64
	Spills []Spill

	Progress func(events int64) // so many more were read; called by one goroutine
}

// Result says in which streams invariants were violated.
type Result struct {
	At         replay.Moment   // of the whole store
	Shard      replay.Shard    // whose streams alone were looked at
	Streams    int64           // that were folded
	Events     int64           // of these
	Spilled    int64           // states that memory had no room for, each time
	Again      int64           // streams folded again, if the check resumed from [Plan].From
	Odd        replay.OddCount // of the payloads that were folded this time
	Partial    int64           // streams, of these, that begin after their first event or have gaps
	PartialOne replay.StreamID // one of them
	Notices    []replay.Notice // what a reader of the answer should know of how it was found
	Reach      *Reach          // nil: nothing can go on from here
	Invariants []InvariantResult
}

// InvariantResult is what became of one invariant.
type InvariantResult struct {
	Invariant
	Streams    int64       // it was tested in
	Violations []Violation // in the order in which they happened
	Errors     []StreamError
	Unknown    []Unknown // streams of which not all could be read, whatever else was found
}

// A Violation is a stream in which an invariant did not hold.
type Violation struct {
	Stream      replay.StreamID
	Culprit     *replay.Event  // the first that turned a good state into a bad one; without payload and metadata
	FromStart   bool           // Culprit is the stream's first event, and no good state is known before it
	Turns       int64          // how often it turned bad, the culprit's turn included
	Recovered   bool           // the last state is good again
	RecoveredAt *replay.Moment // where it last turned good; nil unless recovered
}

// A StreamError is a stream that could not be folded or judged to its end.
type StreamError struct {
	Stream replay.StreamID
	Err    error
}

// An Unknown is a stream of which it is not known whether an invariant holds:
// payloads could not be read, and nothing of them was folded.
type Unknown struct {
	Stream replay.StreamID
	Unread int64               // payloads
	First  *replay.OpaqueError // of them
}

// Findings counts what speaks against a check.
type Findings struct {
	Violations, Errors, Unknown int
	Empty                       int // invariants that were tested in no stream
}

// Any reports whether there is any.
func (f Findings) Any() bool { return f != Findings{} }

// Findings counts what was found.
func (c *Result) Findings() Findings {
	var f Findings
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
	Day      string // YYYY-MM-DD; empty where the store has no times
	Count    int
	Example  replay.StreamID
}

// Groups counts culprits by type, revision and day in a zone, most first.
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

// Pass tests invariants over every stream of a store, in one pass over its events:
// in position order, or stream by stream if there are no positions. Each stream is
// folded by version. Most stores number both in one order, so the order is looked
// into only when a pass meets a stream where they differ, and that pass is made
// again. Several workers fold streams at a time; the answer does not depend on
// which. A stream that can't be folded is reported and does not stop the others.
func Pass(ctx context.Context, w *replay.Whole, plan Plan) (*Result, error) {
	ans, err := checkOnce(ctx, w, plan)
	if errors.Is(err, errDisorder) {
		if err = w.Survey(ctx, nil); err == nil {
			ans, err = checkOnce(ctx, w, plan)
		}
	}
	return ans, err
}

// errDisorder ends a pass that met a stream whose positions do not rise with its
// versions, before that was looked into.
var errDisorder = errors.New("a stream is out of version order")

func checkOnce(ctx context.Context, whole *replay.Whole, plan Plan) (*Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &checking{plan: plan, whole: whole}
	if err := c.choose(ctx); err != nil {
		return nil, err
	}
	running := spawn.Group{Stop: cancel}
	for i, folds := range plan.Workers {
		w := newWorker(plan, folds)
		if plan.Memory > 0 {
			w.bound, w.spill = max(plan.Memory/int64(len(plan.Workers)), 1), plan.Spills[i]
		}
		c.workers = append(c.workers, w)
		running.Go(func() { w.run(ctx, cancel) })
	}
	err := c.dispatch(ctx)
	running.Wait()
	for _, w := range c.workers {
		if err == nil || errors.Is(err, context.Canceled) { // that may be only what stopped the others
			err = cmp.Or(w.err, err)
		}
	}
	if err != nil {
		return nil, err
	}
	return c.answer(), nil
}

// checking hands the events of a store to workers.
type checking struct {
	plan    Plan
	whole   *replay.Whole
	workers []*worker
	only    map[replay.StreamID]bool // that have to be folded; nil: all
	reach   Reach                    // of the events read so far
	beyond  bool                     // all that plan.From has seen was read
}

// choose finds the streams that have to be folded, where not all do: the others
// can't have turned bad since.
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

// touched adds the streams that have events after a position.
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

// upTo is the position up to which the store is checked.
func (c *checking) upTo() (at replay.Position, ok bool) {
	m := c.plan.UpTo.Moment
	if m.IsStart() {
		return 0, false
	}
	return m.Position, true
}

// dispatch passes each event to the worker of its stream, and ends the workers.
func (c *checking) dispatch(ctx context.Context) error {
	defer func() {
		for _, w := range c.workers {
			close(w.full)
		}
	}()
	q := replay.WholeQuery{Cut: c.plan.UpTo}
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
		return c.link(e)
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
	return c.linked()
}

// progressStep is how many events are read between two reports.
const progressStep = 1024

// hash is FNV-1a.
func hash(s replay.StreamID) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>32
}

// answer puts together what the workers found.
func (c *checking) answer() *Result {
	out := &Result{At: c.plan.UpTo.Moment, Invariants: make([]InvariantResult, len(c.plan.Invariants))}
	for i, inv := range c.plan.Invariants {
		out.Invariants[i].Invariant = inv
	}
	c.known(out)
	for _, w := range c.workers {
		out.Events += w.events
		out.Streams += w.streamsNew
		out.Spilled += w.spilled
		out.Odd.KeyTwice += w.odd.KeyTwice
		out.Odd.NotFinite += w.odd.NotFinite
		w.partial(out, c.whole.Reader.Info().Sparse)
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
