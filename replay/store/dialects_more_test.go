package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/testdb"
)

// written writes a store of a dialect and returns its path.
func written(t testing.TB, name, variant string, events []replay.Event) string {
	t.Helper()
	for _, d := range write.Dialects() {
		if d.Name == name && d.Variant == variant {
			return writtenBy(t, d, events)
		}
	}
	t.Fatalf("no dialect %s %s", name, variant)
	return ""
}

// writtenBy writes a store with a dialect and returns its path.
func writtenBy(t testing.TB, d write.Dialect, events []replay.Event) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	if err := d.Write(t.Context(), path, slices.Values(events)); err != nil {
		t.Fatal(err)
	}
	testmain.Age(t, path)
	return path
}

// edit runs SQL on a store.
func edit(t testing.TB, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	testmain.Age(t, path)
}

// TestUnversionedStream numbers the events of a stream of Event Sourcery that has no
// versions by the table's id, in SQLite and PostgreSQL.
func TestUnversionedStream(t *testing.T) {
	const without = "UPDATE event_sourcery_events SET version = NULL WHERE db_stream_id = (SELECT db_stream_id FROM event_sourcery_events WHERE id = 41)"
	check := func(t *testing.T, r replay.Reader) {
		t.Helper()
		unversioned := 0
		for _, e := range events(t, r, replay.Query{Order: replay.ByStream}) {
			if int64(e.Version) == int64(e.Position) {
				unversioned++
			} else if e.Position == 41 {
				t.Errorf("event 41 has version %d", e.Version)
			}
		}
		if unversioned < 2 || !strings.Contains(r.Info().Recognised, "numbered by the table's id") {
			t.Errorf("%d events are numbered by their id; %s", unversioned, r.Info().Recognised)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := written(t, "event-sourcery", "", history(60))
		edit(t, path, without)
		check(t, mustOpen(t, path, Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		db := newPgDatabase(t)
		db.fill("event-sourcery", "", pgHistory(60))
		db.Must(without)
		check(t, db.open(Options{}))
	})
}

// TestDialectsRejectDamagedRows checks that invalid rows end the reading, or prevent the
// opening, with an error that names them.
func TestDialectsRejectDamagedRows(t *testing.T) {
	for _, c := range []struct{ name, variant, damage, says string }{
		{"eventsourcing-sqlalchemy", "", "UPDATE shop_events SET topic = x'00' WHERE id = 41", "topic"},
		{"eventsourcing-django", "", "UPDATE stored_events SET originator_version = 'x' WHERE id = 41", "version"},
		{"rails-event-store", "json", "UPDATE event_store_events SET event_type = x'00' WHERE id = 41", "type"},
		{"rails-event-store", "json", "UPDATE event_store_events_in_streams SET position = 'x' WHERE id = (SELECT max(id) FROM event_store_events_in_streams WHERE position > 0)", "version"},
		{"hallgren-eventsourcing", "", "UPDATE events SET version = NULL WHERE seq = 41", "version"},
		{"broadway", "", "UPDATE events SET type = x'00' WHERE id = 41", "type"},
		{"eventsauce", "", `UPDATE event_store SET payload = '{"headers":{},"payload":{}}' WHERE id = 41`, "__event_type"},
		{"sqlstreamstore", "", "UPDATE messages SET stream_version = 1.5 WHERE position = 41", "version"},
		{"eventflow", "", "UPDATE EventFlow SET Metadata = 'no' WHERE GlobalSequenceNumber = 41", "type is NULL"},
		{"neventstore", "", "PRAGMA ignore_check_constraints = 1; UPDATE Commits SET Items = 2000000000 WHERE CheckpointNumber = 4", "number of events"},
		{"neventstore", "", "UPDATE Commits SET StreamRevision = 'x' WHERE CheckpointNumber = 4", "revision"},
		{"neventstore", "", "UPDATE Commits SET Payload = '[{},{},{},{}]' WHERE CheckpointNumber = 4", "holds 4 events, but its Items is"},
		{"patchlevel", "streams", "UPDATE event_store SET stream = x'00' WHERE id = 41", ""},
		{"patchlevel", "aggregates", "UPDATE eventstore SET playhead = 'x' WHERE id = 41", "version"},
		{"spatie", "", "UPDATE stored_events SET event_version = 'x' WHERE id = 41", "revision"},
		{"simple-history", "", "CREATE TABLE kept AS SELECT * FROM shop_historicalcart; DROP TABLE shop_historicalcart; ALTER TABLE kept RENAME TO shop_historicalcart; UPDATE shop_historicalcart SET history_type = NULL WHERE history_id = 7", "type is NULL"},
		{"simple-history", "", "ALTER TABLE shop_historicalcart RENAME COLUMN id TO code; ALTER TABLE shop_historicalother RENAME COLUMN id TO code", "key of the rows"},
		{"audited", "json", "UPDATE audits SET action = NULL WHERE id = 41", "type is NULL"},
		{"activitylog", "", "UPDATE activity_log SET event = NULL, description = x'00' WHERE id = 41", "type"},
		{"laravel-auditing", "", "ALTER TABLE audits RENAME COLUMN new_values TO now_values", "new_values"},
		{"envers", "", "UPDATE shop_cart_AUD SET REVTYPE = 7 WHERE REV = 41; UPDATE shop_other_AUD SET REVTYPE = 7 WHERE REV = 41", "type is NULL"},
		{"envers", "", "DROP TABLE REVINFO", "no table of revisions"},
		{"paper-trail", "json", "ALTER TABLE versions DROP COLUMN object", "no column object or object_changes"},
		{"paper-trail", "json", "CREATE TABLE kept AS SELECT * FROM versions; DROP TABLE versions; ALTER TABLE kept RENAME TO versions; UPDATE versions SET event = NULL WHERE id = 41", "type is NULL"},
		{"reversion", "", "ALTER TABLE reversion_version RENAME COLUMN serialized_data TO text", "serialized_data"},
	} {
		t.Run(c.name+" "+c.damage, func(t *testing.T) {
			path := written(t, c.name, c.variant, history(60))
			edit(t, path, strings.Split(c.damage, "; ")...)
			r, err := Open(t.Context(), path, Options{Dialect: c.name})
			if err == nil {
				defer r.Close()
				q := replay.Query{Order: replay.ByStream}
				for _, e := range r.Events(t.Context(), q) {
					err = e
				}
			}
			var store *replay.StoreError
			if !errors.As(err, &store) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want an error about %q", err, c.says)
			}
		})
	}
}

// TestDialectsShowOpaquePayloads lists events with unreadable payloads and a reason.
func TestDialectsShowOpaquePayloads(t *testing.T) {
	for _, c := range []struct{ name, variant, damage, says string }{
		{"rails-event-store", "yaml", "UPDATE event_store_events SET data = '--- !ruby/object:Money\ncents: 1\n' WHERE id = 41", "!ruby/object:Money"},
		{"rails-event-store", "json", "UPDATE event_store_events SET data = x'FF00' WHERE id = 41", "binary"},
		{"hallgren-eventsourcing", "", "UPDATE events SET data = x'FF00' WHERE seq = 41", "binary"},
		{"broadway", "", "UPDATE events SET payload = '<a/>' WHERE id = 41", "XML"},
		{"eventsauce", "", "UPDATE event_store SET payload = 'O:8:\"stdClass\"' WHERE id = 41", "text that starts"},
		{"sqlstreamstore", "", "UPDATE messages SET json_data = 'no' WHERE position = 41", "text that starts"},
		{"eventflow", "", "UPDATE EventFlow SET Data = x'FF00' WHERE GlobalSequenceNumber = 41", "binary"},
		{"neventstore", "", "UPDATE Commits SET Payload = x'FF00' WHERE CheckpointNumber = 11", "binary"},
		{"neventstore", "", "UPDATE Commits SET Payload = '[]' WHERE CheckpointNumber = 11", "holds 0 events"},
		{"neventstore", "", "UPDATE Commits SET Payload = '[{' WHERE CheckpointNumber = 11", "array of events"},
		{"patchlevel", "aggregates", "UPDATE eventstore SET payload = 'no' WHERE id = 41", "text that starts"},
		{"spatie", "", "UPDATE stored_events SET event_properties = 'no' WHERE id = 41", "text that starts"},
		{"paper-trail", "yaml", "UPDATE versions SET object = '--- !ruby/object:Money\ncents: 1\n' WHERE id = 103", "!ruby/object:Money"},
		{"audited", "yaml", "UPDATE audits SET audited_changes = '--- !ruby/object:Money\ncents: 1\n' WHERE id = 41", "!ruby/object:Money"},
		{"audited", "json", "UPDATE audits SET action = 'touched', audited_changes = '{\"n\": 5}' WHERE id = 41", "no old and new value for n"},
		{"laravel-auditing", "", "UPDATE audits SET old_values = '{', new_values = '{' WHERE id = 41", "not JSON"},
		{"activitylog", "", "UPDATE activity_log SET properties = 'no' WHERE id = 41", "not JSON"},
		{"paper-trail", "json", "UPDATE versions SET object = 'no' WHERE id = 103", "not JSON"},
		{"paper-trail", "json", "DROP TABLE shop_carts", "no live row"},
		{"reversion", "", "UPDATE reversion_version SET format = 'xml' WHERE id = 41", "not serialized as JSON, but: xml"},
		{"reversion", "", "UPDATE reversion_version SET serialized_data = '[{\"pk\": 1}]' WHERE id = 41", "one object with fields"},
		{"reversion", "", "UPDATE reversion_version SET serialized_data = '[{' WHERE id = 41", "one object with fields"},
		{"cqrs-es", "", "UPDATE events SET payload = 'no' WHERE sequence = 2 AND aggregate_id = 'cart-1'", "text that starts"},
	} {
		t.Run(c.name+" "+c.damage, func(t *testing.T) {
			path := written(t, c.name, c.variant, history(60))
			intact, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			whole := len(events(t, intact, replay.Query{Order: replay.ByStream}))
			intact.Close()
			edit(t, path, c.damage)
			r := mustOpen(t, path, Options{Dialect: c.name})
			var opaque []string
			all := events(t, r, replay.Query{Order: replay.ByStream})
			for _, e := range all {
				if e.Opaque != "" {
					opaque = append(opaque, e.Opaque)
				}
			}
			if len(all) != whole || len(opaque) == 0 || !strings.Contains(opaque[0], c.says) {
				t.Errorf("%d events of %d; opaque: %q", len(all), whole, opaque)
			}
		})
	}
}

// TestDialectsReadAPrefixOfAGrowingStore checks that a reader shows one prefix of the history.
func TestDialectsReadAPrefixOfAGrowingStore(t *testing.T) {
	for _, c := range []struct{ name, variant, grow string }{
		{"rails-event-store", "json", "INSERT INTO event_store_events(event_id, event_type, metadata, data, created_at) VALUES('n', 'T', '{}', '{}', '2026-01-01 00:00:00'); INSERT INTO event_store_events_in_streams(stream, position, event_id, created_at) VALUES('cart', 9999, 'n', '2026-01-01 00:00:00')"},
		{"neventstore", "", "INSERT INTO Commits SELECT BucketId, StreamId, StreamIdOriginal, 9999, Items, 'n', 9999, CommitStamp, NULL, Headers, Payload FROM Commits LIMIT 1"},
		{"ocel-2.0", "", "INSERT INTO event VALUES('n', 'Added'); INSERT INTO event_Added(ocel_id, ocel_time) VALUES('n', '2020-01-01T00:00:00Z'); INSERT INTO event_object VALUES('n', 'cart', 'of')"},
		{"hallgren-eventsourcing", "", "INSERT INTO events(id, version, reason, type, timestamp, data) VALUES('cart', 9999, 'T', 'cart', '2026-01-01T00:00:00Z', '{}')"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, c.name, c.variant, history(60))
			// The file stays in WAL mode with a writer, so that both can continue.
			db, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			for _, s := range []string{"PRAGMA journal_mode = WAL", "PRAGMA user_version = 1"} {
				if _, err := db.Exec(s); err != nil {
					t.Fatal(err)
				}
			}
			r := mustOpen(t, path, Options{})
			before := events(t, r, replay.Query{Order: replay.ByStream})
			for _, s := range strings.Split(c.grow, "; ") {
				if _, err := db.Exec(s); err != nil {
					t.Fatal(err)
				}
			}
			if after := events(t, r, replay.Query{Order: replay.ByStream}); len(after) != len(before) {
				t.Errorf("%d events, then %d", len(before), len(after))
			}
			if now := events(t, mustOpen(t, path, Options{}), replay.Query{Order: replay.ByStream}); len(now) <= len(before) {
				t.Errorf("opened again: %d events, %d before", len(now), len(before))
			}
		})
	}
}

