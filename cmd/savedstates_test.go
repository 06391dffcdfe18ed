package cmd

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asof/replay/store/testdb"
)

func plainPayload(t *testing.T, text string) []byte { t.Helper(); return []byte(text) }

func compressed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const savedKey = "0123456789abcdef"

// encrypted is as the library has it: the nonce, the tag and the text.
func encrypted(t *testing.T, text string) []byte {
	t.Helper()
	block, err := aes.NewCipher([]byte(savedKey))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := []byte("nonce of 12.")
	sealed := gcm.Seal(nil, nonce, compressed(t, text), nil)
	cut := len(sealed) - gcm.Overhead()
	return append(append(nonce, sealed[cut:]...), sealed[:cut]...)
}

// pythonRows are statements that insert the payloads of two aggregates, and a right
// snapshot and a wrong one. %s is the aggregate, the payload as blob writes it.
func pythonRows(t *testing.T, event, snapshot string, blob string, seal func(*testing.T, string) []byte) (out []string) {
	t.Helper()
	ids := []string{"5fa4b69a-fc97-4f90-8ef9-e169ef3ab1cd", "a3ab01b4-1153-49a9-8a38-a6520830a183"}
	add := func(form string, id, version int, topic, payload string) {
		out = append(out, fmt.Sprintf(form, ids[id], version, topic, fmt.Sprintf(blob, seal(t, payload))))
	}
	const at = `"timestamp":{"_type_":"datetime_iso","_data_":"2026-03-01T10:00:00+00:00"}`
	for id := range ids {
		for version, total := range []string{"1.50", "2", "7"} {
			add(event, id, version+1, "shop:Cart.Set", `{`+at+`,"total":{"_type_":"decimal_str","_data_":"`+total+`"}}`)
		}
	}
	for id, total := range []string{"2.0", "8"} {
		add(snapshot, id, 2, "eventsourcing.domain:Snapshot", `{`+at+`,"topic":"shop:Cart","state":{"total":{"_type_":"decimal_str","_data_":"`+total+`"}}}`)
	}
	return out
}

const (
	pythonTable  = "(originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version))"
	postgresBlob = `'\x%x'`
)

// TestSnapshotsOfPython compares the snapshots of each recorder of Python's eventsourcing,
// as the library encodes them.
func TestSnapshotsOfPython(t *testing.T) {
	own := []string{"CREATE TABLE stored_events " + pythonTable, "CREATE TABLE stored_snapshots " + pythonTable + " WITHOUT ROWID"}
	into := func(table, columns, more string) string {
		return "INSERT INTO " + table + "(" + columns + "originator_id, originator_version, topic, state) VALUES(" + more + "'%s', %d, '%s', %s)"
	}
	for name, test := range map[string]struct {
		tables          []string
		event, snapshot string
		seal            func(*testing.T, string) []byte
		server          bool
	}{
		"plain":      {own, into("stored_events", "", ""), into("stored_snapshots", "", ""), plainPayload, false},
		"compressed": {own, into("stored_events", "", ""), into("stored_snapshots", "", ""), compressed, false},
		"encrypted":  {own, into("stored_events", "", ""), into("stored_snapshots", "", ""), encrypted, false},
		"sqlalchemy": {[]string{
			"CREATE TABLE carts_events (id INTEGER NOT NULL PRIMARY KEY, originator_id CHAR(32) NOT NULL, originator_version BIGINT NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL)",
			"CREATE TABLE carts_snapshots (originator_id CHAR(32) NOT NULL, originator_version BIGINT NOT NULL, topic TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (originator_id, originator_version))",
		}, into("carts_events", "", ""), into("carts_snapshots", "", ""), plainPayload, false},
		"django": {[]string{
			"CREATE TABLE stored_events (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, application_name varchar(32) NOT NULL, originator_id char(32) NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state BLOB NOT NULL)",
			"CREATE TABLE snapshots (uid integer NOT NULL PRIMARY KEY AUTOINCREMENT, application_name varchar(32) NOT NULL, originator_id char(32) NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state BLOB NOT NULL)",
		}, into("stored_events", "application_name, ", "'carts', "), into("snapshots", "application_name, ", "'carts', "), plainPayload, false},
		"postgres": {[]string{
			"CREATE TABLE carts_events (originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text, state bytea, notification_id bigserial, PRIMARY KEY (originator_id, originator_version))",
			"CREATE TABLE carts_snapshots (originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text, state bytea, PRIMARY KEY (originator_id, originator_version))",
		}, into("carts_events", "", ""), into("carts_snapshots", "", ""), encrypted, true},
		"postgres sqlalchemy": {[]string{
			"CREATE TABLE carts_events (id bigserial NOT NULL PRIMARY KEY, originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL)",
			"CREATE TABLE carts_snapshots (originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL, PRIMARY KEY (originator_id, originator_version))",
		}, into("carts_events", "", ""), into("carts_snapshots", "", ""), compressed, true},
		"postgres django": {[]string{
			"CREATE TABLE stored_events (id bigserial NOT NULL PRIMARY KEY, application_name varchar(32) NOT NULL, originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL)",
			"CREATE TABLE snapshots (uid bigserial NOT NULL PRIMARY KEY, application_name varchar(32) NOT NULL, originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text NOT NULL, state bytea NOT NULL)",
		}, into("stored_events", "application_name, ", "'carts', "), into("snapshots", "application_name, ", "'carts', "), plainPayload, true},
	} {
		t.Run(name, func(t *testing.T) {
			blob, dsn := `x'%x'`, filepath.Join(t.TempDir(), "carts.db")
			if test.server {
				blob = postgresBlob
			}
			statements := append(test.tables, pythonRows(t, test.event, test.snapshot, blob, test.seal)...)
			if test.server {
				dsn = onPostgres(t, statements)
			} else {
				testdb.Build(t, dsn, nil, statements...)
			}
			out, code := runWithKey(t.TempDir(), "drift", dsn, "--snapshots", "--map", "total=/total")
			if code != exitFindings || !strings.Contains(out, "1 of 2 compared snapshots identical") || !strings.Contains(out, "total  8 should be 2  set by") {
				t.Errorf("exit code %d:\n%s", code, out)
			}
		})
	}
}

