package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
	"asof/replay/store/cell"
)

var _ replay.Follower = (*reader)(nil)

// Settled finds the first gap in the positions that a transaction may still fill, see
// [table.Binding.SettledAfter]. Transaction numbers do not help, even where events have
// them, as Emmett's do: a number may be assigned before or after the position.
func (r *reader) Settled(ctx context.Context, after replay.Position) (replay.Position, error) {
	last, err := r.settled(ctx, after)
	if err != nil {
		return after, r.session.failed(ctx, err)
	}
	return last, nil
}

func (r *reader) settled(ctx context.Context, after replay.Position) (replay.Position, error) {
	writing, err := r.beingWritten(ctx)
	if err != nil {
		return after, err
	}
	now, err := r.session.one(ctx, "SELECT now()")
	if err != nil {
		return after, err
	}
	moment, _, _ := cell.NewTimes(nil, "", nil).Read(&now)
	return r.SettledAfter(ctx, after, writing, moment)
}

// beingWritten reports whether a writing transaction was in progress at this reader's
// snapshot. It returns true if the engine cannot tell.
func (r *reader) beingWritten(ctx context.Context) (bool, error) {
	v, err := r.session.one(ctx, "SELECT txid_snapshot_xmin(txid_current_snapshot()) < txid_snapshot_xmax(txid_current_snapshot())")
	var pe *pgconn.PgError
	if errors.As(err, &pe) && ctx.Err() == nil {
		r.session.recover()
		return true, nil
	}
	return v.Num == 1, err
}
