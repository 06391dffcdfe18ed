package store

import (
	"context"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
	"asof/replay/place"
)

// A pgReader reads any PostgreSQL store through its layout.
type pgReader struct {
	*binding
	session *pgSession
	info    replay.Info
	isSound bool // no stream has a version twice
}

// openPostgres connects, and tells the dialect by the tables that the user may
// see.
func openPostgres(ctx context.Context, at place.Location, o Options) (replay.Reader, error) {
	s, err := dialPostgres(ctx, at, o.ServerTimeout)
	if err != nil {
		return nil, err
	}
	r, err := newPgReader(ctx, s, o)
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

func newPgReader(ctx context.Context, s *pgSession, o Options) (*pgReader, error) {
	probes, err := readPgSchemas(ctx, s, &o)
	if err != nil {
		return nil, err
	}
	if len(probes) == 0 {
		return nil, &replay.StoreError{
			Path: s.shown, Op: "open", Err: errors.New("it has no table that this user may see"),
			Next: "name another database or user, or ask for USAGE on the schema and SELECT on its tables",
		}
	}
	l, err := matchPostgres(probes, s.shown, &o)
	if err == nil {
		err = l.suits(&o)
	}
	if err == nil {
		err = s.guard(ctx)
	}
	if err != nil {
		return nil, err
	}
	r := &pgReader{session: s}
	r.binding, err = l.bind(&o, func(sql, stream string) (value, error) {
		if !isPgText(stream) {
			return value{}, nil
		}
		return s.one(context.Background(), sql, stream)
	})
	if err != nil {
		return nil, err
	}
	r.times.ends = func(all bool) (numberRange, error) { return l.timeRange(all, r.times, r.eachValue) }
	r.info = r.describe(s.shown, s.where+" in one read-only transaction: all answers are of one moment")
	return r, nil
}

// eachValue calls each for the first value of every row.
func (r *pgReader) eachValue(sql string, each func(*value)) error {
	var v value
	return r.session.run(context.Background(), sql, nil, func(row *pgRow) error {
		row.read(0, &v)
		each(&v)
		return nil
	})
}

// isPgFailure tells what the server or the connection fails of from a dialect
// that does not fit.
func isPgFailure(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		pgconn.Timeout(err) || errors.As(err, new(*silenceError)) || errors.Is(err, pgconn.ErrConnClosed)
}

func (r *pgReader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.times.hint()
	return i
}

func (r *pgReader) Close() error {
	if !r.session.conn.IsClosed() {
		r.session.close()
	}
	return nil
}

func (r *pgReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		if wantsUnique(q) {
			if err := r.sound(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		c, err := r.open(ctx, q)
		if err != nil {
			yield(nil, err)
			return
		}
		defer c.close()
		for n := 0; q.Limit <= 0 || n < q.Limit; n++ {
			e, err := c.next()
			if err != nil {
				yield(nil, r.session.failed(ctx, err))
				return
			}
			if e == nil || !yield(e, nil) {
				return
			}
		}
	}
}

// A pgEvents goes through the events of one statement.
type pgEvents struct {
	assembler
	rows *pgCursor // nil where nothing can match
}

func (r *pgReader) open(ctx context.Context, q replay.Query) (*pgEvents, error) {
	st, err := r.layout.selectEvents(pgFlavour, q)
	if err != nil {
		return nil, err
	}
	return r.ask(ctx, st, q)
}

func (r *pgReader) ask(ctx context.Context, st *statement, q replay.Query) (*pgEvents, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.session.broken != nil {
		return nil, r.session.broken
	}
	c := &pgEvents{assembler: r.assemble(st, q)}
	if st.rest.none {
		return c, nil
	}
	var err error
	if c.rows, err = r.session.declare(ctx, st.sql, st.args); err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return c, nil
}

func (c *pgEvents) close() {
	if c.rows != nil {
		c.rows.close()
	}
}

// next returns the next event that the query asks for, or nil at the end.
func (c *pgEvents) next() (*replay.Event, error) {
	if c.rows == nil {
		return nil, nil
	}
	for {
		row, err := c.rows.next()
		if err != nil || row == nil {
			return nil, err
		}
		for col, at := range c.st.cols {
			if at >= 0 {
				row.read(at, &c.row.vals[col])
			}
		}
		if c.st.item >= 0 {
			row.read(c.st.item, &c.row.item)
		}
		in, err := c.fill()
		if err != nil {
			return nil, &replay.StoreError{Path: c.rows.session.shown, Op: "read", Err: c.row.fault(err)}
		}
		if in {
			return &c.event, nil
		}
	}
}
