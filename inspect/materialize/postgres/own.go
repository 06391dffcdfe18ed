package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay/place"
)

// identity identifies a database, by whatever name its server was reached.
const identity = "SELECT pg_postmaster_start_time()::text || ' ' || oid::text FROM pg_database WHERE datname = current_database()"

// isStore reports whether the database is the one that the store is in.
func (t *Target) isStore(ctx context.Context) (bool, error) {
	if t.store.Kind() != place.KindPostgres {
		return false, nil
	}
	if sameName(t.at, t.store) {
		return true, nil
	}
	conn, err := connect(ctx, t.store)
	if err != nil {
		return false, errors.New(t.store.Scrub(err.Error()))
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing was written
	here, err1 := t.run(ctx, identity)
	there, err2 := (&Target{conn: conn}).run(ctx, identity)
	if err1 != nil || err2 != nil || len(here) == 0 || len(there) == 0 {
		return false, nil // another engine than PostgreSQL, which has names alone
	}
	return string(here[0][0]) == string(there[0][0]), nil
}

// sameName reports whether two connection strings name one database.
func sameName(a, b place.Location) bool {
	x, err1 := pgconn.ParseConfig(a.Reveal())
	y, err2 := pgconn.ParseConfig(b.Reveal())
	return err1 == nil && err2 == nil && x.Host == y.Host && x.Port == y.Port && x.Database == y.Database
}
