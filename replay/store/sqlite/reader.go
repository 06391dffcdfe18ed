package sqlite

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
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

	anyVersion bool  // the question needs no versions, so they are not counted for it
	prepared   bool  // the layout's Prepare has run, see piecemeal
	unprepared error // the error of Prepare

	print replay.Fingerprint // Store is empty if nothing should be cached

	broken error // fails all further reads
	steps  *bool // whether an index can step through stream ids; nil: not checked yet
	slow   *bool // whether a stream's ends are looked up slowly; nil before that is asked
	stmts  map[string][]*sqlite.Stmt
	inUse  map[*sqlite.Stmt]bool
}

// newReader returns a reader that owns the file.
func newReader(path string, f *File, p *Probe, l *table.Layout) (*Reader, error) {
	r := &Reader{file: f, probe: p, stmts: map[string][]*sqlite.Stmt{}, inUse: map[*sqlite.Stmt]bool{}}
	f.interruptible()
	var err error
	if r.flavour, err = p.Flavour(); err != nil {
		return nil, err
	}
	if l.Prepare != nil {
		if err := p.allowTemporary(); err != nil {
			return nil, err
		}
	}
	l.LeftOut = append(slices.Clip(l.LeftOut), f.leftOut...)
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

// Close closes the store and ends reads in progress.
func (r *Reader) Close() error {
	for _, free := range r.stmts {
		for _, s := range free {
			s.Finalize() //nolint:errcheck // nothing was written
		}
	}
	for s := range r.inUse { // iterations in progress
		s.Finalize() //nolint:errcheck // nothing was written
	}
	r.stmts, r.inUse = nil, nil
	r.broken = &replay.StoreError{Path: r.info.Path, Op: "read", Err: errors.New("the reader is closed")}
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	return f.Close()
}

// Events yields the events that match a query.
func (r *Reader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		r.Each(ctx, q, yield, func(n int) error {
			err := r.moved()
			if err == nil && isWhole(q) {
				err = r.checkComplete(n)
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

// checkComplete compares the number of events in a full pass with SQLite's own count, which
// uses an index if there is one. A damaged page may drop rows without an error.
func (r *Reader) checkComplete(events int) error {
	if r.Layout.Prepare != nil && !r.prepared || r.Layout.Where != "" || strings.HasPrefix(r.Layout.From, "(") {
		return nil // both counts would read the same rows
	}
	v, err := r.one("SELECT count(*) FROM " + r.Layout.From)
	if err == nil && v.Num != int64(events) {
		err = damaged(int64(events), v.Num)
	}
	return err
}

func damaged(found, counted int64) error {
	return fmt.Errorf("the database is damaged: %d events were read, but an index has %d", found, counted)
}

func (r *Reader) moved() error {
	if r.file == nil {
		return r.broken
	}
	return r.file.moved()
}

// Flavour returns the SQL variant of the store's tables.
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

// one returns the single value of a query.
func (r *Reader) one(sql string, args ...any) (cell.Value, error) {
	vs, err := r.values(1, sql, args...)
	return vs[0], err
}

// Values returns the first n values of the first row. The context of the current
// operation applies.
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

// Uniques returns the columns of the unique indexes of the table, if only one is read.
func (r *Reader) Uniques(context.Context) (uniques [][]string, known bool, err error) {
	t := r.probe.Table(strings.Trim(r.Layout.From, `"`))
	if t == nil {
		return nil, false, nil
	}
	return t.Uniques, true, nil
}
