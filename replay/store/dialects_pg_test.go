package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
)

func pgTexts(t *testing.T, db *pgDatabase, sql string) []string {
	t.Helper()
	results, err := db.Conn.Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range results[0].Rows {
		out = append(out, string(row[0]))
	}
	return out
}

// TestPgDamagedRows checks that an invalid row is an error that names it, or an event
// whose payload is unreadable.
func TestPgDamagedRows(t *testing.T) {
	for _, c := range []struct{ name, variant, damage, says string }{
		{"hallgren-eventsourcing", "", "UPDATE events SET version = NULL WHERE seq = 41", "version"},
		{"hallgren-eventsourcing", "", "UPDATE events SET reason = NULL WHERE seq = 41", "type is NULL"},
		{"hallgren-eventsourcing", "", `UPDATE events SET data = '\xff00' WHERE seq = 41`, "opaque: not JSON: binary"},
		{"cqrs-es", "", `UPDATE events SET payload = '"x"' WHERE aggregate_id = 'cart-1' AND sequence = 2`, ""},
		{"broadway", "uuid", "UPDATE events SET payload = '<a/>' WHERE id = 41", "looks like XML"},
		{"broadway", "bytea", `UPDATE events SET uuid = '\x00' WHERE id = 41`, ""},
		{"patchlevel", "aggregates", "UPDATE eventstore SET recorded_on = 'infinity' WHERE id = 41", ""},
		{"patchlevel", "streams", "UPDATE event_store SET event_payload = '1' WHERE id = 41", ""},
		{"spatie", "", "UPDATE stored_events SET aggregate_version = NULL WHERE id = 41", "left out: 1 event of no aggregate; 1 event without a version"},
		{"spatie", "", "ALTER TABLE stored_events DROP CONSTRAINT stored_events_aggregate_uuid_aggregate_version_unique; UPDATE stored_events SET aggregate_version = 1", "version 1"},
		{"eventsauce", "uuid", `UPDATE event_messages SET payload = '{"headers":{},"payload":{}}' WHERE id = 41`, "__event_type"},
		{"eventsauce", "bytea", "UPDATE event_messages SET version = NULL WHERE id = 41", "left out: 2 events of no aggregate"},
		{"eventsauce", "uuid", "UPDATE event_messages SET payload = '[]' WHERE id = 41", "__event_type"},
		{"sqlstreamstore", "", "UPDATE messages SET json_data = '1' WHERE position = 41", ""},
		{"sqlstreamstore", "", "ALTER TABLE messages DROP CONSTRAINT fk_messages_stream; DELETE FROM streams WHERE id_original = 'cart-1'", "8 messages of no stream"},
		{"eventflow", "", "UPDATE EventFlow SET Metadata = 'no' WHERE GlobalSequenceNumber = 41", "invalid input syntax for type json"},
		{"eventflow", "", "UPDATE EventFlow SET Metadata = '{}' WHERE GlobalSequenceNumber = 41", "type is NULL"},
		{"eventflow", "", "UPDATE EventFlow SET AggregateSequenceNumber = 1", "version 1"},
		{"neventstore", "", `UPDATE Commits SET Payload = '\xff00' WHERE CheckpointNumber = 11`, "opaque: not JSON: binary"},
		{"neventstore", "", `UPDATE Commits SET Payload = '[]' WHERE CheckpointNumber = 11`, "holds 0 events"},
		{"neventstore", "", `ALTER TABLE Commits DROP CONSTRAINT commits_items_check; UPDATE Commits SET Items = 0 WHERE CheckpointNumber = 11`, "version is NULL"},
		{"neventstore", "", "UPDATE Commits SET Payload = '[{},{},{},{}]' WHERE CheckpointNumber = 4", "holds 4 events, but its Items is"},
		{"neventstore", "", "UPDATE Commits SET BucketId = 'b2' WHERE CheckpointNumber = 11", ""},
		{"neventstore", "", "UPDATE Commits SET StreamId = left(StreamId, 39) || 'x'", ""},
		{"axon-5", "", "UPDATE aggregate_event_entry SET payload = 0 WHERE global_index = 41", "large object 0 does not exist"},
		{"axon-5", "", "UPDATE aggregate_event_entry SET aggregate_identifier = NULL WHERE global_index = 41", "left out: 2 events of no aggregate"},
		{"axon-5", "", `UPDATE aggregate_event_entry SET payload = lo_from_bytea(0, '\xbf00') WHERE global_index = 41`, "opaque: not JSON: binary"},
		{"akka-jdbc", "", `UPDATE event_journal SET event_payload = '\xa1616e01' WHERE ordering = 41`, "opaque: not JSON: it looks like CBOR"},
		{"akka-jdbc", "", `UPDATE event_journal SET event_payload = '' WHERE ordering = 41`, "opaque: not JSON: binary, 0 bytes"},
		{"akka-jdbc", "", `UPDATE event_journal SET event_payload = '123' WHERE ordering = 41`, `opaque: not a JSON object: text that begins with "123"`},
		{"akka-r2dbc", "bytea", "UPDATE event_journal SET deleted = true WHERE seq_nr = 1", "deleted events; 1 state of durable_state"},
		{"akka-r2dbc", "jsonb", "UPDATE event_journal SET event_payload = '7' WHERE seq_nr = 1", ""},
		{"akka-jdbc-legacy", "", `UPDATE journal SET message = '\x0a0208' WHERE ordering = 41`, "opaque: not a PersistentMessage"},
		{"akka-jdbc-legacy", "", `UPDATE journal SET message = '' WHERE ordering = 41`, "opaque: not a PersistentMessage"},
		{"akka-net", "postgresql", `UPDATE event_journal SET payload = '\x00ff' WHERE ordering = 41`, "opaque: not JSON: binary"},
		{"akka-net", "sql", "UPDATE journal SET manifest = NULL, identifier = NULL WHERE ordering = 41", "its type is NULL"},
		{"zitadel", "instance", "UPDATE eventstore.events2 SET payload = NULL WHERE sequence = 1", ""},
		{"zitadel", "instance", "UPDATE eventstore.events2 SET in_tx_order = 5000 WHERE sequence = 1", ""},
		{"zitadel", "instances", "UPDATE eventstore.events2 SET position = 1e30 WHERE sequence = 1", ""},
		{"castore", "", "ALTER TABLE event DROP CONSTRAINT event_aggregate_name_aggregate_id_version_key; UPDATE event SET version = 1", "version 1"},
		{"castore", "", "CREATE TABLE more AS SELECT * FROM event", "several tables hold its events"},
		{"goes", "", "UPDATE events SET aggregate_version = NULL WHERE aggregate_version = 1", "1 event of no aggregate; 7 events without a version"},
		{"go-eventually", "", `UPDATE events SET event = '\x0801' WHERE version = 1`, "opaque: not JSON"},
		{"resolve", "", `UPDATE events SET payload = NULL WHERE "aggregateVersion" = 1`, ""},
		{"event-sourcery", "", "UPDATE event_sourcery_events SET version = NULL WHERE db_stream_id = 1", ""},
		{"event-sourcery", "", "ALTER TABLE event_sourcery_events DROP CONSTRAINT event_sourcery_events_db_stream_id_fkey; UPDATE event_sourcery_events SET db_stream_id = 99 WHERE id = 41", "1 event of no stream"},
	} {
		t.Run(c.name+" "+c.damage, func(t *testing.T) {
			db := newPgDatabase(t)
			db.fill(c.name, c.variant, pgHistory(60))
			db.Must(c.damage)
			said, n := pgReading(t, db, Options{})
			if !strings.Contains(said, c.says) || c.says == "" && n != 60 {
				t.Errorf("%d events: %s; want %q", n, said, c.says)
			}
		})
	}
}

