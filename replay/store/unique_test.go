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
	"asof/replay/store/source"
	"asof/replay/store/table"
	"asof/replay/store/testdb"
)

// TestVersionTwice asks everything of a store in which a stream has a version
// twice, in rows that are far apart: each answer would be a matter of chance.
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

func TestKeyed(t *testing.T) {
	for _, c := range []struct {
		stream, version string
		unique          []string
		want            bool
	}{
		{"stream", "version", []string{"stream", "version"}, true},
		{"e.Stream", `e."Version"`, []string{"version", "stream"}, true},
		{"stream", "version", []string{"version"}, true},
		{"stream", "version", []string{"tenant", "stream", "version"}, false},
		{"a || b", "version", []string{"a", "version"}, false},
		{"stream", "version", []string{"stream", ""}, false}, // of an expression
		{"stream", "version", nil, false},
	} {
		l := &table.Layout{Cols: [source.NumFields]string{source.Stream: c.stream, source.Version: c.version}}
		var uniques [][]string
		if c.unique != nil {
			uniques = append(uniques, c.unique)
		}
		if got := l.IsKeyed(uniques); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestProposalIsTyped: the columns of a proposal keep their names when its flags
// are read as a list.
func TestProposalIsTyped(t *testing.T) {
	p := source.Proposal{Table: "ev", Map: map[string]string{"stream": "s", "data": `da,"ta`}}
	if got, want := source.MapText(p.Map), `stream=s,"data=da,""ta"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
