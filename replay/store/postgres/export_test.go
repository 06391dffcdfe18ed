package postgres

import (
	"context"
	"strings"

	"asof/replay"
)

// LookUp returns the statement for the later events of a stream, and the server's plan with
// scans disabled, which are otherwise cheap for a test's few rows.
func LookUp(ctx context.Context, in replay.Reader, id replay.StreamID) (sql, plan string, err error) {
	r := in.(*reader)
	st, err := r.Layout.SelectEvents(flavour, replay.Query{
		Streams: []replay.StreamID{id}, Versions: replay.From[replay.Version](2),
	})
	if err != nil {
		return "", "", err
	}
	if err := r.session.Run(ctx, "SET LOCAL enable_seqscan = off", nil, nil); err != nil {
		return "", "", err
	}
	lines, err := r.session.Texts(ctx, "EXPLAIN "+st.SQL, st.Args...)
	return st.SQL, strings.Join(lines, "\n"), err
}

// SetJoins makes readers list streams by one statement, or look up their ends in others,
// and returns a function that restores the default.
func SetJoins(on bool) (restore func()) {
	was := flavour.Joins
	flavour.Joins = on
	return func() { flavour.Joins = was }
}

// Uniques returns the columns of the unique indexes that speak for the store's events.
func Uniques(ctx context.Context, in replay.Reader) ([][]string, error) {
	uniques, _, err := in.(*reader).Uniques(ctx)
	return uniques, err
}
