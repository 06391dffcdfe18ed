package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/fixtures/write"
	"asof/replay"
)

// pgDialect returns a dialect of the fixtures.
func pgFixture(t testing.TB, name, variant string) write.PgDialect {
	t.Helper()
	for _, d := range write.PgDialects() {
		if d.Name == name && d.Variant == variant {
			return d
		}
	}
	t.Fatalf("no dialect %s %s", name, variant)
	return write.PgDialect{}
}

func (db *pgDatabase) fill(name, variant string, events []replay.Event) {
	db.Helper()
	if err := pgFixture(db.TB, name, variant).Write(context.Background(), db.Run, slices.Values(events)); err != nil {
		db.Fatal(err)
	}
}

const addMessage = "INSERT INTO message_store.messages(position, stream_name, type, data) VALUES ($1, 'cart-1', 'Late', '{}')"

// TestPgSnapshot lets a store grow while it is read. All answers of a reader are from the
// moment it was opened.
func TestPgSnapshot(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("message-db", "", pgHistory(300))
	db.Must("SELECT setval('message_store.messages_global_position_seq', 10000)")
	r := db.open(Options{})
	n := 0
	for e, err := range r.Events(context.Background(), replay.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "Late" {
			t.Fatal("a later event is shown")
		}
		if n++; n%50 == 0 {
			db.Must(addMessage, int64(1000+n))
		}
	}
	if n != 300 {
		t.Errorf("%d events, want 300", n)
	}
	if s, err := r.Summary(context.Background()); err != nil || s.Events != 300 {
		t.Errorf("%d events are counted (%v), want 300", s.Events, err)
	}
	if got := len(readPg(t, db.open(Options{}), replay.Query{})); got != 306 {
		t.Errorf("a new reader shows %d events, want 306", got)
	}
}

// TestPgLostConnection ends the connection in the middle. This must be an error, then and
// later, not the end of the events.
func TestPgLostConnection(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("message-db", "", pgHistory(2000))
	r := db.open(Options{})
	n := 0
	var last error
	for _, err := range r.Events(context.Background(), replay.Query{}) {
		if last = err; err != nil {
			break
		}
		if n++; n == 10 {
			db.Must("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'asof' AND datname = current_database()")
		}
	}
	var se *replay.StoreError
	if !errors.As(last, &se) || n >= 2000 {
		t.Errorf("after %d events: %v", n, last)
	}
	for _, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
		last = err
	}
	if !errors.As(last, &se) || se.Next.Text == "" {
		t.Errorf("streams: %v", last)
	}
	if _, err := r.Summary(context.Background()); !errors.As(err, &se) {
		t.Errorf("summary: %v", err)
	}
}

// TestPgCancel cancels a running statement. The snapshot survives.
func TestPgCancel(t *testing.T) {
	db := newPgDatabase(t)
	db.Must("CREATE TABLE log(stream text, version bigint, type text, data jsonb, PRIMARY KEY(stream, version))")
	db.Must("INSERT INTO log SELECT 'a', i, 'T', '{}' FROM generate_series(1, 100) AS i")
	db.Must("CREATE VIEW slow AS SELECT log.*, version AS position FROM log WHERE pg_sleep(CASE WHEN version = 90 THEN 600 ELSE 0 END) IS NOT NULL")
	mapping := map[string]string{"stream": "stream", "version": "version", "type": "type", "data": "data"}
	r := db.open(Options{Table: "slow", Map: mapping})
	db.Must("INSERT INTO log VALUES ('b', 1, 'T', '{}')")
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	for _, err := range r.Events(ctx, replay.Query{Order: replay.ByStream}) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	q := replay.Query{Streams: []replay.StreamID{"a"}, Versions: replay.UpTo[replay.Version](80)}
	if got := len(readPg(t, r, q)); got != 80 {
		t.Errorf("afterwards it shows %d events, want 80", got)
	}
	if got := readPg(t, r, replay.Query{Streams: []replay.StreamID{"b"}}); len(got) != 0 {
		t.Error("afterwards it shows a different moment")
	}
}

