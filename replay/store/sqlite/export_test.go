package sqlite

import (
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// What the tests of this package see of it that others do not.

// Truncated is truncated.
var Truncated = truncated

// SetCheapCopy changes what is copied cheaply, and returns what takes that back.
func SetCheapCopy(n int64) (restore func()) {
	was := smallDatabase
	smallDatabase = n
	return func() { smallDatabase = was }
}

// SetSteps makes a reader step through ids, read them all, or decide anew (nil).
func (r *Reader) SetSteps(steps *bool) { r.steps = steps }

// Steps is whether ids are stepped through, or nil where that was not asked yet.
func (r *Reader) Steps() *bool { return r.steps }

// Prepared reports whether all of the store was put in order.
func (r *Reader) Prepared() bool { return r.prepared }

// SetStream makes an expression that of the stream's id, shown and looked up by.
func (r *Reader) SetStream(sql string) {
	r.Layout.Cols[0], r.Layout.StreamKey = sql, ""
}

// PlanEvents says how SQLite would answer a query of events.
func (r *Reader) PlanEvents(q replay.Query) (string, error) {
	st, err := r.Layout.SelectEvents(r.flavour, q)
	if err != nil {
		return "", err
	}
	return r.plan(st.SQL, st.Args)
}

// PlanStreams says how SQLite would answer a query of streams.
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
