package store

import (
	"path/filepath"
	"slices"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store/testdb"
)

// TestOmittedOfStreams checks the count of omissions in single streams.
func TestOmittedOfStreams(t *testing.T) {
	for _, c := range []struct {
		name string
		sql  []string
		want []string
	}{
		{"emmett", []string{
			testdb.EmmettDDL,
			"INSERT INTO emt_messages(stream_id, stream_position, partition, message_kind, message_data, message_metadata, message_schema_version, message_type, message_id, is_archived)" +
				" VALUES('u', 1, 'p', 'E', '{}', '{}', '1', 'T', 'a', 0), ('u', 2, 'p', 'C', '{}', '{}', '1', 'T', 'b', 0)," +
				" ('u', 3, 'p', 'E', '{}', '{}', '1', 'T', 'c', 1), ('v', 1, 'p', 'E', '{}', '{}', '1', 'T', 'd', 0)",
		}, []string{"1 archived message", "1 command (message_kind C)"}},
		{"spatie", []string{
			"CREATE TABLE stored_events(id INTEGER PRIMARY KEY, aggregate_uuid TEXT, aggregate_version INT, event_class TEXT, event_properties TEXT, meta_data TEXT, created_at TEXT)",
			"INSERT INTO stored_events VALUES(1, 'u', NULL, 'E', '{}', '[]', '2026-01-01'), (2, 'u', 1, 'E', '{}', '[]', '2026-01-02'), (3, 'v', 1, 'E', '{}', '[]', '2026-01-02')",
		}, []string{"1 event without a version"}},
		{"eventsauce", []string{
			"CREATE TABLE messages(id INTEGER PRIMARY KEY, event_id TEXT, aggregate_root_id TEXT, version INT, payload TEXT)",
			`INSERT INTO messages VALUES(1, 'a', 'u', 1, '{"headers":{"__event_type":"T"},"payload":{}}'), (2, 'b', 'u', NULL, '{"headers":{"__event_type":"T"},"payload":{}}'),` +
				` (3, 'c', 'v', 1, '{"headers":{"__event_type":"T"},"payload":{}}')`,
		}, []string{"1 event of no aggregate, or without a version"}},
	} {
		path := filepath.Join(t.TempDir(), "s.db")
		testdb.Build(t, path, nil, c.sql...)
		o := mustOpen(t, path, Options{})
		for stream, want := range map[replay.StreamID][]string{"u": c.want, "v": nil, "none": nil} {
			if got, err := o.Omitted(t.Context(), stream); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q, %v; want %q", c.name, stream, got, err, want)
			}
		}
	}
}

// TestPgOmittedOfStreams removes the first event of a stream as each library does.
func TestPgOmittedOfStreams(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{"emmett-postgres", "UPDATE emt_messages SET is_archived = true WHERE stream_id = $1 AND stream_position = 1", "1 archived message"},
		{"emmett-postgres", "UPDATE emt_messages SET message_kind = 'C' WHERE stream_id = $1 AND stream_position = 1", "1 command (message_kind C)"},
		{"akka-jdbc", "UPDATE event_journal SET deleted = true WHERE persistence_id = $1 AND sequence_number = 1", "1 deleted event"},
		{"marten", "UPDATE docs.mt_events SET is_archived = true WHERE stream_id::text = $1 AND version = 1", "1 archived event"},
	} {
		t.Run(c.want, func(t *testing.T) {
			db := newPgDatabase(t)
			f := pgFixtureNamed(t, c.name)
			db.fill(f.Name, f.Variant, pgHistory(40))
			streams := listedStreams(t, db.open(Options{}), replay.StreamQuery{})
			db.Must(c.sql, string(streams[0].ID))
			r := db.open(Options{})
			for i, want := range [][]string{{c.want}, nil} {
				if got, err := r.Omitted(t.Context(), streams[i].ID); err != nil || !slices.Equal(got, want) {
					t.Errorf("%s: %q, %v; want %q", streams[i].ID, got, err, want)
				}
			}
		})
	}
}

func pgFixtureNamed(t *testing.T, name string) write.PgDialect {
	for _, f := range write.PgDialects() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no fixture %s", name)
	return write.PgDialect{}
}

// TestVersionsThatArePositions checks that positions used as versions are sparse.
func TestVersionsThatArePositions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	testdb.Build(t, path, nil, "CREATE TABLE e(s TEXT, n INTEGER PRIMARY KEY, v INT)", "INSERT INTO e VALUES('a', 7, 1)")
	for version, sparse := range map[string]bool{"n": true, "v": false} {
		r := mustOpen(t, path, Options{Table: "e", Map: map[string]string{"stream": "s", "version": version, "position": "n"}})
		if got := r.Info().Sparse; got != sparse {
			t.Errorf("versions in %s: sparse %v", version, got)
		}
	}
}
