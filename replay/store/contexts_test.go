package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// apart lists the streams of a store as ID:CATEGORY:FIRST..LAST, and checks that the
// events of all streams are the events of each stream queried by name.
func apart(t testing.TB, r replay.Reader) string {
	t.Helper()
	var out []string
	count := map[replay.StreamID]int{}
	for _, e := range events(t, r, replay.Query{Order: replay.ByStream}) {
		count[e.Stream]++
	}
	for s, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s:%s:%d..%d", s.ID, s.Category, s.First, s.Last))
		one := events(t, r, replay.Query{Streams: []replay.StreamID{s.ID}})
		if len(one) != int(s.Events) || len(one) != count[s.ID] || slices.ContainsFunc(one, func(e *replay.Event) bool { return e.Stream != s.ID }) {
			t.Errorf("%s: %d events are listed, %d by its name, %d of all events", s.ID, s.Events, len(one), count[s.ID])
		}
	}
	if len(out) != len(count) {
		t.Errorf("%d streams are listed, and there are events of %d", len(out), len(count))
	}
	return strings.Join(out, " ")
}

// TestContextsWithCommonPrefix separates the streams of a context from those of a context
// whose name extends it by a slash.
func TestContextsWithCommonPrefix(t *testing.T) {
	django := written(t, "eventsourcing-django", "applications", history(60))
	edit(t, django, "UPDATE stored_events SET application_name = CASE application_name WHEN 'appcart' THEN 'eu' ELSE 'eu/berlin' END")
	alchemy := written(t, "eventsourcing-sqlalchemy", "applications", history(60))
	edit(t, alchemy, `ALTER TABLE appcart_events RENAME TO "eu_events"`, `ALTER TABLE appother_events RENAME TO "eu/berlin_events"`)
	for _, path := range []string{django, alchemy} {
		if got := apart(t, mustOpen(t, path, Options{})); !strings.Contains(got, "eu/berlin/") || !strings.Contains(got, "eu/6b683f1025855e15bfa12849fc9ed5f4:Cart:") {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// emmettMessages writes one message per partition, and a row for its stream if the
// partition for that row is given.
func emmettMessages(t testing.TB, filed string, partitions ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "emmett.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		version := map[string]int{}
		for i, p := range partitions {
			version[p]++
			if _, err := tx.Exec("INSERT INTO emt_messages VALUES('cart-1',?,?,'E','{}','{}','0','T',?,0,?,'2026-01-01')",
				version[p], p, fmt.Sprint(i), i+1); err != nil {
				return err
			}
		}
		if filed == "" {
			return nil
		}
		_, err := tx.Exec("INSERT INTO emt_streams VALUES('cart-1',1,?,'Cart','[]',0)", filed)
		return err
	}, testdb.EmmettDDL)
	return path
}

// TestEmmettPartitions checks that the messages determine the partitions, not the rows of
// the streams.
func TestEmmettPartitions(t *testing.T) {
	many := slices.Repeat([]string{"a"}, 2500)
	many[1200] = "b" // in the middle
	for _, c := range []struct {
		filed      string
		partitions []string
		context    string
		want       string
	}{
		{"[object Object]", []string{"emt:default", "emt:default"}, "", "cart-1:Cart:1..2"},
		{"[object Object]", []string{"emt:default"}, "emt:default", "cart-1:Cart:1..1"},
		{"global", []string{"eu", "us", "eu"}, "", "eu/cart-1:Cart:1..2 us/cart-1:Cart:1..1"},
		{"global", []string{"eu/b", "eu"}, "", "eu/b/cart-1:Cart:1..1 eu/cart-1:Cart:1..1"},
		{"global", []string{"eu", "us", "eu"}, "eu", "cart-1:Cart:1..2"},
		{"", []string{"eu", "us", "eu"}, "us", "cart-1:cart:1..1"},
		{"", many, "", "a/cart-1:cart:1..2499 b/cart-1:cart:1..1"},
	} {
		r := mustOpen(t, emmettMessages(t, c.filed, c.partitions...), Options{Context: c.context})
		if got := apart(t, r); got != c.want {
			t.Errorf("grouped as %q, context %q: %s, want %s", c.filed, c.context, got, c.want)
		}
	}
	_, err := Open(context.Background(), emmettMessages(t, "", "eu", "us"), Options{Context: "uk"})
	if err == nil || !strings.Contains(err.Error(), "there are eu, us") {
		t.Errorf("an unknown partition: %v", err)
	}
}

// martenTables are Marten's tables without the columns that only its writers need. The
// cases add keys, as Marten has them.
const martenDDL = `CREATE TABLE mt_streams (id varchar, type varchar, tenant_id varchar DEFAULT '*DEFAULT*', is_archived bool DEFAULT false);
	CREATE TABLE mt_events (seq_id bigint, id uuid, stream_id varchar, version bigint, data jsonb DEFAULT '{}', type varchar DEFAULT 't',
		timestamp timestamptz DEFAULT '2026-01-01Z', tenant_id varchar DEFAULT '*DEFAULT*', mt_dotnet_type varchar, is_archived bool DEFAULT false);`

// martenRows inserts streams TENANT/ID and their events, which are numbered by their order
// or by the number after a colon.
func martenRows(streams, all string) string {
	var b strings.Builder
	for s := range strings.FieldsSeq(streams) {
		tenant, id, _ := cutLast(s, "/")
		fmt.Fprintf(&b, "INSERT INTO mt_streams(id, type, tenant_id) VALUES ('%s', 'Cart', '%s');\n", id, tenant)
	}
	versions := map[string]int{}
	for i, e := range strings.Fields(all) {
		e, seq, found := strings.Cut(e, ":")
		if !found {
			seq = fmt.Sprint(i + 1)
		}
		tenant, id, _ := cutLast(e, "/")
		versions[e]++
		fmt.Fprintf(&b, "INSERT INTO mt_events(seq_id, id, stream_id, version, tenant_id) VALUES (%s, md5('%d')::uuid, '%s', %d, '%s');\n",
			seq, i, id, versions[e], tenant)
	}
	return b.String()
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	return s[:max(i, 0)], s[i+1:], i >= 0
}

// TestMartenTenants checks that the events determine the streams of tenants, not the rows
// of the streams.
func TestMartenTenants(t *testing.T) {
	const keyed = `ALTER TABLE mt_streams ADD PRIMARY KEY (tenant_id, id); CREATE UNIQUE INDEX ON mt_events (stream_id, tenant_id, version);`
	const bound = keyed + `ALTER TABLE mt_events ADD FOREIGN KEY (tenant_id, stream_id) REFERENCES mt_streams(tenant_id, id);`
	db := newPgDatabase(t)
	for _, c := range []struct {
		name, before, rows, after, context string
		want                               string
		unordered                          bool
	}{
		{name: "one tenant", rows: martenRows("x/s", "x/s x/s"), want: "s:Cart:1..2"},
		{name: "one, chosen", rows: martenRows("x/s", "x/s x/s"), context: "x", want: "s:Cart:1..2"},
		{name: "no row for a stream", rows: martenRows("a/s b/s", "a/s b/s c/s"), want: "a/s:Cart:1..1 b/s:Cart:1..1 c/s::1..1"},
		{name: "one row", rows: martenRows("a/s", "a/s b/s"), want: "a/s:Cart:1..1 b/s::1..1"},
		{name: "one row, chosen", rows: martenRows("a/s", "a/s b/s"), context: "b", want: "s::1..1"},
		{name: "begin alike", rows: martenRows("eu/s eu/berlin/s", "eu/s eu/berlin/s eu/berlin/t"), want: "eu/berlin/s:Cart:1..1 eu/berlin/t::1..1 eu/s:Cart:1..1"},
		{name: "a row and no events", rows: martenRows("a/s b/s", "a/s"), want: "s:Cart:1..1"},
		{name: "bound, a row and no events", before: bound, rows: martenRows("a/s b/s", "a/s"), want: "s:Cart:1..1"},
		{name: "bound", before: bound, rows: martenRows("a/s b/s", "a/s b/s"), want: "a/s:Cart:1..1 b/s:Cart:1..1"},
		{name: "ids of streams are unique", before: "CREATE UNIQUE INDEX ON mt_events (stream_id, version);", rows: martenRows("a/s b/t", "a/s b/t"), want: "s:Cart:1..1 t:Cart:1..1"},
		{name: "archived and live", rows: martenRows("x/s x/s", "x/s"), after: "UPDATE mt_streams SET is_archived = true, type = 'Old' WHERE ctid = '(0,1)'", want: "s:Cart:1..1"},
		{name: "a sequence each", rows: martenRows("a/s b/s", "a/s:1 b/s:1 b/s:2"), want: "a/s:Cart:1..1 b/s:Cart:1..2", unordered: true},
		{name: "a sequence each, chosen", rows: martenRows("a/s b/s", "a/s:1 b/s:1 b/s:2"), context: "b", want: "s:Cart:1..2"},
		{name: "a sequence each, by its name", before: "CREATE SEQUENCE mt_events_sequence_a; CREATE SEQUENCE mt_events_sequence_b;", rows: martenRows("a/s b/s", "a/s b/s"), want: "a/s:Cart:1..1 b/s:Cart:1..1", unordered: true},
		{name: "one sequence", before: "CREATE SEQUENCE mt_events_sequence; ALTER TABLE mt_events ADD PRIMARY KEY (tenant_id, seq_id);", rows: martenRows("a/s b/s", "a/s b/s"), want: "a/s:Cart:1..1 b/s:Cart:1..1"},
	} {
		db.Must("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + martenDDL + c.before + c.rows + c.after)
		r, err := Open(t.Context(), db.DSN, Options{Context: c.context})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := apart(t, r); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if r.Info().Has("positions") == c.unordered {
			t.Errorf("%s: positions: %v", c.name, r.Info().Has("positions"))
		}
		if _, err := r.Summary(t.Context()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, err := range r.Events(t.Context(), replay.Query{}) {
			var lacks *replay.UnsupportedError
			if c.unordered != (errors.As(err, &lacks) && strings.Contains(lacks.Next.String(), "[context a|b]")) {
				t.Errorf("%s: in position order: %v", c.name, err)
			}
		}
		r.Close()
	}
}

// TestMartenCompacted checks that compacted events are reported.
func TestMartenCompacted(t *testing.T) {
	db := newPgDatabase(t)
	db.Must(martenDDL + martenRows("x/s", "x/s x/s") +
		"DELETE FROM mt_events WHERE version = 1; UPDATE mt_events SET data = '{\"Snapshot\":{}}', mt_dotnet_type = 'JasperFx.Events.Compacted`1[[Shop.Cart, Shop]], JasperFx.Events'")
	if got := summaryText(t, db.open(Options{})); !strings.Contains(got, "1 run of events that Marten compacted") {
		t.Errorf("left out: %s", got)
	}
}
