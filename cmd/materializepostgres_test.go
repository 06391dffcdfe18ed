package cmd

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestMaterializePostgres keeps a read model in the database of a store as the history
// grows. Nothing else in it changes, and drift finds no difference.
func TestMaterializePostgres(t *testing.T) {
	dsn := postgresShop(t, "marten", "text")
	db, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(t.Context()) })
	one := func(sql string) string {
		t.Helper()
		r, err := db.Exec(t.Context(), sql).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return string(r[len(r)-1].Rows[0][0])
	}
	one(`CREATE TABLE theirs(x text); INSERT INTO theirs VALUES('theirs'); SELECT 'done'`)
	const storeRows = `SELECT string_agg(c.relname || c.relfilenode || c.relnatts, ' ' ORDER BY 1) || (SELECT string_agg(x, ' ') FROM theirs)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information_)' AND c.relkind = 'r' AND c.relname !~ '^(asof_|carts$)'`
	before, dir := one(storeRows), t.TempDir()
	file, lines := filepath.Join(dir, "shop.ndjson"), ""
	run := func(code int, want string, args ...string) {
		t.Helper()
		if out, got := runHere(dir, args); got != code || !strings.Contains(out, want) {
			t.Fatalf("%q exits %d, want %d with %q:\n%s", args, got, code, want, out)
		}
	}
	keep := func(code int, want string, flags ...string) {
		t.Helper()
		run(code, want, append([]string{"materialize", "shop.ndjson", "--fold", "merge", "--to", dsn, "--table", "carts"}, flags...)...)
	}
	add := func(version int, stream, data string) {
		lines += fmt.Sprintf(`{"position":%d,"stream":%q,"version":%d,"type":"A","time":"2026-01-01T00:00:00.123456Z","data":%s}`+"\n", strings.Count(lines, "\n")+1, stream, version, data)
		writeTestFile(t, file, lines)
	}
	drift := func(columns string) {
		t.Helper()
		run(exitOK, "", "drift", "shop.ndjson", "--fold", "merge", "--against", dsn, "--table", "carts", "--key", "stream", "--map", columns,
			"--checkpoint", "SELECT position FROM asof_checkpoint WHERE name = 'carts'")
	}
	add(1, "a", `{"total":10.50,"n":1,"tab":"a\tb\\\n\\N","ok":true,"at":{"b":[1.0],"a":"é"}}`)
	add(1, "B", `{"total":1234567890.123456789012345678901,"n":null}`)
	keep(exitUsage, "asof did not write it", "--table", "theirs")
	keep(exitOK, "built")
	drift("total=/total,n=/n,tab=/tab,ok=/ok,at=/at")
	one(`CREATE VIEW dear AS SELECT stream FROM carts WHERE total > 100; SELECT 'done'`)
	add(2, "a", `{"n":2}`)
	add(1, "c", `{"later":"x"}`)
	keep(exitOK, "updated: 2 streams have new events")
	drift("total=/total,n=/n,later=/later")
	keep(exitOK, "current")
	keep(exitOK, "rebuilt: as requested", "--rebuild")
	if got := one("SELECT string_agg(stream, ' ') FROM dear"); got != "B" {
		t.Errorf("the view has %s", got)
	}
	add(2, "c", `{"n":"of another kind"}`)
	keep(exitStore, "view dear depends on table carts")
	drift("total=/total,later=/later") // as of the position before
	one(`DROP VIEW dear; SELECT 'done'`)
	keep(exitOK, "rebuilt: the values of n are of another kind")
	drift("total=/total,n=/n,later=/later")
	if got := one(`SELECT string_agg(format_type(atttypid, null), ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'carts'::regclass AND attnum > 0 AND NOT attisdropped`); got !=
		"text text bigint bigint timestamp with time zone text jsonb numeric jsonb text boolean jsonb text" {
		t.Errorf("the types are %s", got)
	}
	add(3, "c", `{"nul":"a\u0000b"}`)
	keep(exitUsage, "PostgreSQL holds no NUL, and nul of c has one", "--columns", "nul")
	keep(exitOK, "it had other columns", "--columns", "total")
	one(`DROP TABLE carts; CREATE TABLE carts(mine text); INSERT INTO carts VALUES('mine'); SELECT 'done'`)
	for _, flags := range [][]string{nil, {"--rebuild"}, {"--columns", "total"}} {
		keep(exitUsage, "the table carts is not the one that asof wrote", flags...)
	}
	if got := one("SELECT mine FROM carts"); got != "mine" {
		t.Errorf("the table has %s", got)
	}
	if after := one(storeRows); after != before {
		t.Error("the store has changed")
	}
	left := "" // a server notices some time later that a connection has ended
	for began := time.Now(); left != "0" && time.Since(began) < time.Minute; time.Sleep(10 * time.Millisecond) {
		left = one(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'asof' AND datname = current_database()`)
	}
	if left != "0" {
		t.Errorf("%s connections are left", left)
	}
}

// TestMaterializeBesideTheStore refuses the database of the store itself, however it is
// written, unless a schema is named.
func TestMaterializeBesideTheStore(t *testing.T) {
	dsn := postgresShop(t, "marten", "text")
	db, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(t.Context()) })
	tables := func() string {
		t.Helper()
		r, err := db.Exec(t.Context(), "SELECT string_agg(table_schema || '.' || table_name, ' ' ORDER BY table_schema, table_name) FROM information_schema.tables WHERE table_schema IN ('public', 'read')").ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return string(r[0].Rows[0][0])
	}
	before := tables()
	for _, to := range []string{dsn, strings.Replace(dsn, "127.0.0.1", "localhost", 1)} {
		out, code := runHere(t.TempDir(), []string{"materialize", dsn, "--fold", "merge", "--to", to, "--table", "carts"})
		if code != exitUsage || !strings.Contains(out, "it is the database of the store") || !strings.Contains(out, "read.carts") || tables() != before {
			t.Errorf("exit code %d, tables %s:\n%s", code, tables(), out)
		}
	}
	if _, err := db.Exec(t.Context(), "CREATE SCHEMA read").ReadAll(); err != nil {
		t.Fatal(err)
	}
	if out, code := runHere(t.TempDir(), []string{"materialize", dsn, "--fold", "merge", "--to", dsn, "--table", "read.carts"}); code != exitOK {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if after := tables(); !strings.HasPrefix(after, before) || !strings.Contains(after, "read.carts") {
		t.Errorf("the tables are %s", after)
	}
}