func TestContexts(t *testing.T) {
	h := history(60)
	for _, c := range []struct {
		name, variant, context, says string
		events                       int
	}{
		{"eventsourcing-django", "applications", "appcart", "", 20},
		{"eventsourcing-django", "applications", "appcard", `did you mean "appcart"`, 0},
		{"eventsourcing-sqlalchemy", "applications", "appcart", "", 20},
		{"eventsourcing-sqlalchemy", "applications", "nothing", "there are appcart, appother", 0},
		{"neventstore", "", "default", "", 60},
		{"hallgren-eventsourcing", "", "shop", "has a single application", 0},
	} {
		r, err := Open(t.Context(), written(t, c.name, c.variant, h), Options{Context: c.context})
		if err != nil {
			if c.says == "" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, context %s: %v", c.name, c.context, err)
			}
			continue
		}
		all := events(t, r, replay.Query{})
		if len(all) != c.events || strings.Contains(string(all[0].Stream), "/") {
			t.Errorf("%s, context %s: %d events, the first of %s", c.name, c.context, len(all), all[0].Stream)
		}
		r.Close()
	}
}

// TestSeveralTablesNeedAContext checks that tables of one library are not mixed.
func TestSeveralTablesNeedAContext(t *testing.T) {
	for _, c := range []struct{ name, variant, second string }{
		{"eventsauce", "", "CREATE TABLE more AS SELECT * FROM event_store"},
		{"patchlevel", "aggregates", "CREATE TABLE more AS SELECT * FROM eventstore"},
	} {
		path := written(t, c.name, c.variant, history(20))
		edit(t, path, c.second, "DELETE FROM more WHERE id > 5")
		if _, err := Open(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), "several tables hold its events") {
			t.Errorf("%s: %v", c.name, err)
		}
		if n := len(events(t, mustOpen(t, path, Options{Context: "more"}), replay.Query{})); n != 3 {
			t.Errorf("%s: %d events", c.name, n)
		}
	}
}

