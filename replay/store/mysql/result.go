package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-sql-driver/mysql"

	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// A result is the rows of one statement: from the wire, or from where they were put when
// the connection was needed for another.
type result struct {
	session *session
	ctx     context.Context
	stop    func() bool // stops watching ctx
	stmt    driver.Stmt // nil without arguments
	rows    driver.Rows // nil once they have ended or are put aside
	names   []string    // of the columns
	types   []string
	dest    []driver.Value
	row     []cell.Value
	bytes   []byte // of the row: the driver reuses its own for the next statement
	aside   *aside
}

// start runs a statement. The rows of the one before it are put aside.
func (s *session) start(ctx context.Context, sql string, args []any) (*result, error) {
	if s.broken != nil {
		return nil, s.broken
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.open != nil {
		if err := s.open.putAside(); err != nil {
			return nil, err
		}
	}
	r := &result{session: s, ctx: ctx, stop: s.watch(ctx)}
	s.wire.next()
	if err := r.query(sql, args); err != nil {
		r.end()
		return nil, err
	}
	r.names = r.rows.Columns()
	named, _ := r.rows.(driver.RowsColumnTypeDatabaseTypeName)
	for i := range r.names {
		r.types = append(r.types, named.ColumnTypeDatabaseTypeName(i))
	}
	r.dest, r.row = make([]driver.Value, len(r.names)), make([]cell.Value, len(r.names))
	s.open = r
	return r, nil
}

// query sends the statement. The driver gets no context, because it would close the
// connection when that ends.
func (r *result) query(sql string, args []any) (err error) {
	ctx, conn := context.Background(), r.session.conn
	if len(args) == 0 {
		r.rows, err = conn.(driver.QueryerContext).QueryContext(ctx, sql, nil)
		return err
	}
	if r.stmt, err = conn.(driver.ConnPrepareContext).PrepareContext(ctx, sql); err != nil {
		return err
	}
	if want := r.stmt.NumInput(); want != len(args) {
		return fmt.Errorf("the statement has %d parameters, and %d values are given", want, len(args))
	}
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	r.rows, err = r.stmt.(driver.StmtQueryContext).QueryContext(ctx, named)
	return err
}

// end is called when no more rows come over the wire.
func (r *result) end() {
	s := r.session
	if s.open == r {
		s.open = nil
	}
	r.rows = nil
	if r.stmt != nil {
		r.stmt.Close() //nolint:errcheck // it only tells the server
		r.stmt = nil
	}
	if r.stop != nil {
		ended := r.stop()
		r.stop = nil
		if ended {
			s.settle()
		}
	}
}

// next returns the next row, or nil at the end.
func (r *result) next() ([]cell.Value, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if r.aside != nil {
		return r.aside.next(r.row)
	}
	if r.rows == nil {
		return nil, r.session.broken
	}
	return r.receive()
}

// receive reads a row from the wire.
func (r *result) receive() ([]cell.Value, error) {
	r.session.wire.next()
	err := r.rows.Next(r.dest)
	if errors.Is(err, io.EOF) {
		r.end()
		return nil, nil
	}
	if err != nil {
		r.end()
		if r.ctx.Err() != nil {
			return nil, r.ctx.Err()
		}
		return nil, err
	}
	r.bytes = r.bytes[:0]
	for i, v := range r.dest {
		if err := setValue(&r.row[i], v, r.types[i]); err != nil {
			return nil, err
		}
		if b := r.row[i].B; b != nil {
			from := len(r.bytes)
			r.bytes = append(r.bytes, b...)
			r.row[i].B = r.bytes[from:len(r.bytes):len(r.bytes)]
		}
	}
	return r.row, nil
}

// putAside reads the rest of the rows from the wire. An error is that of the next row.
func (r *result) putAside() error {
	a := &aside{dir: r.session.tempDir}
	r.row, r.bytes = make([]cell.Value, len(r.row)), nil // the latest row is still in use
	for r.rows != nil {
		row, err := r.receive()
		if err != nil {
			a.failed = err
			r.end()
			break
		}
		if row == nil {
			break
		}
		if err := a.add(row); err != nil {
			a.close()
			r.Close()
			return err
		}
	}
	r.aside = a
	return r.session.broken
}

// patience is how long the rest of unwanted rows may take to arrive.
const patience = 100 * time.Millisecond

// Close ends the statement.
func (r *result) Close() {
	if r.aside != nil {
		r.aside.close()
		return
	}
	if r.rows == nil {
		return
	}
	killed := make(chan struct{})
	timer := time.AfterFunc(patience, func() {
		defer close(killed)
		r.session.kill()
	})
	for r.rows != nil {
		if _, err := r.receive(); err != nil {
			r.end()
		}
	}
	if !timer.Stop() {
		<-killed
		r.session.settle()
	}
}

// Next reads the next row of a statement for events.
func (r *result) Next(st *table.Statement, into *table.Row) (bool, error) {
	row, err := r.next()
	if err != nil || row == nil {
		return false, err
	}
	for col, at := range st.Cols {
		if at >= 0 {
			into.Vals[col] = row[at]
		}
	}
	if st.Item >= 0 {
		into.Item = row[st.Item]
	}
	return true, nil
}

// Read reads the values of the next row.
func (r *result) Read(into []cell.Value) (bool, error) {
	row, err := r.next()
	if err != nil || row == nil {
		return false, err
	}
	copy(into, row)
	return true, nil
}

// isLost reports whether an error means that the connection is gone.
func isLost(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
