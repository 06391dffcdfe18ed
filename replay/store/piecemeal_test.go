package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
)

const railsDDL = `CREATE TABLE event_store_events(id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, event_type TEXT, metadata TEXT, data TEXT, created_at TEXT, valid_at TEXT);
CREATE TABLE event_store_events_in_streams(id INTEGER PRIMARY KEY, stream TEXT NOT NULL, position INTEGER, event_id TEXT NOT NULL, UNIQUE(stream, position), UNIQUE(stream, event_id));
CREATE INDEX by_event ON event_store_events_in_streams(event_id);`

// A link puts an event into a stream of Rails Event Store.
type link struct {
	event    int
	stream   string
	numbered bool
}

// TestOneStreamIsReadAsAllAre holds what is read of one stream by itself to what is
// read of it when all of the store was put in order.
func TestOneStreamIsReadAsAllAre(t *testing.T) {
	streams := []string{"cart-1", "cart-10", "$by_type_Added", "$a", "$by`", "Order$9", "é"}
	links := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) link {
		return link{
			rapid.IntRange(1, 12).Draw(t, "event"), rapid.SampledFrom(streams).Draw(t, "stream"),
			rapid.IntRange(0, 9).Draw(t, "numbered") > 0,
		}
	}), 0, 40)
	for i := range 40 {
		links := links.Example(i)
		path := filepath.Join(t.TempDir(), "rails.db")
		buildDB(t, path, func(tx *sql.Tx) error { return linkEvents(tx, links) }, railsDDL)
		whole := mustOpen(t, path, Options{}).(*sqliteReader)
		if err := whole.prepare(); err != nil {
			t.Fatal(err)
		}
		for _, s := range append(streams, "nowhere", "cart") {
			// A reader for each, so that none has all of the store in order.
			one := mustOpen(t, path, Options{}).(*sqliteReader)
			id := replay.StreamID(s)
			for _, q := range []replay.Query{
				{Streams: []replay.StreamID{id}},
				{Streams: []replay.StreamID{id, id}, Reverse: true, Limit: 2},
				{Streams: []replay.StreamID{id}, Order: replay.ByStream, Versions: replay.Between[replay.Version](1, 3)},
				{Streams: []replay.StreamID{id}, Positions: replay.UpTo[replay.Position](6), Types: []string{"T1", "T2"}},
				{Streams: []replay.StreamID{id}, IDPrefix: "e1"},
			} {
				if got, want := described(t, one, q), described(t, whole, q); !slices.Equal(got, want) {
					t.Fatalf("%v\n%+v: %v, want %v", links, q, got, want)
				}
			}
			for _, q := range []replay.StreamQuery{
				{IDs: []replay.StreamID{id}},
				{IDs: []replay.StreamID{id}, IDsOnly: true},
				{IDsOnly: true, Prefix: s, Limit: 2},
				{IDsOnly: true},
			} {
				if got, want := listedStreams(t, one, q), listedStreams(t, whole, q); !slices.Equal(got, want) {
					t.Fatalf("%v\n%+v: %v, want %v", links, q, got, want)
				}
			}
			if one.prepared {
				t.Fatal("all of the store was put in order for questions about one stream")
			}
		}
	}
}

// linkEvents writes 12 events and the links; one that has a place in its stream has
// the next but one after the last.
func linkEvents(tx *sql.Tx, links []link) error {
	for i := 1; i <= 12; i++ {
		_, err := tx.Exec("INSERT INTO event_store_events VALUES(?, ?, ?, '{}', '{}', '2026-03-01 09:00:00', NULL)",
			3*i, fmt.Sprintf("e%d", i*7%13), fmt.Sprintf("T%d", i%3))
		if err != nil {
			return err
		}
	}
	next := map[string]int{}
	for _, l := range links {
		var place any
		if l.numbered {
			place = next[l.stream]
			next[l.stream] += 2
		}
		if _, err := tx.Exec("INSERT OR IGNORE INTO event_store_events_in_streams(stream, position, event_id) VALUES(?, ?, ?)",
			l.stream, place, fmt.Sprintf("e%d", l.event)); err != nil {
			return err
		}
	}
	return nil
}

func described(t *testing.T, r replay.Reader, q replay.Query) []string {
	var out []string
	for _, e := range events(t, r, q) {
		out = append(out, fmt.Sprintf("%s@%d pos:%d %s %s %s", e.Stream, e.Version, e.Position, e.ID, e.Type, e.Time))
	}
	return out
}

func listedStreams(t *testing.T, r replay.Reader, q replay.StreamQuery) []replay.Stream {
	var out []replay.Stream
	for s, err := range r.Streams(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// A store without the library's indexes is put in order at once: to look up each
// event without an index would take longer.
func TestWithoutIndexesAllIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rails.db")
	links := []link{{1, "cart-1", true}, {2, "cart-1", false}, {3, "cart-2", true}}
	buildDB(t, path, func(tx *sql.Tx) error { return linkEvents(tx, links) }, railsDDL, "DROP INDEX by_event")
	r := mustOpen(t, path, Options{}).(*sqliteReader)
	if got := described(t, r, replay.Query{Streams: []replay.StreamID{"cart-1"}}); len(got) != 2 || !r.prepared {
		t.Errorf("%v, prepared %v", got, r.prepared)
	}
}

// All of a store can be asked for in the middle of a question about one stream.
func TestPutInOrderWhileRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rails.db")
	var links []link
	for i := range 12 {
		links = append(links, link{i + 1, "cart-1", true})
	}
	buildDB(t, path, func(tx *sql.Tx) error { return linkEvents(tx, links) }, railsDDL)
	r := mustOpen(t, path, Options{})
	n := 0
	for _, err := range r.Events(context.Background(), replay.Query{Streams: []replay.StreamID{"cart-1"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			if sum, err := r.Summary(context.Background()); err != nil || sum.Events != 12 {
				t.Fatalf("%+v: %v", sum, err)
			}
		}
	}
	if n != 12 {
		t.Errorf("%d events", n)
	}
}