func onPostgres(t *testing.T, statements []string) string {
	t.Helper()
	db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
	for _, sql := range statements {
		db.Must(sql)
	}
	return db.DSN
}

// runWithKey is runHere with the key of encrypted payloads.
func runWithKey(dir string, args ...string) (out string, code int) {
	var b bytes.Buffer
	env := map[string]string{"TZ": "UTC", "CIPHER_KEY": base64.StdEncoding.EncodeToString([]byte(savedKey))}
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &b, Err: &b, Dir: dir, Env: func(k string) string { return env[k] },
		Now:      func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return 120, false },
	})
	return b.String(), code
}

// TestSnapshotsOfSpatie compares those of the library for Laravel in each database.
func TestSnapshotsOfSpatie(t *testing.T) {
	statements := func(id, uuid, text string) []string {
		const a, b = "5fa4b69a-fc97-4f90-8ef9-e169ef3ab1cd", "a3ab01b4-1153-49a9-8a38-a6520830a183"
		out := []string{
			"CREATE TABLE stored_events (id " + id + ", aggregate_uuid " + uuid + ", aggregate_version bigint, event_version smallint not null default '1', event_class varchar(255) not null, event_properties " + text + " not null, meta_data " + text + " not null, created_at timestamp not null)",
			"CREATE TABLE snapshots (id " + id + ", aggregate_uuid " + uuid + " not null, aggregate_version bigint not null, state " + text + " not null, created_at timestamp null, updated_at timestamp null)",
		}
		for n, of := range []string{a, a, b, b} {
			out = append(out, fmt.Sprintf(`INSERT INTO stored_events VALUES(%d, '%s', %d, 1, 'Set', '{"total":%d.50}', '{}', '2026-03-01 10:00:00')`, n+1, of, n%2+1, n%2+1))
		}
		return append(out,
			`INSERT INTO snapshots VALUES(1, '`+a+`', 1, '{"total":1.5}', '2026-03-01 10:00:00', '2026-03-01 10:00:00')`,
			`INSERT INTO snapshots VALUES(2, '`+b+`', 2, '{"total":9}', '2026-03-01 10:00:00', '2026-03-01 10:00:00')`)
	}
	check := func(t *testing.T, dsn string) {
		t.Helper()
		out, code := runHere(t.TempDir(), []string{"drift", dsn, "--snapshots"})
		if code != exitFindings || !strings.Contains(out, "1 of 2 compared snapshots identical") || !strings.Contains(out, "/total  9 should be 2.50  set by a3ab01b4") {
			t.Errorf("exit code %d:\n%s", code, out)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "laravel.db")
		testdb.Build(t, path, nil, statements("integer primary key autoincrement not null", "varchar", "text")...)
		check(t, path)
	})
	t.Run("mysql", func(t *testing.T) {
		db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
		for _, sql := range statements("bigint unsigned not null auto_increment primary key", "char(36)", "json") {
			db.Must(sql)
		}
		check(t, db.DSN)
	})
	t.Run("postgres", func(t *testing.T) {
		check(t, onPostgres(t, statements("bigserial not null primary key", "uuid", "jsonb")))
	})
}

// TestQuerySaysWhatItCouldNotRead asks an encrypted store without its key: states that lack
// every payload look as if nothing had happened.
func TestQuerySaysWhatItCouldNotRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	into := func(table string) string { return "INSERT INTO " + table + " VALUES('%s', %d, '%s', %s)" }
	testdb.Build(t, filepath.Join(dir, "carts.db"), nil, append(
		[]string{"CREATE TABLE stored_events " + pythonTable, "CREATE TABLE stored_snapshots " + pythonTable},
		pythonRows(t, into("stored_events"), into("stored_snapshots"), `x'%x'`, encrypted)...)...)
	if err := os.WriteFile(filepath.Join(dir, "all.js"), []byte(`fromAll().when({ $init() { return { total: 0 } }, Cleared(s) { s.total = 0 } })`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"query", "carts.db", "SELECT * FROM state"},
		{"query", "carts.db", "SELECT s.state, h.state FROM state s JOIN state_history h USING (stream)"},
		{"query", "carts.db", "SELECT count(*) FROM state_changes"},
		{"query", "carts.db", "SELECT * FROM state", "--fold", "all.js"},
		{"materialize", "carts.db", "--to", "out.sqlite"},
	} {
		const want = "state: 6 payloads can't be read, the first at 5fa4b69afc974f908ef9e169ef3ab1cd@1 (Set): encrypted"
		if out, _ := runHere(dir, args); !strings.Contains(strings.ReplaceAll(out, "-", ""), want) {
			t.Errorf("%q lacks %q:\n%s", args, want, out)
		}
		if out, _ := runWithKey(dir, append(args, "--no-cache")...); strings.Contains(out, "can't be read") {
			t.Errorf("%q with the key:\n%s", args, out)
		}
	}
}
