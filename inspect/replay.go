package inspect

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// Replayed is the state at a point.
type Replayed struct {
	Moment     replay.Moment
	Projection string // the fold, see [replay.Reducer]
	State      state.Value
	Account    replay.Account
}

// Replay returns the state at a moment. If the fold fails, the answer holds the state
// before the failure, and comes with the error.
func Replay(ctx context.Context, s replay.Subject, at replay.Moment) (*Replayed, error) {
	s = s.Counting()
	out := &Replayed{Moment: at, Projection: s.Fold.Reducer.Name()}
	var err error
	if out.State, out.Account.Tally, err = s.StateAt(ctx, at); err != nil {
		return out, err
	}
	out.Account, err = s.Account(ctx)
	return out, err
}
