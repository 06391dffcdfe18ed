package ask

import (
	"context"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Whatif simulates the state had history been different. Nothing is written.
type Whatif struct {
	Timeline
	Edits []Edit `json:"edits" jsonschema:"the edits, applied in this order"`
	Path  string `json:"path,omitempty" jsonschema:"only this part of the state, such as /total or /items[sku=a]/qty"`
}

// Check rejects an invalid request.
func (q Whatif) Check() error {
	if len(q.Edits) == 0 {
		return workspace.Usage(fault.Try("drop, change, insert or swap an event, for example").With("drop", "10"), "no edit given")
	}
	for _, e := range q.Edits {
		if err := e.Check(); err != nil {
			return err
		}
	}
	if err := checkPath(q.Path); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Whatif) Ask(ctx context.Context, w *workspace.Workspace) (*whatif.Result, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Whatif) Of(ctx context.Context, s *workspace.Store) (answer *whatif.Result, err error) {
	notePath(s.Workspace(), q.Path)
	err = q.atPoint(ctx, s, func(t *workspace.Target, at replay.Moment) error {
		edits, err := q.on(ctx, t)
		if err != nil {
			return err
		}
		if answer, err = whatif.Run(ctx, t.Subject, at, edits, pathOf(q.Path)); err != nil {
			return err
		}
		for _, a := range answer.Added {
			s.Workspace().Notices([]replay.Notice{{
				Code: NoticeAdded, Text: a.At.Label() + " has no " + a.Path + ", so it was added; did you mean " + a.Near + "?",
				For: a.Wrote, Near: a.Near,
			}})
		}
		t.NoteGuess()
		t.NoteBasis(ctx)
		return nil
	})
	return answer, err
}

// Rest compares what later events changed with what they would change, up to the point of
// the question and for most events: see [whatif.Rest].
func (q Whatif) Rest(ctx context.Context, s *workspace.Store, most int) (answer *whatif.Future, err error) {
	err = q.atPoint(ctx, s, func(t *workspace.Target, at replay.Moment) error {
		edits, err := q.on(ctx, t)
		if err == nil {
			answer, err = whatif.Rest(ctx, t.Subject, at, edits, most)
		}
		return err
	})
	return answer, err
}

// on resolves the edits on a timeline.
func (q Whatif) on(ctx context.Context, t *workspace.Target) (edits []whatif.Edit, err error) {
	for _, e := range q.Edits {
		some, err := e.on(ctx, t)
		if err != nil {
			return nil, err
		}
		edits = append(edits, some...)
	}
	return edits, nil
}

// NoticeAdded is the code of notices of a member that an edit added to an event.
const NoticeAdded = "added"
