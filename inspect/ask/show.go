package ask

import (
	"context"

	"asof/inspect"
	"asof/replay"
	"asof/replay/workspace"
)

// Show asks for one event in full, and what it changed.
type Show struct{ Timeline }

// Ask answers the question.
func (q Show) Ask(ctx context.Context, w *workspace.Workspace) (*inspect.Shown, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store. An event that cannot be folded is still
// shown; with Strict, the fold's error comes with the answer.
func (q Show) Of(ctx context.Context, s *workspace.Store) (answer *inspect.Shown, err error) {
	err = q.atPoint(ctx, s, func(t *workspace.Target, at replay.Moment) error {
		if answer, err = inspect.Show(ctx, t.Subject, at); err != nil {
			return err
		}
		switch {
		case answer.FoldError == nil:
			t.NoteBasis(ctx)
		case q.Strict:
			return answer.FoldError
		default:
			s.Workspace().Note("fold", "its change is unknown: "+answer.FoldError.Error())
		}
		return nil
	})
	return answer, err
}
