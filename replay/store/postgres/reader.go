package postgres

import (
	"context"
	"errors"
	"iter"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A reader reads any PostgreSQL store through its layout.
type reader struct {
	*table.Binding
	session *pgSession
	info    replay.Info
	isSound bool // no stream has a version twice
}

// Open connects, and tells the dialect by the tables that the user may
// see.
func Open(ctx context.Context, at place.Location, o source.Options, all []Dialect) (replay.Reader, error) {
	s, err := dialPostgres(ctx, at, o.ServerTimeout)
	if err != nil {
		return nil, err
	}
	r, err := newPgReader(ctx, s, o, all)
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

func newPgReader(ctx context.Context, s *pgSession, o source.Options, all []Dialect) (*reader, error) {
	probes, err := readPgSchemas(ctx, s, &o)
	if err != nil {
		return nil, err
	}
	if len(probes) == 0 {
		return nil, &replay.StoreError{
			Path: s.shown, Op: "open", Err: errors.New("it has no table that this user may see"),
			Next: fault.Try("name another database or user, or ask for USAGE on the schema and SELECT on its tables"),
		}
	}
	l, err := matchPostgres(probes, s.shown, &o, all)
	if err == nil {
		err = l.Suits(&o)
	}
	if err == nil {
		err = s.guard(ctx)
	}
	if err != nil {
		return nil, err
	}
	r := &reader{session: s}
	r.Binding, err = l.Bind(&o, func(sql, stream string) (cell.Value, error) {
		if !isPgText(stream) {
			return cell.Value{}, nil
		}
		return s.one(context.Background(), sql, stream)
	})
	if err != nil {
		return nil, err
	}
	r.Times.Ends = func(all bool) (cell.NumberRange, error) { return l.TimeRange(all, r.Times, r.eachValue) }
	r.info = r.Describe(s.shown, s.where+" in one read-only transaction: all answers are of one moment")
	return r, nil
}

// eachValue calls each for the first value of every row.
func (r *reader) eachValue(sql string, each func(*cell.Value)) error {
	var v cell.Value
	return r.session.Run(context.Background(), sql, nil, func(row *PgRow) error {
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

func (r *reader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.Times.Next()
	return i
}

func (r *reader) Close() error {
	if !r.session.conn.IsClosed() {
		r.session.close()
	}
	return nil
}

func (r *reader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		if table.WantsUnique(q) {
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
		defer c.Close()
		for n := 0; q.Limit <= 0 || n < q.Limit; n++ {
			e, err := c.Next()
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
	table.Assembler
	rows *pgCursor // nil where nothing can match
}

func (r *reader) open(ctx context.Context, q replay.Query) (*pgEvents, error) {
	st, err := r.Layout.SelectEvents(pgFlavour, q)
	if err != nil {
		return nil, err
	}
	return r.ask(ctx, st, q)
}

func (r *reader) ask(ctx context.Context, st *table.Statement, q replay.Query) (*pgEvents, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.session.broken != nil {
		return nil, r.session.broken
	}
	c := &pgEvents{Assembler: r.Assemble(st, q)}
	if st.Rest.None {
		return c, nil
	}
	var err error
	if c.rows, err = r.session.declare(ctx, st.SQL, st.Args); err != nil {
		return nil, r.session.failed(ctx, err)
	}
	return c, nil
}

func (c *pgEvents) Close() {
	if c.rows != nil {
		c.rows.close()
	}
}

// Next returns the next event that the query asks for, or nil at the end.
func (c *pgEvents) Next() (*replay.Event, error) {
	if c.rows == nil {
		return nil, nil
	}
	for {
		row, err := c.rows.next()
		if err != nil || row == nil {
			return nil, err
		}
		for col, at := range c.St.Cols {
			if at >= 0 {
				row.read(at, &c.Row.Vals[col])
			}
		}
		if c.St.Item >= 0 {
			row.read(c.St.Item, &c.Row.Item)
		}
		in, err := c.Fill()
		if err != nil {
			return nil, &replay.StoreError{Path: c.rows.session.shown, Op: "read", Err: c.Row.Fault(err)}
		}
		if in {
			return &c.Event, nil
		}
	}
}
