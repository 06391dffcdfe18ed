package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/testdb"
)

// TestVersionTwice runs every kind of query on a store in which distant rows of a stream have
// the same version, so that any answer would be arbitrary.
func TestVersionTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twice.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		if err := fillNative(30, 3)(tx); err != nil {
			return err
		}
		_, err := tx.Exec("UPDATE asof_events SET version = 1, stream = 'cart-0' WHERE position = 25")
		return err
	}, strings.Replace(testdb.NativeDDL, "UNIQUE(stream, version)", "CHECK(1)", 1))
	ctx := context.Background()
	events := func(q replay.Query) func(replay.Reader) error {
		return func(r replay.Reader) (err error) {
			for _, err = range r.Events(ctx, q) {
			}
			return err
		}
	}
	for name, ask := range map[string]func(replay.Reader) error{
		"all events":    events(replay.Query{}),
		"of a type":     events(replay.Query{Types: []string{"ItemAdded"}}),
		"from a place":  events(replay.Query{Positions: replay.From(replay.Position(20))}),
		"by stream":     events(replay.Query{Order: replay.ByStream}),
		"of the stream": events(replay.Query{Streams: []replay.StreamID{"cart-0"}}),
		"summary": func(r replay.Reader) error {
			_, err := r.Summary(ctx)
			return err
		},
		"streams": func(r replay.Reader) (err error) {
			for _, err = range r.Streams(ctx, replay.StreamQuery{}) {
			}
			return err
		},
	} {
		err := ask(mustOpen(t, path, Options{}))
		var d *replay.DuplicateError
		var se *replay.StoreError
		if !errors.As(err, &d) || !errors.As(err, &se) || d.Stream != "cart-0" || d.Version != 1 || fault.RemedyOf(se).Text == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
