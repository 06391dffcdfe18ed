package ask

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// Replay asks for the state at a point.
type Replay struct {
	Timeline
	Path   string `json:"path,omitempty" jsonschema:"only this part of the state, such as /items/0 or /items[sku=a]"`
	Result bool   `json:"result,omitempty" jsonschema:"the projection's result (transformBy, filterBy) instead of its state"`
}

// Check rejects an invalid request.
func (q Replay) Check() error {
	if err := checkPath(q.Path); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Part is the parsed path.
func (q Replay) Part() state.Path { return pathOf(q.Path) }

// Ask answers the question.
func (q Replay) Ask(ctx context.Context, w *workspace.Workspace) (*inspect.Replayed, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store. The answer has the whole state; a view
// narrows it to the path.
func (q Replay) Of(ctx context.Context, s *workspace.Store) (answer *inspect.Replayed, err error) {
	notePath(s.Workspace(), q.Path)
	err = q.atPoint(ctx, s, func(t *workspace.Target, at replay.Moment) error {
		if answer, err = inspect.Replay(ctx, t.Subject, at); err != nil {
			notePartial(ctx, s.Workspace(), answer, err)
			return err
		}
		if q.Result {
			if answer.State, err = t.How.Result(answer.State); err != nil {
				return err
			}
		}
		t.NoteBasis(ctx)
		return nil
	})
	return answer, err
}

// notePartial notes how far a failed fold came. The state before is sound, unless one
// of two events with the same version contributed to it.
func notePartial(ctx context.Context, w *workspace.Workspace, answer *inspect.Replayed, failed error) {
	var twice *replay.DuplicateError
	if answer == nil || answer.Account.Events <= answer.Account.Unread || ctx.Err() != nil || errors.As(failed, &twice) {
		return
	}
	before := fmt.Sprintf("the %d events before it can be folded", answer.Account.Events)
	if answer.Account.Events == 1 {
		before = "the event before it can be folded"
	}
	w.Note("partial", before+"; choose a point before it to see that state")
}

// Steps asks for the state after each event of a range.
type Steps struct {
	Timeline
	Path string `json:"path,omitempty" jsonschema:"only this part of the state, such as /items/0 or /items[sku=a]"`
	Page
}

// A Step is the state after one event. It is valid until the next.
type Step struct {
	Moment replay.Moment
	replay.Step
	Cursor string // if the list was cut after it
}

// JSON is the line of the answer.
func (s *Step) JSON() wire.Step {
	x := wire.NewStep(&s.Step, s.Moment)
	x.Cursor = s.Cursor
	return x
}

// Check rejects an invalid request.
func (q Steps) Check() error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	if err := checkPath(q.Path); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Steps) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[*Step, error] {
	return list(ctx, w, q)
}

// Of answers the question about an open store.
func (q Steps) Of(ctx context.Context, s *workspace.Store) iter.Seq2[*Step, error] {
	notePath(s.Workspace(), q.Path)
	return lines(func(yield func(*Step) error) error {
		return q.overRange(ctx, s, func(t *workspace.Target, i replay.Interval) error {
			span, ok := i.Span()
			if !ok {
				return nil
			}
			asked := q
			asked.Page = Page{}
			keys, err := q.Page.begin(asked, 2)
			if keys != nil && err == nil {
				span, ok, err = left(span, keys)
			}
			if err != nil || !ok {
				return err
			}
			hi, ends := span.Hi()
			if ends && hi != i.To.Version() {
				if i.To, _, err = t.Timeline.Resolve(ctx, replay.AtVersion(hi)); err != nil {
					return err
				}
			}
			end := i.To
			p := pager[*Step]{limit: q.Limit, yield: yield}
			p.cut = func(one *Step) *Step {
				if v := t.Timeline.Version(one.Event); v < end.Version() {
					one.Cursor = cursorAt(asked, keyOf(v), keyOf(end.Version()))
				}
				return one
			}
			if err := q.pass(ctx, t, span, i.To, &p); err != nil {
				return err
			}
			t.NoteGuess()
			t.NoteBasis(ctx)
			return nil
		})
	})
}

// left is what a list of a timeline has left: after the first key, up to the end that
// it had at the first page.
func left(s replay.Span[replay.Version], keys []string) (replay.Span[replay.Version], bool, error) {
	v, err := versionKey(keys[0])
	if err != nil {
		return s, false, err
	}
	end, err := versionKey(keys[1])
	if err != nil {
		return s, false, err
	}
	s, ok := spanAfter(s, end+1, true)
	if !ok {
		return s, false, nil
	}
	s, ok = spanAfter(s, v, false)
	return s, ok, nil
}

// pass passes on the states after the events of a span.
func (q Steps) pass(ctx context.Context, t *workspace.Target, span replay.Span[replay.Version], to replay.Moment, p *pager[*Step]) error {
	path := pathOf(q.Path)
	lo, hasLo := span.Lo()
	for step, err := range t.Steps(ctx, to, replay.FoldOptions{}) {
		if err != nil {
			return err
		}
		if hasLo && t.Timeline.Version(step.Event) < lo {
			continue
		}
		part := Step{Moment: t.Timeline.Moment(step.Event), Step: *step}
		if part.Root, err = path.Lookup(step.Root); err != nil {
			part.Root = state.NullValue() // not there yet, or not any more
		}
		if err := p.pass(&part); errors.Is(err, errPageEnds) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}
