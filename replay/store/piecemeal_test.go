package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/store/table"
	"asof/replay/store/testdb"
)

const railsDDL = `CREATE TABLE event_store_events(id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, event_type TEXT, metadata TEXT, data TEXT, created_at TEXT, valid_at TEXT);
CREATE TABLE event_store_events_in_streams(id INTEGER PRIMARY KEY, stream TEXT NOT NULL, position INTEGER, event_id TEXT NOT NULL, created_at TEXT, UNIQUE(stream, position), UNIQUE(stream, event_id));
CREATE INDEX by_event ON event_store_events_in_streams(event_id);`

// A link puts an event into a stream of Rails Event Store.
type link struct {
	event    int
	stream   string
	numbered bool
}

// TestOneStreamEqualsAll compares single streams, read alone, with the same streams
// read after the whole store was prepared.
func TestOneStreamEqualsAll(t *testing.T) {
	t.Parallel()
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
		testdb.Build(t, path, nil, append([]string{railsDDL}, linkEvents(links)...)...)
		whole := mustOpen(t, path, Options{})
		events(t, whole, replay.Query{}) // prepares the whole store
		for _, s := range append(streams, "nowhere", "cart") {
			// One reader per stream, so that none has prepared the whole store.
			one := mustOpen(t, path, Options{})
			id := replay.StreamID(s)
			for _, q := range []replay.Query{
				{Streams: []replay.StreamID{id}},
				{Streams: []replay.StreamID{id, id}, Reverse: true, Limit: 2},
				{Streams: []replay.StreamID{id}, Order: replay.ByStream, Versions: replay.Between[replay.Version](1, 3)},
				{Streams: []replay.StreamID{id}, Positions: replay.UpTo[replay.Position](6), Types: []string{"T1", "T2"}},
				{Streams: []replay.StreamID{id}, IDPrefix: "0000000"},
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
		}
	}
}

// linkEvents returns SQL that writes 12 events and the links. Positions in a stream, where
// present, advance by two.
func linkEvents(links []link) []string {
	id := func(event int) string { return fmt.Sprintf("'%08d-0000-4000-8000-%012d'", event*7%13, event) }
	var out []string
	for i := 1; i <= 12; i++ {
		out = append(out, fmt.Sprintf("INSERT INTO event_store_events(id, event_id, event_type, metadata, data, created_at)"+
			" VALUES(%d, %s, 'T%d', '{}', '{}', '2026-03-01 09:00:00')", 3*i, id(i), i%3))
	}
	next, seen := map[string]int{}, map[string]bool{}
	for i, l := range links {
		key := fmt.Sprint(l.stream, l.event)
		if seen[key] {
			continue
		}
		seen[key] = true
		place := "NULL"
		if l.numbered {
			place = fmt.Sprint(next[l.stream])
			next[l.stream] += 2
		}
		out = append(out, fmt.Sprintf("INSERT INTO event_store_events_in_streams(id, stream, position, event_id, created_at)"+
			" VALUES(%d, %s, %s, %s, '2026-03-01 09:00:00')", i+1, table.QuoteText(l.stream), place, id(l.event)))
	}
	return out
}

// TestPgRailsNumbersAlike compares the versions in both engines.
func TestPgRailsNumbersAlike(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("rails-event-store-postgres", "jsonb", nil)
	links := []link{
		{1, "a", true},
		{2, "$by_type_T", false},
		{2, "a", true},
		{1, "b", true},
		{3, "b", true},
		{4, "b", true},
		{5, "c", false},
		{6, "c", true},
		{5, "a", false},
		{7, "c", true},
		{8, "a", true},
	}
	path := filepath.Join(t.TempDir(), "rails.db")
	testdb.Build(t, path, nil, append([]string{railsDDL}, linkEvents(links)...)...)
	db.Must("TRUNCATE event_store_events, event_store_events_in_streams")
	for _, sql := range linkEvents(links) {
		db.Must(sql)
	}
	want := described(t, mustOpen(t, path, Options{}), replay.Query{})
	if got := described(t, db.open(Options{}), replay.Query{}); !slices.Equal(got, want) || len(want) != 8 {
		t.Errorf("PostgreSQL has\n%v, SQLite\n%v", got, want)
	}
	if !strings.HasPrefix(want[3], "b@4 ") || !strings.HasPrefix(want[4], "c@0 ") {
		t.Errorf("numbered %v", want)
	}
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

// TestMissingIndexReadsEverything checks that a store without the library's indexes is prepared
// at once, because looking up each event without an index takes longer.
func TestMissingIndexReadsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rails.db")
	links := []link{{1, "cart-1", true}, {2, "cart-1", false}, {3, "cart-2", true}}
	testdb.Build(t, path, nil, append([]string{railsDDL, "DROP INDEX by_event"}, linkEvents(links)...)...)
	r := mustOpen(t, path, Options{})
	if got := described(t, r, replay.Query{Streams: []replay.StreamID{"cart-1"}}); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

// TestSortedWhileRead queries the whole store while one stream is being read.
func TestSortedWhileRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rails.db")
	var links []link
	for i := range 12 {
		links = append(links, link{i + 1, "cart-1", true})
	}
	testdb.Build(t, path, nil, append([]string{railsDDL}, linkEvents(links)...)...)
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