// pgReading reads a store and returns its error, and what it says of unreadable and
// omitted events.
func pgReading(t *testing.T, db *pgDatabase, o Options) (said string, n int) {
	t.Helper()
	r, err := Open(t.Context(), db.DSN, o)
	if err != nil {
		return err.Error(), 0
	}
	defer r.Close()
	for e, err := range r.Events(t.Context(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			var store *replay.StoreError
			var twice *replay.DuplicateError
			if !errors.As(err, &store) && !errors.As(err, &twice) {
				t.Errorf("%T: %v", err, err)
			}
			return said + err.Error(), n
		}
		if n++; e.Opaque != "" {
			said += "opaque: " + e.Opaque + "; "
		}
	}
	return said + "left out: " + summaryText(t, r), n
}

// TestPgStreamsOfTypes separates streams of different types with the same id.
func TestPgStreamsOfTypes(t *testing.T) {
	for _, c := range []struct{ name, variant, change string }{
		{"hallgren-eventsourcing", "", "INSERT INTO events(seq, id, version, reason, type, timestamp, data) VALUES(1000, 'cart-1', 1, 'T', 'Other', '2026-01-01T00:00:00Z', '{}')"},
		{"cqrs-es", "", "INSERT INTO events VALUES('Other', 'cart-1', 1, 'T', '1', '{}', '{}')"},
		{"patchlevel", "aggregates", "INSERT INTO eventstore(id, aggregate, aggregate_id, playhead, event, payload, recorded_on, custom_headers) VALUES(1000, 'Other', 'cart-1', 1, 'T', '{}', '2026-01-01', '[]')"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := newPgDatabase(t)
			db.fill(c.name, c.variant, pgHistory(60))
			plain := db.open(Options{})
			alone := len(readPg(t, plain, replay.Query{Streams: []replay.StreamID{"cart/cart-1"}}))
			before := streamNames(t, plain)
			db.Must(c.change)
			r := db.open(Options{})
			for stream, want := range map[replay.StreamID]int{"Other/cart-1": 1, "cart/cart-1": alone, "cart-1": 0, "Other/cart-2": 0} {
				if n := len(readPg(t, r, replay.Query{Streams: []replay.StreamID{stream}})); n != want {
					t.Errorf("%s: %d events, want %d", stream, n, want)
				}
			}
			if after := streamNames(t, r); !slices.Equal(slices.Sorted(slices.Values(append(before, "Other/cart-1"))), after) {
				t.Errorf("streams %q, then %q", before, after)
			}
		})
	}
}

