package store

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"asof/replay"
)

// The places of a store's events: the stream and the id, in the order of the streams.
const (
	railsPlaces     = "SELECT stream || ' ' || event_id FROM event_store_events_in_streams l WHERE event_id IN (SELECT event_id FROM event_store_events) ORDER BY stream, l.id"
	pgRailsPlaces   = `SELECT stream || ' ' || event_id FROM event_store_events_in_streams l WHERE event_id IN (SELECT event_id FROM event_store_events) ORDER BY stream COLLATE "C", l.id`
	commandedPlaces = `SELECT stream_uuid || ' ' || event_id FROM stream_events JOIN streams USING (stream_id) WHERE stream_id <> 0 AND deleted_at IS NULL ORDER BY stream_uuid COLLATE "C", stream_events.stream_version`
)

// checkLinked reads every stream, and each by itself, with what is linked into it.
func checkLinked(t *testing.T, r replay.Reader, want []string) {
	t.Helper()
	place := func(e *replay.Event) string { return string(e.Stream) + " " + e.ID }
	var all, alone, linked []string
	for _, e := range readPg(t, r, replay.Query{Order: replay.ByStream}) {
		all = append(all, place(e))
	}
	for s, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		one := readPg(t, r, replay.Query{Streams: []replay.StreamID{s.ID}})
		if int64(len(one)) != s.Events || one[0].Version != s.First || one[len(one)-1].Version != s.Last {
			t.Errorf("%s: %d events, versions %d to %d; the list says %+v", s.ID, len(one), one[0].Version, one[len(one)-1].Version, s)
		}
		for _, e := range one {
			alone = append(alone, place(e))
			if e.Position != replay.NoPosition {
				t.Fatalf("%s has a position", place(e))
			}
		}
		if strings.HasPrefix(string(s.ID), "$by_type_") || s.ID == "watched" {
			linked = append(linked, string(s.ID))
		}
	}
	if !slices.Equal(all, want) || !slices.Equal(alone, want) || len(linked) == 0 {
		t.Errorf("%d events, %d by stream, want %d; linked streams: %q", len(all), len(alone), len(want), linked)
	}
}

// TestLinkedStreams reads the streams into which events are linked.
func TestLinkedStreams(t *testing.T) {
	for _, variant := range []string{"json", "yaml"} {
		path := written(t, "rails-event-store", variant, history(60))
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query(railsPlaces)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for rows.Next() {
			var place string
			if err := rows.Scan(&place); err != nil {
				t.Fatal(err)
			}
			want = append(want, place)
		}
		if err := errors.Join(rows.Err(), rows.Close(), db.Close()); err != nil {
			t.Fatal(err)
		}
		checkLinked(t, mustOpen(t, path, Options{Context: "linked"}), want)
		if _, err := Open(t.Context(), path, Options{Context: "linkd"}); err == nil || !strings.Contains(err.Error(), `did you mean "linked"`) {
			t.Errorf("another context: %v", err)
		}
	}
}

// TestPgLinkedStreams is TestLinkedStreams in PostgreSQL.
func TestPgLinkedStreams(t *testing.T) {
	for _, c := range [][3]string{{"rails-event-store-postgres", "jsonb", pgRailsPlaces}, {"commanded", "jsonb", commandedPlaces}} {
		db := newPgDatabase(t)
		db.fill(c[0], c[1], pgHistory(60))
		checkLinked(t, db.open(Options{Context: "linked"}), pgTexts(t, db, c[2]))
	}
}
