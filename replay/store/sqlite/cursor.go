package sqlite

import (
	"context"
	"errors"
	"sync"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/store/table"
)

// An interrupt stops the connection once, from any goroutine.
type interrupt struct {
	done chan struct{}
	once sync.Once
}

func (i *interrupt) stop() { i.once.Do(func() { close(i.done) }) }

// begin makes the operation that follows end when ctx does. All that run at the
// same time, one inside the other, are ended together.
func (r *Reader) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.broken != nil {
		return nil, r.broken
	}
	if r.active == 0 {
		select {
		case <-r.interrupt.done:
			r.interrupt = &interrupt{done: make(chan struct{})}
			r.file.Conn.SetInterrupt(r.interrupt.done)
		default:
		}
	}
	r.active++
	now := r.interrupt
	stop := context.AfterFunc(ctx, now.stop)
	return func() {
		if !stop() {
			<-now.done // it is being stopped: not later, in the next operation
		}
		r.active--
	}, nil
}

// statement returns a prepared statement that nobody uses; release gives it back.
func (r *Reader) statement(sql string) (*sqlite.Stmt, error) {
	if free := r.stmts[sql]; len(free) > 0 {
		stmt := free[len(free)-1]
		r.stmts[sql] = free[:len(free)-1]
		r.inUse[stmt] = true
		return stmt, nil
	}
	stmt, _, err := r.file.Conn.PrepareTransient(sql)
	if err == nil {
		r.inUse[stmt] = true
	}
	return stmt, err
}

// maxStatements bounds the statements that are kept prepared.
const maxStatements = 64

func (r *Reader) release(sql string, stmt *sqlite.Stmt) {
	if !r.inUse[stmt] { // the reader was closed meanwhile
		return
	}
	delete(r.inUse, stmt)
	if len(r.stmts) < maxStatements && stmt.Reset() == nil && stmt.ClearBindings() == nil {
		r.stmts[sql] = append(r.stmts[sql], stmt)
		return
	}
	stmt.Finalize() //nolint:errcheck // what went wrong, Step has told
}

// failed makes an error of the engine one for people. If the file moved, that is
// what went wrong.
func (r *Reader) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var known *replay.StoreError
	var lacks *replay.UnsupportedError
	if errors.As(err, &known) || errors.As(err, &lacks) {
		return err
	}
	if moved := r.file.moved(); moved != nil {
		err = moved
	}
	if !r.file.Conn.AutocommitEnabled() {
		return storeError(r.info.Path, "read", err)
	}
	r.broken = storeError(r.info.Path, "read", err) // the transaction is lost
	return r.broken
}

// A cursor goes through the events of one statement.
type cursor struct {
	table.Assembler
	r    *Reader
	stmt *sqlite.Stmt
	end  func()
}

func (r *Reader) open(ctx context.Context, q replay.Query) (*cursor, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	l, err := r.reading(q.Streams)
	if err != nil {
		end()
		return nil, r.failed(ctx, err)
	}
	st, err := l.SelectEvents(r.flavour, q)
	if err != nil {
		end()
		return nil, err
	}
	c := &cursor{Assembler: r.Assemble(st, q), r: r, end: end}
	if st.Rest.None {
		return c, nil
	}
	if c.stmt, err = r.statement(st.SQL); err != nil {
		end()
		return nil, r.failed(ctx, err)
	}
	Bind(c.stmt, st.Args)
	return c, nil
}

func (c *cursor) Close() {
	if c.stmt != nil {
		c.r.release(c.St.SQL, c.stmt)
	}
	c.end()
}

// again asks the same statement with other arguments.
func (c *cursor) again(args ...any) error {
	if err := c.stmt.Reset(); err != nil {
		return err
	}
	c.Started = false
	Bind(c.stmt, args)
	return nil
}

// Next returns the next event that the query asks for, or nil at the end.
func (c *cursor) Next() (*replay.Event, error) {
	if c.stmt == nil {
		return nil, nil
	}
	if c.r.file == nil {
		return nil, c.r.broken
	}
	for {
		more, err := c.stmt.Step()
		if err != nil || !more {
			return nil, err
		}
		for col, at := range c.St.Cols {
			if at >= 0 {
				c.r.probe.ReadColumn(c.stmt, at, &c.Row.Vals[col])
			}
		}
		if c.St.Item >= 0 {
			c.r.probe.ReadColumn(c.stmt, c.St.Item, &c.Row.Item)
		}
		in, err := c.Fill()
		if err != nil {
			return nil, &replay.StoreError{Path: c.r.info.Path, Op: "read", Err: c.Row.Fault(err)}
		}
		if in {
			return &c.Event, nil
		}
	}
}
