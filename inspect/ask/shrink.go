package ask

import (
	"context"
	"errors"
	"reflect"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Shrink asks for a minimal set of events that still produces the bad state: the one at
// the point or, without a point, the first bad state.
type Shrink struct {
	Timeline
	Condition
	Tests int64 `json:"tests,omitempty" jsonschema:"fold at most this many histories; default no limit"`
	Case  bool  `json:"case,omitempty" jsonschema:"also return what a test of the application needs"`

	// Ready is called before the search, once everything it reads is open. Its error
	// ends the question. It may be nil.
	Ready func() error `json:"-"`
}

// Shrunk is a minimal set of events that still produces the bad state.
type Shrunk struct {
	*whatif.Shrunk
	Many bool  // the timeline has several streams
	Case *Case // nil unless requested
}

// Check rejects an invalid request.
func (q Shrink) Check() error {
	if !q.Given() {
		return workspace.Usage(fault.Try("give an expression, for example").With("bad", "state.total < 0"), "no condition given")
	}
	if q.Tests < 0 {
		return workspace.Usagef("write a number such as 20000", "bad tests %d", q.Tests)
	}
	if err := q.Condition.Check(); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Shrink) Ask(ctx context.Context, w *workspace.Workspace) (*Shrunk, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store. If ctx ends during the search, the
// answer is the smallest set found so far.
func (q Shrink) Of(ctx context.Context, s *workspace.Store) (answer *Shrunk, err error) {
	w := s.Workspace()
	cond, mentions, err := q.compile(w)
	if err != nil {
		return nil, err
	}
	err = q.atPoint(ctx, s, func(t *workspace.Target, upTo replay.Moment) error {
		o, err := q.options(t, upTo)
		if err == nil && q.Ready != nil {
			err = q.Ready()
		}
		if err != nil {
			return err
		}
		meter := w.Work("tests", -1)
		o.Progress = func(int64, int) { meter.Add(1) }
		found, err := whatif.Shrink(ctx, t.Subject, cond, o)
		meter.Done()
		noteAbsent(w, mentions)
		var none *whatif.ShrinkError
		plain := on(workspace.StoreRef{Store: q.Store}, workspace.Folding{}, q.Stream)
		if errors.As(err, &none) && none.Next.Ask != "" && reflect.DeepEqual(q.Timeline, plain) {
			none.Next.On = []string{q.Store, q.Stream}
		}
		if err != nil {
			return err
		}
		answer = &Shrunk{Shrunk: found, Many: t.Timeline.Many}
		noteCondition(w, cond)
		t.NoteGuess()
		t.NoteBasis(ctx)
		if q.Case {
			answer.Case, err = newCase(ctx, w, t, found.Events, q.Folding)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// options selects the bad state: the one at the point, if there is a point.
func (q Shrink) options(t *workspace.Target, upTo replay.Moment) (whatif.ShrinkOptions, error) {
	o := whatif.ShrinkOptions{Tests: q.Tests, UpTo: upTo}
	if upTo.IsStart() {
		return o, workspace.Usagef("name a later point", "there are no events up to the start")
	}
	text, err := t.Point(q.At)
	if err == nil && text != "" {
		o.At = &upTo
	}
	return o, err
}
