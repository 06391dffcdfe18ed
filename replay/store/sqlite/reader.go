package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/table"
)

// A Reader reads any SQLite store through its layout.
type Reader struct {
	*table.Binding
	file    *File
	probe   *Probe
	flavour table.Flavour
	info    replay.Info

	prepared   bool  // as far as the layout needs to be: see piecemeal
	unprepared error // why it could not be

	print replay.Fingerprint // its Store is empty where nothing should be kept

	interrupt *interrupt
	active    int   // operations that are under way, one inside the other
	broken    error // why nothing can be read any more
	steps     *bool // whether ids can be stepped through in an index; nil before that is asked
	stmts     map[string][]*sqlite.Stmt
	inUse     map[*sqlite.Stmt]bool
}

// newReader takes over the file.
func newReader(path string, f *File, p *Probe, l *table.Layout) (*Reader, error) {
	r := &Reader{
		file: f, probe: p, stmts: map[string][]*sqlite.Stmt{}, inUse: map[*sqlite.Stmt]bool{},
		interrupt: &interrupt{done: make(chan struct{})},
	}
	f.conn.SetInterrupt(r.interrupt.done)
	var err error
	if r.flavour, err = p.Flavour(); err != nil {
		return nil, err
	}
	if l.Prepare != nil {
		if err := p.allowTemporary(); err != nil {
			return nil, err
		}
	}
	if r.Binding, err = l.Bind(p.Opts, path, r); err != nil {
		return nil, err
	}
	r.info = r.Describe(f.access)
	return r, nil
}

// Info describes the store.
func (r *Reader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.Times.Next()
	return i
}

// Close ends what is still being read.
func (r *Reader) Close() error {
	for _, free := range r.stmts {
		for _, s := range free {
			s.Finalize() //nolint:errcheck // nothing was written
		}
	}
	for s := range r.inUse { // an iteration that is still going on
		s.Finalize() //nolint:errcheck // nothing was written
	}
	r.stmts, r.inUse = nil, nil
	r.broken = &replay.StoreError{Path: r.info.Path, Op: "read", Err: errors.New("it is closed")}
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}

// Events yields the events of a query.
func (r *Reader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		r.Each(ctx, q, yield, func(n int) error {
			err := r.moved()
			if err == nil && isWhole(q) {
				err = r.wasWhole(n)
			}
			return err
		})
	}
}

// isWhole reports whether the query asks for every event.
func isWhole(q replay.Query) bool {
	_, fromLo := q.Positions.Lo()
	_, toHi := q.Positions.Hi()
	return q.Streams == nil && q.Categories == nil && q.Types == nil && q.IDPrefix == "" && q.Limit <= 0 &&
		!fromLo && !toHi
}

// wasWhole compares what a pass over all events found with what SQLite counts,
// from an index if there is one: a damaged page may drop rows without an error.
func (r *Reader) wasWhole(events int) error {
	if r.Layout.Where != "" || strings.HasPrefix(r.Layout.From, "(") {
		return nil // it would be counted from the same rows
	}
	v, err := r.one("SELECT count(*) FROM " + r.Layout.From)
	if err == nil && v.Num != int64(events) {
		err = damaged(int64(events), v.Num)
	}
	return err
}

func damaged(found, counted int64) error {
	return fmt.Errorf("the database is damaged: %d events were found, and an index has %d", found, counted)
}

func (r *Reader) moved() error {
	if r.file == nil {
		return r.broken
	}
	return r.file.moved()
}

// Flavour is that of the store's tables.
func (r *Reader) Flavour() table.Flavour { return r.flavour }

// EachValue calls each for the first value of every row.
func (r *Reader) EachValue(_ context.Context, sql string, each func(*cell.Value)) error {
	var v cell.Value
	return r.probe.query(sql, nil, func(s *sqlite.Stmt) error {
		r.probe.readColumn(s, 0, &v)
		each(&v)
		return nil
	})
}

// one returns the one value that the SQL gives.
func (r *Reader) one(sql string, args ...any) (cell.Value, error) {
	vs, err := r.values(1, sql, args...)
	return vs[0], err
}

// Values returns the first values of the first row. The operation that it is part of
// ends when its context does.
func (r *Reader) Values(_ context.Context, n int, sql string, args ...any) ([]cell.Value, error) {
	return r.values(n, sql, args...)
}

func (r *Reader) values(n int, sql string, args ...any) ([]cell.Value, error) {
	vs := make([]cell.Value, n)
	stmt, err := r.statement(sql)
	if err != nil {
		return vs, err
	}
	defer r.release(sql, stmt)
	bind(stmt, args)
	more, err := stmt.Step()
	if err != nil || !more {
		return vs, err
	}
	for i := range vs {
		r.probe.readColumn(stmt, i, &vs[i])
	}
	return vs, nil
}

// Uniques returns the columns of the unique indexes of the one table that is read.
func (r *Reader) Uniques(context.Context) (uniques [][]string, known bool, err error) {
	t := r.probe.Table(strings.Trim(r.Layout.From, `"`))
	if t == nil {
		return nil, false, nil
	}
	return t.Uniques, true, nil
}
