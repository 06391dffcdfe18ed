package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// settledAfter is the age of the event after a gap from which the gap counts as left by a
// failed transaction, even if others are still writing.
const settledAfter = time.Minute

var _ replay.Follower = (*reader)(nil)

// Settled finds the first gap in the positions that a transaction may still fill.
// Positions come from a sequence, which advances before a transaction commits and does
// not go back when it fails.
//
// While nobody writes, every gap is final. Otherwise a gap is final when the event after
// it is a minute old by the server's clock: a transaction that could fill it would have
// been running for longer. Transaction numbers do not help, even where events have them,
// as Emmett's do: a number may be assigned before or after the position.
func (r *reader) Settled(ctx context.Context, after replay.Position) (replay.Position, error) {
	if !r.Layout.Has(source.Position) {
		return after, &replay.UnsupportedError{Dialect: r.info.Dialect, Lacks: "positions"}
	}
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
	c, err := r.Open(ctx, replay.Query{
		Positions: replay.From(after + 1), Skip: replay.FieldID | replay.FieldMeta | replay.FieldData,
	})
	if err != nil {
		return after, err
	}
	defer c.Close()
	last := after
	for {
		e, err := c.Next()
		if err != nil || e == nil {
			return last, err
		}
		young := e.Time.IsZero() || moment.Sub(e.Time) < settledAfter
		if e.Position > last+1 && writing && young {
			return last, nil
		}
		last = e.Position
	}
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
