package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
)

var _ replay.Witness = (*reader)(nil)

// Witness returns the transactions whose changes the reader's snapshot holds, and since
// when the server runs. It is empty on a standby, whose snapshots do not list them, and if
// the engine cannot tell.
func (r *reader) Witness(ctx context.Context) (string, error) {
	v, err := r.session.one(ctx, "SELECT CASE WHEN pg_is_in_recovery() THEN '' ELSE"+
		" pg_postmaster_start_time()::text || ' ' || txid_current_snapshot()::text END")
	var pe *pgconn.PgError
	if errors.As(err, &pe) && ctx.Err() == nil {
		r.session.recover()
		return "", nil
	}
	if err != nil {
		return "", r.session.failed(ctx, err)
	}
	return string(v.B), nil
}
