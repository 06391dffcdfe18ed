package store

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/dialect"
)

// withParams adds parameters to a database's connection string.
func (db *pgDatabase) withParams(params map[string]string) string {
	u, err := url.Parse(db.DSN)
	if err != nil {
		db.Fatal(err)
	}
	q := u.Query()
	for k, v := range params {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func openError(t testing.TB, dsn string, o Options) *replay.StoreError {
	t.Helper()
	r, err := Open(context.Background(), dsn, o)
	if err == nil {
		r.Close()
		t.Fatal("it was opened")
	}
	var se *replay.StoreError
	if !errors.As(err, &se) {
		t.Fatalf("%T: %v", err, err)
	}
	return se
}

// TestPgTwoStores finds two stores in one database and reads the chosen one.
func TestPgTwoStores(t *testing.T) {
	db := newPgDatabase(t)
	all := pgHistory(30)
	db.fill("message-db", "", all)
	db.fill("emmett-postgres", "", all[:20])
	se := openError(t, db.DSN, Options{})
	for _, want := range []string{"message-db in schema message_store", "emmett-postgres in schema public"} {
		if !strings.Contains(se.Error(), want) {
			t.Errorf("%v does not name %s", se, want)
		}
	}
	if !strings.Contains(se.Next.String(), "[dialect]") || !strings.Contains(se.Next.String(), "search_path") {
		t.Errorf("hint: %s", se.Next)
	}
	if got := len(readPg(t, db.open(Options{Dialect: "emmett-postgres"}), replay.Query{})); got != 20 {
		t.Errorf("%d events of the chosen dialect", got)
	}
	r, err := Open(context.Background(), db.withParams(map[string]string{"search_path": "message_store"}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := len(readPg(t, r, replay.Query{})); got != 30 {
		t.Errorf("%d events of the chosen schema", got)
	}
	if se := openError(t, db.DSN, Options{Dialect: "emmett"}); !strings.Contains(se.Error(), "emmett-postgres") {
		t.Errorf("an unknown dialect: %v", se)
	}
}

// TestPgUnknownStore proposes a mapping that reads the store.
func TestPgUnknownStore(t *testing.T) {
	db := newPgDatabase(t)
	if se := openError(t, db.DSN, Options{}); !strings.Contains(se.Error(), "no table") {
		t.Errorf("an empty database: %v", se)
	}
	db.Must(`CREATE SCHEMA "Billing"`)
	db.Must(`CREATE TABLE "Billing"."Order Log"(nr bigserial PRIMARY KEY, order_id uuid NOT NULL, seq integer NOT NULL, kind varchar(40), body jsonb, at timestamptz, UNIQUE(order_id, seq))`)
	db.Must("CREATE TABLE people(id bigserial PRIMARY KEY, name text)")
	db.Must(`INSERT INTO "Billing"."Order Log"(order_id, seq, kind, body, at) VALUES
		('6f2a0000-0000-4000-8000-000000000001', 1, 'Placed', '{"n":1}', now()), ('6f2a0000-0000-4000-8000-000000000002', 1, 'Placed', '{"n":2}', now()),
		('6f2a0000-0000-4000-8000-000000000001', 2, 'Paid', '{"n":3}', now())`)
	se := openError(t, db.DSN, Options{})
	const flags = "[table Billing.Order Log] [map stream=order_id,version=seq,position=nr,type=kind,time=at,data=body]"
	if !strings.Contains(se.Next.String(), flags) {
		t.Errorf("hint: %s\nwant %s", se.Next, flags)
	}
	var unknown *UnknownDialectError
	if !errors.As(se, &unknown) || len(unknown.Tried) != len(dialect.Postgres()) || len(unknown.Proposals) != 1 {
		t.Fatalf("%+v", se)
	}
	r := db.open(Options{Table: unknown.Proposals[0].Table, Map: unknown.Proposals[0].Map})
	events := readPg(t, r, replay.Query{})
	if len(events) != 3 || events[2].Type != "Paid" || events[2].Version != 2 || events[2].Position != 3 {
		t.Errorf("%+v", events)
	}
	for _, c := range []struct {
		o    Options
		says string
	}{
		{Options{Table: "Order Lag", Map: map[string]string{"stream": "order_id", "version": "seq"}}, `did you mean "order log"`},
		{Options{Table: "order log", Map: map[string]string{"stream": "order", "version": "seq"}}, `no column "order"; did you mean "order_id"`},
		{Options{Table: "order log", Map: map[string]string{"stream": "order_id"}}, "names no column for version"},
		{Options{Map: map[string]string{"stream": "order_id", "version": "seq"}}, "needs the table"},
	} {
		if se := openError(t, db.DSN, c.o); !strings.Contains(se.Error(), c.says) {
			t.Errorf("%v, want %s", se, c.says)
		}
	}
}

// TestPgMappedStreams maps columns of every type to streams.
func TestPgMappedStreams(t *testing.T) {
	db := newPgDatabase(t)
	db.Must("CREATE TABLE log(v integer, t text, i bigint, u uuid, b bytea, c char(5), n numeric)")
	for v := 1; v <= 3; v++ {
		db.Must("INSERT INTO log VALUES ($1, 'Cart', 42, '6f2a0000-0000-4000-8000-000000000001', '\\x00ff', 'ab', 1.5), "+
			"($1, 'cart', 7, '7f2a0000-0000-4000-8000-000000000001', '\\x01', 'cd', 2)", v)
	}
	for column, want := range map[string][]string{
		"t": {"Cart", "cart"}, "i": {"42", "7"}, "b": {"00ff", "01"}, "c": {"ab", "cd"}, "n": {"1.5", "2"},
		"u": {"6f2a0000-0000-4000-8000-000000000001", "7f2a0000-0000-4000-8000-000000000001"},
	} {
		r := db.open(Options{Table: "log", Map: map[string]string{"stream": column, "version": "v"}})
		var got []string
		for s, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(s.ID))
			if n := len(readPg(t, r, replay.Query{Streams: []replay.StreamID{s.ID}, Versions: replay.From[replay.Version](2)})); n != 2 {
				t.Errorf("%s: stream %s has %d events from version 2", column, s.ID, n)
			}
			id := strings.ToUpper(string(s.ID[:1]))
			for s, err := range r.Streams(context.Background(), replay.StreamQuery{Prefix: id}) {
				if err != nil || !strings.HasPrefix(string(s.ID), id) && column != "u" {
					t.Errorf("%s: %s begins with %s (%v)", column, s.ID, id, err)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: streams are %q, want %q", column, got, want)
		}
		if n := len(readPg(t, r, replay.Query{Streams: []replay.StreamID{"no\x00such", "\xff", "nothing"}, Order: replay.ByStream})); n != 0 {
			t.Errorf("%s: %d events of streams without a valid name", column, n)
		}
	}
}

// TestPgAnotherUser reads with minimal privileges, and checks the errors with fewer.
func TestPgAnotherUser(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("message-db", "", pgHistory(30))
	role := "asof_reader_" + strings.TrimPrefix(mustParse(t, db.DSN).Path, "/asof_")
	db.Must("CREATE ROLE " + role + " LOGIN PASSWORD 'only-reads'")
	t.Cleanup(func() { db.Must("DROP OWNED BY " + role); db.Must("DROP ROLE " + role) })
	u := mustParse(t, db.DSN)
	u.User = url.UserPassword(role, "only-reads")
	if se := openError(t, u.String(), Options{}); !strings.Contains(se.Next.String(), "ask for USAGE") {
		t.Errorf("without permission: %v, hint %s", se, se.Next)
	}
	db.Must("GRANT USAGE ON SCHEMA message_store TO " + role)
	db.Must("GRANT SELECT ON message_store.messages TO " + role)
	r, err := Open(context.Background(), u.String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := len(readPg(t, r, replay.Query{})); got != 30 {
		t.Errorf("%d events", got)
	}
	for what, text := range map[string]string{"path": r.Info().Path, "access": r.Info().Access} {
		if strings.Contains(text, "only-reads") || text == "" {
			t.Errorf("%s: %s", what, text)
		}
	}
	u.User = url.UserPassword(role, "other-words")
	se := openError(t, u.String(), Options{})
	if !strings.Contains(se.Error(), "rejects the user or the password") || strings.Contains(se.Error()+se.Next.String(), "other-words") ||
		!strings.Contains(se.Next.String(), "PGPASSWORD") {
		t.Errorf("a wrong password: %v, hint %s", se, se.Next)
	}
	u.User = mustParse(t, db.DSN).User
	u.Path = "/no_such_database"
	if se := openError(t, u.String(), Options{}); !strings.Contains(se.Error(), "no such database") {
		t.Errorf("a missing database: %v", se)
	}
}

func mustParse(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestPgLeftOut checks the omissions, which the libraries' own readers skip too, and their
// counts.
func TestPgLeftOut(t *testing.T) {
	for _, c := range []struct {
		name, variant string
		want          []string
	}{
		{"marten", "text", []string{"1 tombstone", "1 archived event"}},
		{"emmett-postgres", "", []string{"1 archived message", "1 command"}},
		{"commanded", "jsonb", []string{"2 links", "1 event of deleted streams"}},
		{"akka-jdbc", "", []string{"1 deleted event"}},
		{"rails-event-store-postgres", "jsonb", []string{"2 events in no stream of their own", "links of events into other streams"}},
		{"disintegrate", "", []string{"1 event that has no cart_id"}},
	} {
		db := newPgDatabase(t)
		db.fill(c.name, c.variant, pgHistory(40))
		r := db.open(Options{Context: pgFixture(t, c.name, c.variant).Context})
		got := summaryText(t, r)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s leaves out %s, want %s", c.name, got, w)
			}
		}
	}
	db := newPgDatabase(t)
	db.fill("disintegrate", "", pgHistory(5))
	if se := openError(t, db.DSN, Options{}); !strings.Contains(se.Error(), "cart_id, customer_id") {
		t.Errorf("without a choice: %v", se)
	}
}
