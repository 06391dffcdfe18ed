package postgres

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/remote"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A reader reads any PostgreSQL store through its layout.
type reader struct {
	*table.Binding
	session *session
	info    replay.Info
	whole   *reader // of a shard: the whole store
}

// open connects and matches the dialects.
func open(ctx context.Context, at place.Location, o source.Options, all []Dialect) (replay.Reader, error) {
	s, err := dial(ctx, at, o.ServerTimeout)
	if err != nil {
		return nil, err
	}
	r, err := newReader(ctx, s, o, all)
	if err == nil {
		return r, nil
	}
	s.close()
	var known *replay.StoreError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &known):
		return nil, err
	}
	return nil, s.wrong("open", err)
}

func newReader(ctx context.Context, s *session, o source.Options, all []Dialect) (*reader, error) {
	probes, err := readSchemas(ctx, s, &o)
	if err != nil {
		return nil, err
	}
	if len(probes) == 0 {
		return nil, &replay.StoreError{
			Path: s.shown, Op: "open", Err: errors.New("this user can see no tables in it"),
			Next: fault.Try("name another database or user, or ask for USAGE on the schema and SELECT on its tables"),
		}
	}
	l, err := matchSchemas(probes, s.shown, &o, all)
	var unknown *source.UnknownDialectError
	if errors.As(err, &unknown) && len(unknown.Matches) == 0 {
		if failed := errors.Join(s.guard(ctx), proposeTables(ctx, probes, unknown)); failed != nil {
			return nil, failed
		}
	}
	if err == nil {
		err = l.Suits(&o)
	}
	if err == nil {
		err = s.guard(ctx)
	}
	if err != nil {
		return nil, err
	}
	hides, err := s.hidden(ctx, l.From)
	if err != nil {
		return nil, err
	}
	if hides {
		l.LeftOut = append(slices.Clip(l.LeftOut), hiddenRows)
	}
	r := &reader{session: s}
	if r.Binding, err = l.Bind(&o, s.shown, r); err != nil {
		return nil, err
	}
	r.info = r.Describe(s.where + " in one read-only transaction: all answers are from the same moment")
	return r, nil
}

// Flavour returns the SQL variant of PostgreSQL.
func (r *reader) Flavour() table.Flavour { return flavour }

// Failed converts an error of the server to a StoreError.
func (r *reader) Failed(ctx context.Context, err error) error { return r.session.failed(ctx, err) }

// EachValue calls each for the first value of every row.
func (r *reader) EachValue(ctx context.Context, sql string, each func(*cell.Value)) error {
	var v cell.Value
	return r.session.Run(ctx, sql, nil, func(row *rawRow) error {
		row.read(0, &v)
		each(&v)
		return nil
	})
}

// isFailure distinguishes errors of the server or the connection from a dialect that does
// not match.
func isFailure(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		pgconn.Timeout(err) || errors.As(err, new(*remote.SilenceError)) || errors.Is(err, pgconn.ErrConnClosed)
}

// Info describes the store.
func (r *reader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.Times.Next()
	return i
}

// Close ends the session.
func (r *reader) Close() error {
	if !r.session.conn.IsClosed() {
		r.session.close()
	}
	return nil
}

// Events yields the events that match a query.
func (r *reader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		r.Each(ctx, q, yield, nil)
	}
}

// Values returns the first values of the first row.
func (r *reader) Values(ctx context.Context, n int, sql string, args ...any) ([]cell.Value, error) {
	vs := make([]cell.Value, n)
	err := r.session.Run(ctx, sql, args, func(row *rawRow) error {
		for i := range vs {
			row.read(i, &vs[i])
			vs[i].B = bytes.Clone(vs[i].B)
		}
		return nil
	})
	return vs, err
}

// Open runs the statement for a query.
func (r *reader) Open(ctx context.Context, q replay.Query) (*table.Events, error) {
	st, err := r.Layout.SelectEvents(flavour, q)
	if err != nil {
		return nil, err
	}
	return r.ask(ctx, st, q)
}

// Select runs a statement that does not select events.
func (r *reader) Select(ctx context.Context, st *table.Statement) (table.Rows, error) {
	return r.session.declare(ctx, st.SQL, st.Args)
}

func (r *reader) ask(ctx context.Context, st *table.Statement, q replay.Query) (*table.Events, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.session.broken != nil {
		return nil, r.session.broken
	}
	if st.Rest.None {
		return r.Read(ctx, st, q, nil), nil
	}
	rows, err := r.session.declare(ctx, st.SQL, st.Args)
	if err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return r.Read(ctx, st, q, rows), nil
}
