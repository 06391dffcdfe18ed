package ask

import (
	"context"

	"asof/inspect"
	"asof/inspect/bisect"
	"asof/replay"
	"asof/replay/workspace"
)

// A Bisection is the common part of searches for an event of one timeline.
type Bisection struct {
	Timeline
	From string `json:"from,omitempty" jsonschema:"start of the range, instead of at; the state there is assumed good; default: start"`
	To   string `json:"to,omitempty" jsonschema:"end of the range, instead of at; default: head"`
}

// Check rejects an invalid request.
func (q Bisection) Check() error {
	if q.At != "" && (q.From != "" || q.To != "") {
		return workspace.Usagef("give one of them", "both a range and its start or end")
	}
	return q.Timeline.Check()
}

// over finds the timeline in a store and resolves the range to search.
func (q Bisection) over(ctx context.Context, s *workspace.Store, f func(*workspace.Target, searchRange) error) error {
	return q.in(ctx, s, func(t *workspace.Target) error {
		asked, err := q.asked(t)
		if err != nil {
			return err
		}
		r, err := resolveRange(ctx, t, asked, q.At)
		if err != nil {
			return err
		}
		return f(t, r)
	})
}

// A searchRange is the range of a search.
type searchRange struct {
	replay.Interval
	toHead bool // the range ends at the head, by default or by name
}

// resolveRange resolves the range of a search, which must not run backwards. at is the
// text of the range, unless it follows an @.
func resolveRange(ctx context.Context, t *workspace.Target, asked replay.Range, at string) (r searchRange, err error) {
	r.toHead = asked.To == replay.Head()
	if r.Interval, err = t.Resolve(ctx, asked); err != nil {
		return r, err
	}
	text, _ := t.Point(at)
	return r, workspace.CheckForward(r.Interval, text)
}

// asked returns the range, which comes from From and To, from At, or after the @.
func (q Bisection) asked(t *workspace.Target) (r replay.Range, err error) {
	switch {
	case q.From == "" && q.To == "":
		return t.Range(q.At)
	case t.HasAt && t.At != "":
		return r, t.BothPoints()
	}
	env := t.Workspace().Env()
	r = replay.Range{From: replay.Start(), To: replay.Head()}
	if q.From != "" {
		if r.From, err = replay.ParsePoint(q.From, env); err != nil {
			return r, err
		}
	}
	if q.To != "" {
		r.To, err = replay.ParsePoint(q.To, env)
	}
	return r, err
}

// Bisect asks for the first event that made a good state bad. It tests every state of
// the range.
type Bisect struct {
	Bisection
	Condition

	// Enough is how many states to test after the event that is found, unless as few are left
	// then; 0: all.
	Enough int64 `json:"-"`

	// Causing is how many events to fold at most for the cause, if states are kept; 0: as many
	// as it takes a second or so.
	Causing int64 `json:"-"`

	// Tested is called after each test, with the version of the state. It may be nil.
	Tested func(v replay.Version, bad bool) `json:"-"`
}

// Check rejects an invalid request.
func (q Bisect) Check() error {
	if !q.Given() {
		return workspace.Usagef("give a condition", "no condition given")
	}
	if err := q.Condition.Check(); err != nil {
		return err
	}
	return q.Bisection.Check()
}

// Ask answers the question.
func (q Bisect) Ask(ctx context.Context, w *workspace.Workspace) (*bisect.Result, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Bisect) Of(ctx context.Context, s *workspace.Store) (answer *bisect.Result, err error) {
	w := s.Workspace()
	cond, mentions, err := q.compile(w)
	if err != nil {
		return nil, err
	}
	err = q.over(ctx, s, func(t *workspace.Target, r searchRange) error {
		if answer, err = bisectMetered(ctx, t, cond, r, q); err != nil {
			return err
		}
		if answer.FromError != nil && answer.Verdict != bisect.Found {
			w.Note("start", "the state before the first event was not tested: "+answer.FromError.Error())
		}
		noteAbsent(w, mentions)
		noteCondition(w, cond)
		t.NoteGuess()
		t.NoteBasis(ctx)
		return nil
	})
	return answer, err
}

// bisectMetered searches a range and reports progress.
func bisectMetered(ctx context.Context, t *workspace.Target, cond inspect.Condition, r searchRange, q Bisect) (*bisect.Result, error) {
	meter := t.Workspace().Work("events", r.size(t))
	defer meter.Done()
	answer, err := bisect.Run(ctx, t.Subject, cond, bisect.Options{
		From: r.From, To: r.To, Explain: true, Enough: q.Enough, Causing: q.Causing, Progress: func(v replay.Version, bad bool) {
			if meter.Add(1); q.Tested != nil {
				q.Tested(v, bad)
			}
		},
	})
	if err == nil {
		answer.ToHead = r.toHead
	}
	return answer, err
}

// size is the approximate number of events to fold, or -1.
func (r searchRange) size(t *workspace.Target) int64 {
	if t.Timeline.Many || r.To.IsStart() {
		return -1
	}
	n := int64(r.To.Version())
	if r.From.IsStart() {
		return n - int64(t.Stream.First) + 1
	}
	return n - int64(r.From.Version())
}

// BisectFolds asks for the first event after which two folds have different states.
type BisectFolds struct {
	Bisection
	OtherFold string `json:"other_fold" jsonschema:"the second fold, in the form of fold"`
}

// Check rejects an invalid request.
func (q BisectFolds) Check() error {
	if q.Fold == "" || q.OtherFold == "" {
		return workspace.Usagef("name both, such as old.js and new.js", "two folds are compared")
	}
	return q.Bisection.Check()
}

// Ask answers the question.
func (q BisectFolds) Ask(ctx context.Context, w *workspace.Workspace) (*bisect.Result, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q BisectFolds) Of(ctx context.Context, s *workspace.Store) (answer *bisect.Result, err error) {
	err = q.over(ctx, s, func(t *workspace.Target, r searchRange) error {
		how := q.Folding
		how.Fold = q.OtherFold
		other, err := s.Target(ctx, q.Stream, how)
		if err != nil {
			return err
		}
		defer other.Close()
		if !r.From.IsStart() {
			return workspace.Usagef("leave out the start of the range", "two folds are compared from the first event")
		}
		if answer, err = bisect.Folds(ctx, t.Subject, other.Subject, bisect.Options{From: r.From, To: r.To}); err != nil {
			return err
		}
		answer.ToHead = r.toHead
		t.NoteBasis(ctx)
		other.NoteWarnings()
		return nil
	})
	return answer, err
}
