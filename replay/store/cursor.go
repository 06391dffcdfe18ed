package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

var sqliteFlavour = flavour{
	param: func(n int) string { return fmt.Sprintf("?%d", n) },
	bytes: func(e string) string { return e + " COLLATE BINARY" },
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
	r    *sqliteReader
	st   *statement
	stmt *sqlite.Stmt
	skip replay.Fields

	row       row
	event     replay.Event
	payloads  payloadDecoder
	decoder   decoder // nil where the columns say all
	versions  bool    // two rows with the same version follow each other
	positions bool    // two rows with the same position do
	started   bool
	end       func()

	badTimes, opaque int64
}

func (r *sqliteReader) open(ctx context.Context, q replay.Query) (*cursor, error) {
	st, err := r.layout.selectEvents(sqliteFlavour, q)
	if err != nil {
		return nil, err
	}
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	c := &cursor{r: r, st: st, skip: q.Skip, end: end}
	c.versions = q.Order == replay.ByStream || len(distinct(q.Streams)) == 1
	c.positions = !c.versions
	if r.layout.decoder != nil {
		c.decoder = r.layout.decoder()
	}
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
				readColumn(c.stmt, at, &c.row.vals[col])
			}
		}
		in, err := c.fill()
		if err != nil {
			return nil, &replay.StoreError{
				Path: c.r.info.Path, Op: "read", Err: fmt.Errorf("%s: %w", c.row.where(), err),
			}
		}
		if in {
			return &c.event, nil
		}
	}
}

// fill makes an event of the row, and reports whether the query asks for it.
func (c *cursor) fill() (bool, error) {
	e, l := &c.event, c.r.layout
	stream, version, position := e.Stream, e.Version, e.Position
	*e = replay.Event{}
	if err := c.row.coordinates(e, &c.r.streams, l.has(colPosition)); err != nil {
		return false, err
	}
	if c.started && c.versions && e.Version == version && e.Stream == stream {
		return false, errors.New("the stream has two events with this version")
	}
	if c.started && c.positions && e.Position == position {
		return false, errors.New("two events have this position")
	}
	c.started = true
	if rest := &c.st.rest; rest.streams != nil && !rest.streams[string(e.Stream)] {
		return false, nil
	}
	if err := c.classify(e); err != nil {
		return false, err
	}
	if rest := &c.st.rest; rest.types != nil && !rest.types[e.Type] ||
		rest.categories != nil && !rest.categories[e.Category] {
		return false, nil
	}
	if err := c.contents(e); err != nil {
		return false, err
	}
	p := c.st.rest.idPrefix
	return p == nil || p.matches(e.ID), nil
}

func (c *cursor) classify(e *replay.Event) error {
	l, names := c.r.layout, &c.r.names
	if c.decoder != nil {
		return c.decoder.classify(&c.row, e)
	}
	if l.has(colType) {
		v := c.row.at(colType)
		if v.kind == kindNull {
			return errors.New("its type is NULL")
		}
		e.Type = names[colType].of(v.text())
	} else {
		e.Type = l.typeName
	}
	if l.has(colCategory) {
		e.Category = names[colCategory].of(c.row.at(colCategory).text())
		return nil
	}
	var err error
	e.Category, err = c.r.categoryOf(string(e.Stream))
	return err
}

// contents fills in all that is not needed to choose among events.
func (c *cursor) contents(e *replay.Event) error {
	l, r := c.r.layout, &c.row
	if c.st.cols[colID] >= 0 {
		e.ID = string(r.at(colID).text())
	}
	if c.st.cols[colRevision] >= 0 {
		n, err := r.integer(colRevision)
		if err != nil {
			return err
		}
		e.Revision = int(n)
	}
	if c.st.cols[colTime] >= 0 {
		var ok bool
		if e.Time, ok = parseTime(r.at(colTime)); !ok {
			c.badTimes++
		}
	}
	if c.decoder != nil {
		if err := c.decoder.decode(r, e, c.skip); err != nil {
			return err
		}
	} else if c.st.cols[colData] >= 0 {
		e.Data, e.Opaque = c.payloads.decode(r.at(colData))
	} else if !l.has(colData) && c.skip&replay.FieldData == 0 {
		e.Opaque = "the mapping names no column for the payload"
	}
	if l.inData&replay.FieldTime != 0 && e.Time.IsZero() {
		c.badTimes++
	}
	if e.Opaque != "" {
		c.opaque++
	}
	if c.skip&replay.FieldMeta == 0 {
		c.metadata(e)
	}
	return nil
}

func (c *cursor) metadata(e *replay.Event) {
	l, m := c.r.layout, &e.Meta
	if c.st.cols[colMeta] >= 0 && m.Raw == nil {
		// Some libraries write null, or nothing, where there is no metadata.
		if b := c.row.at(colMeta).text(); len(b) > 0 && b[0] == '{' {
			m.Raw = b
		}
	}
	for _, f := range [...]struct {
		col  column
		into *string
	}{{colActor, &m.Actor}, {colCorrelation, &m.Correlation}, {colCausation, &m.Causation}} {
		if p := c.r.pointers[f.col]; len(p) > 0 && m.Raw != nil && findFirst(p, m.Raw, f.into) {
			continue
		}
		if l.has(f.col) && c.st.cols[f.col] >= 0 {
			*f.into = c.r.names[f.col].of(c.row.at(f.col).text())
		}
	}
}

func findFirst(ps []pointer, doc []byte, into *string) bool {
	return slices.ContainsFunc(ps, func(p pointer) bool {
		s, ok := p.find(doc)
		if ok {
			*into = s
		}
		return ok
	})
}
