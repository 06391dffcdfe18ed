package ask

import (
	"context"

	"asof/inspect/drift"
	"asof/inspect/query"
	"asof/replay/workspace"
)

// folds compares the states of two folds, stream by stream. The second is taken to be
// right.
func (q Drift) folds(ctx context.Context, s *workspace.Store) (*Drifted, error) {
	second := q.Folding
	second.Fold = q.OtherFold
	o := q.options()
	o.Exact = true
	c, err := drift.New(o)
	if err != nil {
		return nil, err
	}
	answer := &Drifted{Kind: DriftFolds, Moment: q.At, Projection: q.OtherFold, Other: q.Fold}
	err = withFolds(ctx, s, q.At, []workspace.Folding{second, q.Folding}, func(db *query.DB, of []*query.Projection) error {
		for rows, err := range db.Together(of...) {
			if err == nil {
				err = compareFolds(c, &rows[0], &rows[1])
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	answer.Result = c.Result()
	return answer, err
}

// compareFolds compares the states of one stream.
func compareFolds(c *drift.Comparison, right, other *query.StateRow) error {
	want, got := wanted(right), wanted(other)
	switch {
	case want.Err == nil && got.Err != nil:
		c.Failed(got.Key, got.Stream, got.Err)
	case want.Err == nil && hasNone(&want) && hasNone(&got):
	case want.Err == nil && hasNone(&want):
		c.Extra(want.Key)
	case want.Err == nil && hasNone(&got):
		c.Missing(&want)
	default:
		return c.Compare(&want, &drift.Got{Key: got.Key, State: got.State})
	}
	return nil
}