// streamNames returns the ids of all streams.
func streamNames(t testing.TB, r replay.Reader) (names []replay.StreamID) {
	t.Helper()
	for s, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, s.ID)
	}
	return names
}

// pgNewest are the dialects of which [TestPgEmptyStores] opens stores without events.
var pgNewest = []string{
	"hallgren-eventsourcing", "cqrs-es", "broadway", "patchlevel", "spatie", "eventsauce", "sqlstreamstore", "eventflow", "neventstore",
	"axon-5", "akka-jdbc", "akka-jdbc-legacy", "akka-r2dbc", "akka-net",
	"zitadel", "castore", "goes", "go-eventually", "resolve", "event-sourcery",
}

// TestPgEmptyStores opens the tables of every library without an event.
func TestPgEmptyStores(t *testing.T) {
	for _, d := range write.PgDialects() {
		if !slices.Contains(pgNewest, d.Name) {
			continue
		}
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			db := newPgDatabase(t)
			if err := d.Write(t.Context(), db.Run, slices.Values([]replay.Event{})); err != nil {
				t.Fatal(err)
			}
			r := db.open(Options{})
			if n := len(readPg(t, r, replay.Query{Order: replay.ByStream})); n != 0 {
				t.Errorf("%d events", n)
			}
			if n := len(readPg(t, r, replay.Query{Order: replay.ByStream, Streams: []replay.StreamID{"no\x00such", "\xff", "a/b", "nothing"}})); n != 0 {
				t.Errorf("%d events of streams that can't be", n)
			}
		})
	}
}
