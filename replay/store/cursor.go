package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

var sqliteFlavour = flavour{
	param: func(n int, _ any) string { return fmt.Sprintf("?%d", n) },
	bytes: func(e string) string { return e }, // as all columns compare that do not say otherwise
	after: afterPrefix,
	blobs: true,
}

// collatingFlavour is for stores where a column may say otherwise. It is not for
// all, because SQLite passes over an index where a collation stands in an OR.
var collatingFlavour = flavour{
	param: sqliteFlavour.param,
	bytes: func(e string) string { return e + " COLLATE BINARY" },
	after: sqliteFlavour.after,
	blobs: true,
}

// wideFlavour is for stores in UTF-16. Their indexes serve to find a text, and not
// to order by it.
var wideFlavour = flavour{
	param: sqliteFlavour.param,
	bytes: func(e string) string { return e + " COLLATE " + byteOrder },
	same:  collatingFlavour.bytes,
	after: func(string) (string, bool) { return "", false }, // it need not be a text
	blobs: true,
}

// flavour is that of the store's tables.
func (p *probe) flavour() (flavour, error) {
	if p.wide {
		return wideFlavour, nil
	}
	v, err := p.first("SELECT 1 FROM sqlite_schema WHERE sql LIKE '%collate%'")
	if v.kind != kindNull {
		return collatingFlavour, err
	}
	return sqliteFlavour, err
}

// An interrupt stops the connection once, from any goroutine.
type interrupt struct {
	done chan struct{}
	once sync.Once
}

func (i *interrupt) stop() { i.once.Do(func() { close(i.done) }) }

// begin makes the operation that follows end when ctx does. All that run at the
// same time, one inside the other, are ended together.
func (r *sqliteReader) begin(ctx context.Context) (end func(), err error) {
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
			r.file.conn.SetInterrupt(r.interrupt.done)
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
func (r *sqliteReader) statement(sql string) (*sqlite.Stmt, error) {
	if free := r.stmts[sql]; len(free) > 0 {
		stmt := free[len(free)-1]
		r.stmts[sql] = free[:len(free)-1]
		r.inUse[stmt] = true
		return stmt, nil
	}
	stmt, _, err := r.file.conn.PrepareTransient(sql)
	if err == nil {
		r.inUse[stmt] = true
	}
	return stmt, err
}

// maxStatements bounds the statements that are kept prepared.
const maxStatements = 64

func (r *sqliteReader) release(sql string, stmt *sqlite.Stmt) {
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
func (r *sqliteReader) failed(ctx context.Context, err error) error {
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
	if !r.file.conn.AutocommitEnabled() {
		return storeError(r.info.Path, "read", err)
	}
	r.broken = storeError(r.info.Path, "read", err) // the transaction is lost
	return r.broken
}

// A cursor goes through the events of one statement.
type cursor struct {
	assembler
	r    *sqliteReader
	stmt *sqlite.Stmt
	end  func()
}

func (r *sqliteReader) open(ctx context.Context, q replay.Query) (*cursor, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	l, err := r.reading(q.Streams)
	if err != nil {
		end()
		return nil, r.failed(ctx, err)
	}
	st, err := l.selectEvents(r.flavour, q)
	if err != nil {
		end()
		return nil, err
	}
	c := &cursor{assembler: r.assemble(st, q), r: r, end: end}
	if st.rest.none {
		return c, nil
	}
	if c.stmt, err = r.statement(st.sql); err != nil {
		end()
		return nil, r.failed(ctx, err)
	}
	bind(c.stmt, st.args)
	return c, nil
}

func (c *cursor) close() {
	if c.stmt != nil {
		c.r.release(c.st.sql, c.stmt)
	}
	c.end()
}

// again asks the same statement with other arguments.
func (c *cursor) again(args ...any) error {
	if err := c.stmt.Reset(); err != nil {
		return err
	}
	c.started = false
	bind(c.stmt, args)
	return nil
}

// next returns the next event that the query asks for, or nil at the end.
func (c *cursor) next() (*replay.Event, error) {
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
		for col, at := range c.st.cols {
			if at >= 0 {
				c.r.probe.readColumn(c.stmt, at, &c.row.vals[col])
			}
		}
		if c.st.item >= 0 {
			c.r.probe.readColumn(c.stmt, c.st.item, &c.row.item)
		}
		in, err := c.fill()
		if err != nil {
			return nil, &replay.StoreError{Path: c.r.info.Path, Op: "read", Err: c.row.fault(err)}
		}
		if in {
			return &c.event, nil
		}
	}
}
