package sqlite

import (
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// Internals for the tests of this package.

// Truncated exports truncated.
var Truncated = truncated

// SetCheapCopy sets smallDatabase and returns a function that restores it.
func SetCheapCopy(n int64) (restore func()) {
	was := smallDatabase
	smallDatabase = n
	return func() { smallDatabase = was }
}

// SetHeld sets maxHeld and returns a function that restores it.
func SetHeld(n int) (restore func()) {
	was := maxHeld
	maxHeld = n
	return func() { maxHeld = was }
}

// SetSteps makes a reader step through ids or read them all; nil restores the default.
func (r *Reader) SetSteps(steps *bool) { r.steps = steps }

// Steps reports whether ids are stepped through; nil means not decided yet.
func (r *Reader) Steps() *bool { return r.steps }

// SetSlow makes a reader look up the ends of streams or pass over all events; nil restores
// the default.
func (r *Reader) SetSlow(slow *bool) { r.slow = slow }

// Slow reports whether the ends of streams are looked up slowly; nil means not decided yet.
func (r *Reader) Slow() *bool { return r.slow }

// Prepared reports whether the layout has been prepared.
func (r *Reader) Prepared() bool { return r.prepared }

// SetStream sets the expression for the stream's id.
func (r *Reader) SetStream(sql string) {
	r.Layout.Cols[0], r.Layout.StreamKey = sql, ""
}

// PlanEvents returns SQLite's plan for a query of events.
func (r *Reader) PlanEvents(q replay.Query) (string, error) {
	st, err := r.Layout.SelectEvents(r.flavour, q)
	if err != nil {
		return "", err
	}
	return r.plan(st.SQL, st.Args)
}

// PlanStreams returns SQLite's plan for a query of streams.
func (r *Reader) PlanStreams(q replay.StreamQuery) (string, error) {
	st := r.Layout.SelectStreams(r.flavour, q)
	return r.plan(st.SQL, st.Args)
}

func (r *Reader) plan(sql string, args []any) (string, error) {
	var out []string
	err := r.probe.query("EXPLAIN QUERY PLAN "+sql, args, func(s *sqlite.Stmt) error {
		out = append(out, s.ColumnText(3))
		return nil
	})
	return strings.Join(out, "; "), err
}

// Straight reports whether the versions of rows are counted while they are read.
func (r *Reader) Straight() bool { return r.inOrder() == nil && r.Layout.Straight != nil }

// CountFirst makes the reader count all versions in a temporary table, for any question.
func (r *Reader) CountFirst() {
	r.Layout.Straight, r.Layout.Piecemeal, r.Layout.InOrder = nil, nil, nil
}

// MappedSize returns how much of the file SQLite maps into memory at most.
func (r *Reader) MappedSize() (n int64, err error) {
	err = r.probe.query("PRAGMA mmap_size", nil, func(s *sqlite.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	})
	return n, err
}