// TestPgTimes reads times with and without a zone, in databases of several zones.
func TestPgTimes(t *testing.T) {
	db := newPgDatabase(t)
	db.Must("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''America/New_York''', current_database()); END $$")
	db.Must("CREATE TABLE log(stream text, version bigint, at timestamptz, local timestamp, day date, PRIMARY KEY(stream, version))")
	db.Must("INSERT INTO log VALUES ('a', 1, '2026-03-08 02:30:00.123456-05', '2026-03-08 07:30:00.123456', '2026-03-08'), " +
		"('a', 2, 'infinity', '-infinity', '0044-03-15 BC')")
	want := time.Date(2026, 3, 8, 7, 30, 0, 123456000, time.UTC)
	for column, want := range map[string]time.Time{"at": want, "local": want, "day": want.Truncate(24 * time.Hour)} {
		r := db.open(Options{Table: "log", Map: map[string]string{"stream": "stream", "version": "version", "time": column}})
		got := readPg(t, r, replay.Query{Order: replay.ByStream})
		if !got[0].Time.Equal(want) || !got[1].Time.IsZero() {
			t.Errorf("%s is read as %v and %v, want %v and none", column, got[0].Time, got[1].Time, want)
		}
		if s := summaryText(t, r); !strings.Contains(s, "1 unreadable time") {
			t.Errorf("left out: %s", s)
		}
	}
}

// TestPgOddRows reads payloads that are not JSON, and invalid rows.
func TestPgOddRows(t *testing.T) {
	db := newPgDatabase(t)
	db.Must("CREATE TABLE log(stream text, version numeric, type text, data bytea)")
	for i, payload := range [][]byte{[]byte(`{"a":1}`), {}, nil, {0xff, 0x00}, []byte("<xml/>"), []byte("\x78\x9cbroken")} {
		var p any
		if payload != nil {
			p = payload
		}
		db.Must("INSERT INTO log VALUES ('a', $1, 'T', $2)", i+1, p)
	}
	o := Options{Table: "log", Map: map[string]string{"stream": "stream", "version": "version", "type": "type", "data": "data"}}
	var got []string
	for _, e := range readPg(t, db.open(o), replay.Query{Order: replay.ByStream}) {
		got = append(got, string(e.Data)+e.Opaque)
	}
	want := []string{`{"a":1}`, "null", "null", "not JSON: binary, 2 bytes", "not JSON: it looks like XML", "not readable as zlib"}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("payload %d is %q, want %q", i+1, got[i], want[i])
		}
	}
	for bad, says := range map[string]string{
		"INSERT INTO log VALUES ('a', 1.5, 'T', '')":   `its version is text ("1.5"), not an integer`,
		"INSERT INTO log VALUES ('a', 9, NULL, '')":    "its type is NULL",
		"INSERT INTO log VALUES ('a', 6, 'Again', '')": "has two events with version 6",
		"INSERT INTO log VALUES ('a', 1e30, 'T', '')":  "not an integer",
	} {
		db.Must("BEGIN; " + bad + "; COMMIT")
		r := db.open(o)
		var last error
		for _, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
			last = err
		}
		var se *replay.StoreError
		if !errors.As(last, &se) || !strings.Contains(last.Error(), says) {
			t.Errorf("%s: %v, want %s", bad, last, says)
		}
		db.Must("DELETE FROM log WHERE ctid = (SELECT max(ctid) FROM log)")
	}
	db.Must("INSERT INTO log VALUES (NULL, 1, 'T', ''), ('a', NULL, 'T', '')")
	r := db.open(o)
	if got := summaryText(t, r); !strings.HasPrefix(got, "2 rows without a stream or a version") {
		t.Errorf("left out: %s", got)
	}
	if all := readPg(t, r, replay.Query{Order: replay.ByStream}); len(all) != len(want) {
		t.Errorf("%d events, want %d", len(all), len(want))
	}
}

// TestPgContexts chooses one of several applications.
func TestPgContexts(t *testing.T) {
	for _, c := range []struct{ name, variant string }{
		{"eventsourcing-postgres", "applications"},
		{"eventsourcing-django-postgres", "applications"},
		{"marten", "tenants"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := newPgDatabase(t)
			all := pgHistory(80)
			db.fill(c.name, c.variant, all)
			shown := pgFixture(t, c.name, c.variant).Shown(slices.Values(all))
			var want []string
			for _, e := range shown {
				if id, ok := strings.CutPrefix(string(e.Stream), "appcart/"); ok {
					want = append(want, fmt.Sprintf("%s@%d", id, e.Version))
				}
			}
			r := db.open(Options{Context: "appcart"})
			var got []string
			for _, e := range readPg(t, r, replay.Query{}) {
				got = append(got, fmt.Sprintf("%s@%d", e.Stream, e.Version))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v\nwant\n%v", got, want)
			}
			if s := summaryText(t, r); !strings.Contains(s, "events of") {
				t.Errorf("left out: %s", s)
			}
			_, err := Open(context.Background(), db.DSN, Options{Context: "appcat"})
			if err == nil || !strings.Contains(err.Error(), "appcart") {
				t.Errorf("an unknown context: %v", err)
			}
		})
	}
}
