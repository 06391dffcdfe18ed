package sqlite

import (
	"context"
	"errors"
	"slices"
	"sync"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// An interrupt stops the connection once. It may be used from any goroutine.
type interrupt struct {
	done chan struct{}
	once sync.Once
}

func (i *interrupt) stop() { i.once.Do(func() { close(i.done) }) }

// begin ties the next operation to ctx. Nested operations are interrupted together.
func (r *Reader) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.broken != nil {
		return nil, r.broken
	}
	f := r.file
	if f.active == 0 {
		select {
		case <-f.interrupt.done:
			f.interruptible()
		default:
		}
	}
	f.active++
	now := f.interrupt
	stop := context.AfterFunc(ctx, now.stop)
	return func() {
		if !stop() {
			<-now.done // wait for the interrupt, so that it does not hit the next operation
		}
		f.active--
	}, nil
}

// interruptible gives the connection an interrupt that has not been used.
func (f *File) interruptible() {
	f.interrupt = &interrupt{done: make(chan struct{})}
	f.conn.SetInterrupt(f.interrupt.done)
}

// statement returns an unused prepared statement; release returns it.
func (r *Reader) statement(sql string) (*sqlite.Stmt, error) {
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

// maxStatements is the maximum number of idle prepared statements.
const maxStatements = 64

func (r *Reader) release(sql string, stmt *sqlite.Stmt) {
	if !r.inUse[stmt] { // the reader has been closed
		return
	}
	delete(r.inUse, stmt)
	if len(r.stmts) < maxStatements && stmt.Reset() == nil && stmt.ClearBindings() == nil {
		r.stmts[sql] = append(r.stmts[sql], stmt)
		return
	}
	stmt.Finalize() //nolint:errcheck // Step has returned the error
}

// Failed converts an error of the engine to a StoreError. If the file moved, that is the
// error.
func (r *Reader) Failed(ctx context.Context, err error) error {
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

// rows reads the rows of a prepared statement.
type rows struct {
	r    *Reader
	sql  string
	stmt *sqlite.Stmt // nil if nothing can match
	end  func()

	counter *rowCounter // nil if the rows have their versions
	late    *lateRows   // nil if no row waits for another
	members []cell.Value
	ranks   *table.Ranks
}

// Open runs the statement for a query.
func (r *Reader) Open(ctx context.Context, q replay.Query) (*table.Events, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	if err = r.inOrder(); err != nil {
		end()
		return nil, r.Failed(ctx, err)
	}
	if r.Layout.Ranks != nil {
		q.Positions = r.Layout.Ranks.Rows(q.Positions)
	}
	l, counter, err := r.straightly(q)
	selected := q
	if counter != nil {
		selected = r.Layout.Straight.Selected(q)
	} else if err == nil {
		l, err = r.reading(q.Streams)
	}
	if err != nil {
		end()
		return nil, r.Failed(ctx, err)
	}
	st, err := l.SelectEvents(r.flavour, selected)
	if err != nil {
		end()
		return nil, err
	}
	rs := &rows{r: r, sql: st.SQL, end: end, counter: counter, ranks: l.Ranks}
	if l.Late != nil && st.Parts[1] > st.Parts[0] {
		rs.late = &lateRows{rows: rs, late: l.Late}
	}
	if !st.Rest.None {
		if rs.stmt, err = r.statement(st.SQL); err != nil {
			end()
			return nil, r.Failed(ctx, err)
		}
		bind(rs.stmt, st.Args)
	}
	return r.Read(ctx, st, q, rs), nil
}

// Select runs a statement that does not select events.
func (r *Reader) Select(ctx context.Context, st *table.Statement) (table.Rows, error) {
	end, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	stmt, err := r.statement(st.SQL)
	if err != nil {
		end()
		return nil, err
	}
	bind(stmt, st.Args)
	return &rows{r: r, sql: st.SQL, stmt: stmt, end: end}, nil
}

// Close releases the statement.
func (rs *rows) Close() {
	if rs.stmt != nil {
		rs.r.release(rs.sql, rs.stmt)
	}
	rs.end()
}

// again runs the same statement with other arguments.
func (rs *rows) again(args ...any) error {
	if err := rs.stmt.Reset(); err != nil {
		return err
	}
	bind(rs.stmt, args)
	return nil
}

// Next reads the next row.
func (rs *rows) Next(st *table.Statement, into *table.Row) (bool, error) {
	if rs.stmt == nil {
		return false, nil
	}
	if rs.r.file == nil {
		return false, rs.r.broken
	}
	var more bool
	var err error
	if rs.late != nil {
		more, err = rs.late.next(st, into)
	} else {
		_, more, err = rs.read(st, into)
	}
	if more && rs.ranks != nil {
		position := into.At(source.Position)
		position.Num = rs.ranks.Position(position.Num)
	}
	return more, err
}

// read reads the next row of the statement, and its stream if versions are counted.
func (rs *rows) read(st *table.Statement, into *table.Row) (of *counted, more bool, err error) {
	if rs.counter != nil && rs.counter.done() {
		return nil, false, nil
	}
	more, err = rs.stmt.Step()
	if err != nil || !more {
		return nil, false, err
	}
	p := rs.r.probe
	for col, at := range st.Cols {
		if at < 0 || st.Join != nil && source.Field(col) == source.Meta {
			continue
		}
		if p.readColumn(rs.stmt, at, &into.Vals[col]); st.Texts.Has(source.Field(col)) {
			asText(rs.stmt, at, &into.Vals[col])
		}
	}
	rs.parts(st, into)
	if err := rs.metadata(st, into); err != nil {
		return nil, false, err
	}
	if st.Item >= 0 {
		p.readColumn(rs.stmt, st.Item, &into.Item)
	}
	if rs.counter != nil {
		if of, err = rs.counter.stream(rs.stmt, st.Names); err == nil {
			err = rs.counter.count(into, of)
		}
	}
	return of, err == nil, err
}

// parts reads the texts of the payload.
func (rs *rows) parts(st *table.Statement, into *table.Row) {
	into.Parts = slices.Grow(into.Parts[:0], st.Parts[1]-st.Parts[0])[:st.Parts[1]-st.Parts[0]]
	for i := range into.Parts {
		at := st.Parts[0] + i
		if rs.r.probe.readColumn(rs.stmt, at, &into.Parts[i]); st.Assemble == nil {
			asText(rs.stmt, at, &into.Parts[i])
		}
	}
}

// metadata joins the members of the metadata.
func (rs *rows) metadata(st *table.Statement, into *table.Row) error {
	if st.Join == nil {
		return nil
	}
	n := st.Members[1] - st.Members[0]
	rs.members = slices.Grow(rs.members[:0], n)[:n]
	for i := range rs.members {
		rs.r.probe.readColumn(rs.stmt, st.Members[0]+i, &rs.members[i])
	}
	return st.Join(rs.members, into.At(source.Meta))
}

// asText makes a number the text that SQLite makes of it.
func asText(stmt *sqlite.Stmt, at int, v *cell.Value) {
	switch v.Kind {
	case cell.Int:
		v.Text()
	case cell.Real:
		v.B = append(v.B[:0], stmt.ColumnText(at)...)
	default:
		return
	}
	v.Kind = cell.Text
}
