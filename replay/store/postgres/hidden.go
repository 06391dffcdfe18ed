package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay/store/table"
)

// hiddenRows is what row-level security leaves out without an error. A policy does not say
// of which streams, nor how much.
var hiddenRows = table.Omission{What: "rows that row-level security may hide from this user", Lost: true, Anywhere: true}

// guardedTables counts the tables with row-level security, except those of which a policy
// shows every row to everybody.
const guardedTables = `SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relrowsecurity AND (
 NOT EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('r', '*')
  AND 0 = ANY (p.polroles) AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true')
 OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd IN ('r', '*')))`

// hidden reports whether row-level security applies to the rows of a query, be it through
// views: without it, the server then refuses the query. It needs the savepoint, to which it
// returns.
func (s *session) hidden(ctx context.Context, from string) (bool, error) {
	n, err := s.one(ctx, guardedTables)
	if err != nil || n.Num == 0 {
		return false, err
	}
	_, err = s.conn.Exec(ctx, "SET LOCAL row_security = off; EXPLAIN SELECT FROM "+from).ReadAll()
	var refused *pgconn.PgError
	hides := errors.As(err, &refused) && refused.Code == "42501"
	if hides {
		err = nil
	}
	_, back := s.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT "+savepoint).ReadAll()
	return hides, errors.Join(err, back)
}
