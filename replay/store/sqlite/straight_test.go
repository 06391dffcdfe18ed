package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures"
	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/sqlite"
)

// straightTables are the tables of the libraries whose versions are read where they are.
var straightTables = map[string]string{
	"paper-trail": "versions", "audited": "audits", "laravel-auditing": "audits", "activitylog": "activity_log",
	"reversion": "reversion_version", "django-auditlog": "auditlog_logentry", "simple-history": "shop_historicalcart",
}

// TestRowsStraight damages histories of rows and asks the same of two readers: one that counts
// all versions first, and one that counts them while it reads them.
func TestRowsStraight(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	stores := map[string][]byte{} // by dialect
	var names []string
	for _, d := range write.Dialects() {
		if straightTables[d.Name] == "" {
			continue
		}
		name := d.Name + " " + d.Variant
		written := filepath.Join(dir, fmt.Sprint(len(names)))
		if err := d.Write(t.Context(), written, fixtures.Streams(60, 7)); err != nil {
			t.Fatal(err)
		}
		if !mustOpen(t, written, store.Options{Dialect: d.Name}).Straight() {
			t.Errorf("%s: the versions are counted first", name)
		}
		var err error
		if stores[name], err = os.ReadFile(written); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "dialect")
		dialect, _, _ := strings.Cut(name, " ")
		if err := os.WriteFile(path, stores[name], 0o600); err != nil {
			t.Fatal(err)
		}
		damageRows(t, path, straightTables[dialect])
		first, straight := both(t, path, dialect)
		defer first.Close()    //nolint:errcheck // only read
		defer straight.Close() //nolint:errcheck // only read
		ids := streamsOf(t, first)
		for range 12 {
			q := straightQuery(t, ids)
			restore := sqlite.SetHeld(rapid.SampledFrom([]int{0, 2000, 1 << 20}).Draw(t, "held"))
			defer restore()
			if got, want := answer(straight, q), answer(first, q); got != want {
				t.Fatalf("%+v\n%s\nwant\n%s", q, got, want)
			}
		}
		sameOmissions(t, straight, first, ids)
	})
}

// both opens a store twice; the first reader counts all versions first.
func both(t *rapid.T, path, dialect string) (first, straight *sqlite.Reader) {
	var rs [2]*sqlite.Reader
	for i := range rs {
		r, err := store.Open(context.Background(), path, store.Options{Dialect: dialect})
		if err != nil {
			t.Skip(err) // too damaged
		}
		rs[i] = r.(*sqlite.Reader)
	}
	rs[0].CountFirst()
	return rs[0], rs[1]
}

// damageRows gives some rows of a table other values, of any type if its columns have none.
func damageRows(t *rapid.T, path, table string) {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT name FROM pragma_table_info(?) WHERE pk = 0", table)
	if err != nil {
		t.Fatal(err)
	}
	id := numberOf(table)
	var columns []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, name)
	}
	var edits []string
	if rapid.Bool().Draw(t, "any types") {
		edits = append(edits, "CREATE TABLE loose("+id+" INTEGER PRIMARY KEY, "+strings.Join(columns, ", ")+")",
			"INSERT INTO loose SELECT "+id+", "+strings.Join(columns, ", ")+" FROM "+table, "DROP TABLE "+table, "ALTER TABLE loose RENAME TO "+table)
	}
	values := []string{"NULL", "5", "'5'", "-2.5", "'-2.5'", "'05'", "'x'", "''", "'a/~1'", "'00ff'", "x'00ff'", "CAST(x'610062' AS TEXT)", "'{}'", "'{\"n\":'", "'\"ü\\\x01'", "2e99"}
	for range rapid.IntRange(0, 5).Draw(t, "edits") {
		column := rapid.SampledFrom(columns).Draw(t, "column")
		value := rapid.SampledFrom(values).Draw(t, "value")
		if strings.HasSuffix(column, "_type") && value[0] == 'x' {
			continue // no name of a table
		}
		k := rapid.IntRange(1, 9).Draw(t, "every")
		edits = append(edits, fmt.Sprintf("UPDATE OR IGNORE %s SET %s = %s WHERE %s %% %d = %d", table, column, value, id, k, rapid.IntRange(0, k-1).Draw(t, "from")))
	}
	edits = append(edits, fmt.Sprintf("DELETE FROM %s WHERE %s %% 10 < %d", table, id, rapid.IntRange(0, 3).Draw(t, "gone")))
	for _, e := range edits {
		if _, err := db.Exec(e); err != nil {
			t.Fatalf("%s: %v", e, err)
		}
	}
}

