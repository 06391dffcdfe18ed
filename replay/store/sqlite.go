package store

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// A sqliteReader reads any SQLite store through its layout.
type sqliteReader struct {
	*binding
	file    *sqliteFile
	probe   *probe
	flavour flavour
	info    replay.Info

	prepared   bool  // as far as the layout needs to be: see piecemeal
	unprepared error // why it could not be

	isSound bool // no stream has a version twice

	print replay.Fingerprint // its Store is empty where nothing should be kept

	interrupt *interrupt
	active    int   // operations that are under way, one inside the other
	broken    error // why nothing can be read any more
	steps     *bool // whether ids can be stepped through in an index; nil before that is asked
	stmts     map[string][]*sqlite.Stmt
	inUse     map[*sqlite.Stmt]bool
}

// newSQLiteReader takes over the file.
func newSQLiteReader(path string, f *sqliteFile, p *probe, l *layout) (*sqliteReader, error) {
	r := &sqliteReader{
		file: f, probe: p, stmts: map[string][]*sqlite.Stmt{}, inUse: map[*sqlite.Stmt]bool{},
		interrupt: &interrupt{done: make(chan struct{})},
	}
	f.conn.SetInterrupt(r.interrupt.done)
	var err error
	if r.flavour, err = p.flavour(); err != nil {
		return nil, err
	}
	if l.prepare != nil {
		if err := p.allowTemporary(); err != nil {
			return nil, err
		}
	}
	r.binding, err = l.bind(p.opts, func(sql, stream string) (value, error) { return r.one(sql, stream) })
	if err != nil {
		return nil, err
	}
	r.times.ends = func(all bool) (numberRange, error) { return l.timeRange(all, r.times, r.eachValue) }
	r.info = r.describe(path, f.access)
	return r, nil
}

func (r *sqliteReader) Info() replay.Info {
	i := r.info
	i.TimesNext = r.times.hint()
	return i
}

func (r *sqliteReader) Close() error {
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
	return f.close()
}

func (r *sqliteReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
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
		n := 0
		for ; q.Limit <= 0 || n < q.Limit; n++ {
			e, err := c.next()
			if err != nil {
				yield(nil, r.failed(ctx, err))
				return
			}
			if e == nil {
				break
			}
			if !yield(e, nil) {
				return
			}
		}
		if err = r.moved(); err == nil && isWhole(q) {
			err = r.wasWhole(n)
		}
		if err != nil {
			yield(nil, r.failed(ctx, err))
		}
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
func (r *sqliteReader) wasWhole(events int) error {
	if r.layout.where != "" {
		return nil // it would be counted from the same rows
	}
	v, err := r.one("SELECT count(*) FROM " + r.layout.from)
	if err == nil && v.num != int64(events) {
		err = damaged(int64(events), v.num)
	}
	return err
}

func damaged(found, counted int64) error {
	return fmt.Errorf("the database is damaged: %d events were found, and an index has %d", found, counted)
}

func (r *sqliteReader) moved() error {
	if r.file == nil {
		return r.broken
	}
	return r.file.moved()
}

// eachValue calls each for the first value of every row.
func (r *sqliteReader) eachValue(sql string, each func(*value)) error {
	var v value
	return r.probe.query(sql, nil, func(s *sqlite.Stmt) error {
		r.probe.readColumn(s, 0, &v)
		each(&v)
		return nil
	})
}

// one returns the one value that the SQL gives.
func (r *sqliteReader) one(sql string, args ...any) (value, error) {
	vs, err := r.oneRow(sql, 1, args...)
	return vs[0], err
}

func (r *sqliteReader) oneRow(sql string, columns int, args ...any) ([]value, error) {
	vs := make([]value, columns)
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