func TestClockNeedsTwoTimes(t *testing.T) {
	path := written(t, "hallgren-eventsourcing", "", history(5))
	for clock, says := range map[string]string{ClockValid: "records only one time", "wall": "unknown clock"} {
		if _, err := Open(t.Context(), path, Options{Clock: clock}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("clock %s: %v", clock, err)
		}
	}
}

// TestDialectsKeepStreamsApart separates streams of different types with the same id, and
// streams of several buckets and tables.
func TestDialectsKeepStreamsApart(t *testing.T) {
	for _, c := range []struct {
		name, variant, change string
		stream                replay.StreamID
	}{
		{"hallgren-eventsourcing", "", "INSERT INTO events(id, version, reason, type, timestamp, data) VALUES('cart-1', 1, 'T', 'Other', '2026-01-01T00:00:00Z', '{}')", "Other/cart-1"},
		{"cqrs-es", "", "INSERT INTO events VALUES('Other', 'cart-1', 1, 'T', '1', '{}', '{}')", "Other/cart-1"},
		{"patchlevel", "aggregates", "INSERT INTO eventstore(aggregate, aggregate_id, playhead, event, payload, recorded_on, custom_headers) VALUES('Other', 'cart-1', 1, 'T', '{}', '2026-01-01', '[]')", "Other/cart-1"},
		{"neventstore", "", "INSERT INTO Commits SELECT 'b2', StreamId, StreamIdOriginal, Items, Items, 'n', 1, CommitStamp, NULL, Headers, Payload FROM Commits WHERE StreamIdOriginal = 'cart-1' LIMIT 1", "b2/cart-1"},
	} {
		path := written(t, c.name, c.variant, history(60))
		before := streamNames(t, mustOpen(t, path, Options{}))
		edit(t, path, c.change)
		r := mustOpen(t, path, Options{})
		after := streamNames(t, r)
		one := events(t, r, replay.Query{Streams: []replay.StreamID{c.stream}})
		if !slices.Contains(after, c.stream) || len(one) == 0 {
			t.Errorf("%s: %s has %d events, of the streams %q", c.name, c.stream, len(one), after)
		}
		for _, id := range before {
			if c.name != "neventstore" && !slices.Contains(after, id) {
				t.Errorf("%s: %s has another name now, of %q", c.name, id, after)
			}
		}
	}
}

func TestUnnumberedPatchlevelStreams(t *testing.T) {
	path := written(t, "patchlevel", "streams", history(40))
	edit(t, path, "UPDATE event_store SET playhead = NULL WHERE stream = 'cart-2'")
	for _, e := range events(t, mustOpen(t, path, Options{}), replay.Query{Streams: []replay.StreamID{"cart-2"}}) {
		if int64(e.Version) != int64(e.Position) {
			t.Errorf("version %d at position %d", e.Version, e.Position)
		}
	}
}

func TestTwoDialects(t *testing.T) {
	path := written(t, "hallgren-eventsourcing", "", history(5))
	edit(t, path, strings.Split(testdb.NativeDDL, "PRAGMA")[0])
	_, err := Open(context.Background(), path, Options{})
	var unknown *UnknownDialectError
	var se *replay.StoreError
	if !errors.As(err, &unknown) || len(unknown.Matches) != 2 || !errors.As(err, &se) || !strings.Contains(fault.RemedyOf(se).String(), "[dialect]") {
		t.Fatalf("%v", err)
	}
	if n := len(events(t, mustOpen(t, path, Options{Dialect: "hallgren-eventsourcing"}), replay.Query{})); n != 5 {
		t.Errorf("%d events", n)
	}
}