// numberOf returns the column that numbers the versions in a table.
func numberOf(table string) string {
	if table == straightTables["simple-history"] {
		return "history_id"
	}
	return "id"
}

func streamsOf(t *rapid.T, r replay.Reader) []replay.StreamID {
	ids := []replay.StreamID{"nowhere", "no/where", "a/b/c"}
	for s, err := range r.Streams(context.Background(), replay.StreamQuery{IDsOnly: true}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	return ids
}

func straightQuery(t *rapid.T, ids []replay.StreamID) replay.Query {
	q := replay.Query{
		Reverse: rapid.Bool().Draw(t, "reverse"), Limit: rapid.SampledFrom([]int{0, 1, 1, 1, 7}).Draw(t, "limit"),
		Order:  rapid.SampledFrom([]replay.Order{replay.ByPosition, replay.ByPosition, replay.ByStream}).Draw(t, "order"),
		Skip:   rapid.SampledFrom([]replay.Fields{0, 0, replay.FieldData, replay.FieldMeta, replay.FieldID | replay.FieldTime}).Draw(t, "skip"),
		Stored: rapid.IntRange(0, 4).Draw(t, "stored") == 0,
	}
	switch rapid.IntRange(0, 9).Draw(t, "positions") {
	case 0, 1:
		q.Positions = replay.UpTo(replay.Position(rapid.IntRange(0, 70).Draw(t, "to")))
	case 2:
		q.Positions = replay.From(replay.Position(rapid.IntRange(0, 70).Draw(t, "from")))
	}
	if rapid.IntRange(0, 6).Draw(t, "types") == 0 {
		q.Types = []string{"update", "insert"}
	}
	switch n := rapid.IntRange(0, 5).Draw(t, "streams"); {
	case n == 0:
		q.Streams = rapid.SliceOfN(rapid.SampledFrom(ids), 0, 3).Draw(t, "ids")
	case n < 4:
		q.Streams = []replay.StreamID{rapid.SampledFrom(ids).Draw(t, "id")}
		v := replay.Version(rapid.IntRange(0, 9).Draw(t, "version"))
		q.Versions = rapid.SampledFrom([]replay.Span[replay.Version]{{}, {}, replay.UpTo(v), replay.From(v), replay.Between(1, v), replay.Between(v, v)}).Draw(t, "versions")
	}
	return q
}

// answer describes the events of a query up to its error.
func answer(r replay.Reader, q replay.Query) string {
	var out []string
	for e, err := range r.Events(context.Background(), q) {
		if err != nil {
			out = append(out, err.Error())
			break
		}
		one := fmt.Sprintf("%s@%d at %d, %s %s %s %s %d, data %s %q, metadata %s, %s %s", e.Stream, e.Version, e.Position, e.Category, e.Type, e.ID, e.Time, e.Row,
			e.Data, e.Opaque, e.Meta.Raw, e.Meta.Actor, e.Meta.Correlation)
		if e.Stored != nil {
			one += fmt.Sprintf(", stored %q", *e.Stored)
		}
		out = append(out, one)
	}
	return strings.Join(out, "\n")
}

// sameOmissions compares what two readers say is not shown, and their counts.
func sameOmissions(t *rapid.T, a, b replay.Reader, ids []replay.StreamID) {
	say := func(r replay.Reader) string {
		s, err := r.Summary(context.Background()) // before the streams, for which all versions are counted
		for i := range s.Live {
			s.Live[i].Source = nil
		}
		out := fmt.Sprintf("%+v %v", s, err)
		lost, err := r.Lost(context.Background())
		out += fmt.Sprint(lost, err)
		for _, id := range ids {
			left, err := r.Omitted(context.Background(), id)
			out += fmt.Sprint("\n", id, left, err)
		}
		for _, q := range []replay.StreamQuery{{}, {IDs: slices.Clone(ids[len(ids)-1:])}} {
			for s, err := range r.Streams(context.Background(), q) {
				out += fmt.Sprintf("\n%+v %v", s, err)
			}
		}
		return out
	}
	if got, want := say(a), say(b); got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}
}

