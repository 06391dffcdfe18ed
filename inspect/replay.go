package inspect

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// Replayed is the state at a point.
type Replayed struct {
	Moment     replay.Moment
	Projection string // what folded, see [replay.Reducer]
	State      state.Value
	Tally      Tally
}

// Replay answers what the state was at a moment. When the fold fails, the answer
// holds what was folded before that, beside the error.
func Replay(ctx context.Context, s Subject, at replay.Moment) (*Replayed, error) {
	st, tally, err := s.StateAt(ctx, at)
	return &Replayed{Moment: at, Projection: s.Fold.Reducer.Name(), State: st, Tally: tally}, err
}
