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
	"asof/replay/store/dialect"
	"asof/replay/store/testdb"
)

func ordersStore(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.db")
	testdb.Build(t, path, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO orders_log VALUES
			(1, 7, 1, 'Placed', '{"a":1}', '2026-03-01 09:00:00'), (2, 10, 1, 'Placed', '{"a":2}', 'never'),
			(3, 7, 2, 'Paid', NULL, '2026-03-01 10:00:00')`)
		return err
	}, ordersDDL, "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, email TEXT)",
		"CREATE TABLE blobs(k BLOB, n INT, what INT, PRIMARY KEY(k, n))",
		"INSERT INTO blobs VALUES(x'84bc0033163c44969cd5e321c4e0b2a2', 0, 5), (x'84bc0033163c44969cd5e321c4e0b2a2', 1, 6)",
		"CREATE TABLE loose(stream, version, type)", "INSERT INTO loose VALUES('a', 'one', 'T')",
		`CREATE TABLE "odd "" table"("order" TEXT, "the version" INT)`, `INSERT INTO "odd "" table" VALUES('a', 1)`)
	return path
}

func TestUnknownDialectProposes(t *testing.T) {
	path := ordersStore(t)
	_, err := Open(context.Background(), path, Options{})
	var unknown *UnknownDialectError
	var se *replay.StoreError
	if !errors.As(err, &unknown) || !errors.As(err, &se) {
		t.Fatalf("%T: %v", err, err)
	}
	if len(unknown.Tried) != len(dialect.SQLite()) || len(unknown.Proposals) == 0 {
		t.Fatalf("tried %v, proposals %v", unknown.Tried, unknown.Proposals)
	}
	p := unknown.Proposals[0]
	want := "[table orders_log] [map stream=order_id,version=seq,position=nr,type=kind,time=at,data=body]"
	if hint := fault.RemedyOf(se).String(); !strings.Contains(hint, want) {
		t.Errorf("proposal %v, hint %s", p, hint)
	}
	for _, p := range unknown.Proposals {
		if p.Table == "customers" {
			t.Error("a table of customers is proposed")
		}
	}
	all := events(t, mustOpen(t, path, Options{Table: p.Table, Map: p.Map}), replay.Query{})
	if len(all) != 3 || all[1].Stream != "10" || all[2].Type != "Paid" || string(all[2].Data) != "null" {
		t.Errorf("read by the proposal: %+v", all)
	}
}

func TestMappings(t *testing.T) {
	path := ordersStore(t)
	for _, c := range []struct {
		name, table, mapping string
		want                 string // events, or part of the error
	}{
		{"integers", "orders_log", "stream=order_id,version=seq,type=kind", "10@1 Placed,7@1 Placed,7@2 Paid"},
		{"no type", "orders_log", "stream=order_id,version=seq", "10@1 orders_log,7@1 orders_log,7@2 orders_log"},
		{"blobs", "blobs", "stream=k,version=n,type=what", "84bc0033163c44969cd5e321c4e0b2a2@0 5,84bc0033163c44969cd5e321c4e0b2a2@1 6"},
		{"odd names", `odd " table`, "stream=order,version=the version", `a@1 odd " table`},
		{"case", "ORDERS_LOG", "stream=Order_ID,version=SEQ,type=KIND", "10@1 Placed,7@1 Placed,7@2 Paid"},
		{"no table", "", "stream=a", "needs the table"},
		{"wrong table", "order_log", "stream=order_id,version=seq", `did you mean "orders_log"`},
		{"no stream", "orders_log", "version=seq", "no column for stream"},
		{"no version", "orders_log", "stream=order_id", "no column for version"},
		{"wrong column", "orders_log", "stream=oder_id,version=seq", `did you mean "order_id"`},
		{"wrong field", "orders_log", "strem=order_id,version=seq", `did you mean "stream"`},
		{"version of text", "loose", "stream=stream,version=version,type=type", "version is text"},
		{"injection", "orders_log", `stream=order_id,version=seq"; DROP TABLE orders_log; --`, "no column"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{Table: c.table, Map: map[string]string{}}
			for _, pair := range strings.Split(c.mapping, ",") {
				f, col, _ := strings.Cut(pair, "=")
				o.Map[f] = col
			}
			got, err := describeAll(path, o)
			if err != nil {
				got = err.Error()
			}
			if err == nil && got != c.want || err != nil && !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A view is read as a table is, but that it has no rowid to order events by.
func TestMappedView(t *testing.T) {
	path := ordersStore(t)
	testdb.Build(t, path, nil, `CREATE VIEW "All Orders" AS SELECT o.nr, c.name || '/' || o.order_id AS who, o.seq, o.kind, o.body, o.at
		FROM orders_log o JOIN customers c ON c.id = o.order_id`, "INSERT INTO customers VALUES(7, 'ann', ''), (10, 'ben', '')")
	o := Options{Table: "all orders", Map: map[string]string{"stream": "who", "version": "seq", "type": "kind", "data": "body", "position": "nr"}}
	r := mustOpen(t, path, o)
	if got := r.Info().Recognised; !strings.HasPrefix(got, "the mapping given, of view All Orders") {
		t.Errorf("recognised: %s", got)
	}
	if got, err := describeAll(path, o); err != nil || got != "ann/7@1 Placed,ann/7@2 Paid,ben/10@1 Placed" {
		t.Errorf("%s (%v)", got, err)
	}
	if sum, err := r.Summary(context.Background()); err != nil || sum.Events != 3 || sum.Streams != 2 {
		t.Errorf("%+v (%v)", sum, err)
	}
	o.Map["position"] = "rowid"
	if _, err := Open(context.Background(), path, o); err == nil || !strings.Contains(err.Error(), `no column "rowid"`) {
		t.Errorf("the rowid of a view: %v", err)
	}
}

func describeAll(path string, o Options) (string, error) {
	r, err := Open(context.Background(), path, o)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var out []string
	for s, err := range r.Streams(context.Background(), replay.StreamQuery{IDsOnly: true}) {
		if err != nil {
			return "", err
		}
		for e, err := range r.Events(context.Background(), replay.Query{Streams: []replay.StreamID{s.ID}}) {
			if err != nil {
				return "", err
			}
			out = append(out, string(e.Stream)+"@"+itoa(int64(e.Version))+" "+e.Type)
		}
	}
	return strings.Join(out, ","), nil
}

func TestForcedDialect(t *testing.T) {
	path := nativeStore(t, 10, 2)
	if r := mustOpen(t, path, Options{Dialect: "asof-sqlite"}); r.Info().Dialect != "asof-sqlite" {
		t.Errorf("dialect %s", r.Info().Dialect)
	}
	for dialect, want := range map[string]string{"emmett-sqlite": "emt_messages", "nonsense": "no SQLite dialect is called"} {
		if _, err := Open(context.Background(), path, Options{Dialect: dialect}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", dialect, err)
		}
	}
}

func TestSeveralDialects(t *testing.T) {
	path := filepath.Join(t.TempDir(), "two.db")
	testdb.Build(t, path, nil, testdb.NativeDDL, testdb.PythonDDL)
	_, err := Open(context.Background(), path, Options{})
	var se *replay.StoreError
	if !errors.As(err, &se) || !strings.Contains(err.Error(), "asof-sqlite, eventsourcing-sqlite") || !strings.Contains(fault.RemedyOf(se).String(), "[dialect]") {
		t.Errorf("%v", err)
	}
	mustOpen(t, path, Options{Dialect: "eventsourcing-sqlite"})
}

func TestClosedReader(t *testing.T) {
	r, err := Open(context.Background(), nativeStore(t, 100, 2), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var last error
	for _, err := range r.Events(context.Background(), replay.Query{}) {
		if n++; n == 3 {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		last = err
	}
	if n != 4 || last == nil {
		t.Errorf("after %d yields of a reader that was closed at the third: %v", n, last)
	}
	if _, err := r.Summary(context.Background()); err == nil {
		t.Error("a closed reader has a summary")
	}
	for _, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
		if err == nil {
			t.Error("a closed reader has streams")
		}
	}
	if err := r.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestManyStreams(t *testing.T) {
	r := mustOpen(t, nativeStore(t, 3000, 1500), Options{})
	var ids []replay.StreamID
	for s, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	for _, n := range []int{0, 1, 500, 501, 1500} {
		some := append([]replay.StreamID{}, ids[:n]...)
		for _, order := range []replay.Order{replay.ByPosition, replay.ByStream} {
			if got := len(events(t, r, replay.Query{Streams: append(some, "unknown")[:len(some)+min(n, 1)], Order: order})); got != 2*n {
				t.Errorf("%d streams have %d events, want %d", n, got, 2*n)
			}
		}
		got := 0
		for range r.Streams(context.Background(), replay.StreamQuery{IDs: some}) {
			got++
		}
		if got != n {
			t.Errorf("%d of %d streams by id", got, n)
		}
	}
}