// TestAppendedWhileRead adds versions to a history while its versions are read, which are
// not among those that are counted.
func TestAppendedWhileRead(t *testing.T) {
	for _, q := range []replay.Query{{}, {Streams: []replay.StreamID{"shop_cart/cart-1"}}} {
		path := filepath.Join(t.TempDir(), "store.db")
		for _, d := range write.Dialects() {
			if d.Name == "paper-trail" && d.Variant == "json, object_changes" {
				if err := d.Write(t.Context(), path, fixtures.Streams(60, 2)); err != nil {
					t.Fatal(err)
				}
			}
		}
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("PRAGMA journal_mode = WAL"); err != nil {
			t.Fatal(err)
		}
		r := mustOpen(t, path, store.Options{})
		want := answer(r, q)
		var got []string
		for e, err := range r.Events(t.Context(), q) {
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("INSERT INTO versions(item_type, item_id, event, object_changes) VALUES('shop_cart', 'cart-1', 'update', '{}')"); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s@%d at %d,", e.Stream, e.Version, e.Position))
		}
		if n := strings.Count(want, "\n") + 1; len(got) != n || !strings.HasPrefix(want[strings.LastIndex(want, "\n")+1:], got[n-1]) {
			t.Errorf("%d versions, the last %s, of\n%s", len(got), got[len(got)-1], want)
		}
		if last := answer(r, replay.Query{Streams: q.Streams, Reverse: true, Limit: 1}); last != want[strings.LastIndex(want, "\n")+1:] {
			t.Errorf("the last is %s", last)
		}
	}
}

// TestStraightNumberTimes gives versions numbers for times, whose unit the first and the last
// ones tell.
func TestStraightNumberTimes(t *testing.T) {
	for _, d := range write.Dialects() {
		table := straightTables[d.Name]
		if table == "" {
			continue
		}
		t.Run(strings.TrimSpace(d.Name+" "+d.Variant), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := d.Write(t.Context(), path, fixtures.Streams(30, 3)); err != nil {
				t.Fatal(err)
			}
			set := map[string]string{"django-auditlog": "timestamp", "reversion": "date_created"}[d.Name]
			if set == "" {
				set = "created_at"
			}
			if d.Name == "simple-history" {
				set = "history_date"
			}
			if d.Name == "reversion" {
				table = "reversion_revision"
			}
			db, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec("UPDATE " + table + " SET " + set + " = 1767225600000 + " + numberOf(table)); err != nil {
				t.Fatal(err)
			}
			first, straight := mustOpen(t, path, store.Options{Dialect: d.Name}), mustOpen(t, path, store.Options{Dialect: d.Name})
			first.CountFirst()
			for _, q := range []replay.Query{{Reverse: true, Limit: 1}, {}} {
				if got, want := answer(straight, q), answer(first, q); got != want || !strings.Contains(got, " 2026-01-01 ") {
					t.Errorf("%s\nwant\n%s", got, want)
				}
			}
		})
	}
}
