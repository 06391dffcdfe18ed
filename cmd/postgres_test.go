package cmd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/fixtures/write"
	"asof/replay"
)

// postgresShop fills a database of its own with a shop, in the layout of a library,
// on the server that .ci/postgres.sh starts.
func postgresShop(t *testing.T, library, variant string) (dsn string) {
	t.Helper()
	return postgresStore(t, library, variant, demo.Shop(demo.ShopLeast))
}

// postgresStore is postgresShop with other events.
func postgresStore(t *testing.T, library, variant string, events iter.Seq[replay.Event]) (dsn string) {
	t.Helper()
	server := os.Getenv("ASOF_TEST_POSTGRES")
	if server == "" {
		t.Skip("no PostgreSQL: run .ci/postgres.sh go test")
	}
	ctx := context.Background()
	run := func(c *pgconn.PgConn, sql string, args ...any) error {
		params := make([][]byte, len(args))
		for i, a := range args {
			switch v := a.(type) {
			case nil:
			case []byte:
				params[i] = fmt.Appendf(nil, `\x%x`, v)
			default:
				params[i] = fmt.Append(nil, v)
			}
		}
		_, err := c.ExecParams(ctx, sql, params, nil, nil, nil).Close()
		return err
	}
	connect := func(dsn string) *pgconn.PgConn {
		c, err := pgconn.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close(ctx) })
		return c
	}
	admin := connect(server)
	name := fmt.Sprintf("asof_cmd_%d_%x", os.Getpid(), sha256.Sum256([]byte(t.Name())))[:40]
	if err := run(admin, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(admin, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	db := connect(u.String())
	for _, d := range write.PgDialects() {
		if d.Name == library && d.Variant == variant {
			write := func(_ context.Context, sql string, args ...any) error { return run(db, sql, args...) }
			if err := d.Write(ctx, write, events); err != nil {
				t.Fatal(err)
			}
			return u.String()
		}
	}
	t.Fatalf("no library %s %s", library, variant)
	return ""
}

// TestPostgres asks the same of a shop in PostgreSQL and in a file, and never sees
// the password.
func TestPostgres(t *testing.T) {
	dsn := postgresShop(t, "marten", "text")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	dir := t.TempDir()
	if err := sqlitefile.WriteNative(context.Background(), filepath.Join(dir, "shop.db"), demo.Shop(demo.ShopLeast)); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) (out string, code int) {
		var stdout, stderr bytes.Buffer
		code = Run(t.Context(), args, trial(dir, &stdout, &stderr))
		if strings.Contains(stdout.String()+stderr.String(), password) {
			t.Errorf("asof %s prints the password:\n%s%s", args[0], &stdout, &stderr)
		}
		return stdout.String(), code
	}
	rule := []string{"--bad", "state.qty >= 3"}
	for _, args := range [][]string{
		{"streams", "STORE"},
		{"log", "STORE", "cart-42"},
		{"log", "STORE", "--all", "--type", "CouponApplied"},
		{"log", "STORE", "cart-42@3..9", "-p"},
		{"replay", "STORE", "cart-42@2026-01-23"},
		{"diff", "STORE", "cart-42@5..20"},
		{"blame", "STORE", "cart-42"},
		{"bisect", "STORE", "cart-42", rule[0], rule[1]},
		{"check", "STORE", rule[0], "many=" + rule[1]},
		{"check", "STORE", rule[0], "many=" + rule[1], "--shard", "2/3"},
		{"show", "STORE", "cart-42@9"},
	} {
		with := func(store string) []string {
			out := append([]string{}, args...)
			out[1] = store
			return out
		}
		ask(with(dsn)...) // as text, whose next commands name the store
		got, code := ask(append(with(dsn), "--json")...)
		want, wantCode := ask(append(with("shop.db"), "--json")...)
		if code != wantCode {
			t.Errorf("asof %s exits %d, and %d on a file", args, code, wantCode)
		}
		if got, want := comparable(t, got), comparable(t, want); got != want {
			t.Errorf("asof %s says\n%s\nand on a file\n%s", args, got, want)
		}
	}
	if out, code := ask("info", dsn); code != 0 || !strings.Contains(out, "marten") || !strings.Contains(out, "1 tombstone") {
		t.Errorf("info exits %d and says\n%s", code, out)
	}
	if _, code := ask("log", dsn, "no-such-stream"); code != exitNotFound {
		t.Errorf("an unknown stream exits %d", code)
	}
}

// comparable is JSON without what the two stores can't have in common: their names,
// revisions, which Marten does not keep, and jsonb its own order of keys.
func comparable(t *testing.T, lines string) string {
	t.Helper()
	var out strings.Builder
	d := json.NewDecoder(strings.NewReader(lines))
	d.UseNumber()
	for d.More() {
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v: %s", err, lines)
		}
		b, err := json.MarshalIndent(strip(v), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(b, '\n'))
	}
	return out.String()
}

func strip(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "revision")
		delete(v, "next") // its commands name the store
		if name, ok := v["stream"].(string); ok && strings.ContainsAny(name, "/.") {
			delete(v, "stream") // the whole store, by its name
		}
		for k, e := range v {
			v[k] = strip(e)
		}
	case []any:
		for i, e := range v {
			v[i] = strip(e)
		}
		slices.SortStableFunc(v, func(a, b any) int { return strings.Compare(pathOf(a), pathOf(b)) })
	}
	return v
}

// pathOf is what changes are sorted by.
func pathOf(v any) string {
	m, _ := v.(map[string]any)
	path, _ := m["path"].(string)
	return path
}
