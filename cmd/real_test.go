package cmd

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"asof/fixtures/demo"
	"asof/fixtures/write"
)

// run runs one command line in a folder and returns what it prints.
func run(t testing.TB, dir string, env map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &out, Err: &errs, Dir: dir,
		Env:      func(k string) string { return cmp.Or(env[k], map[string]string{"ASOF_CEILING": filepath.Dir(dir)}[k]) },
		Now:      func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) },
		Terminal: func(io.Writer) (int, bool) { return 0, false },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	return out.String(), errs.String(), code
}

// realStore returns the path of a file that a real library wrote, kept beside
// the repository. The test is skipped where there is none.
func realStore(t testing.TB, name string) string {
	path, err := filepath.Abs(filepath.Join("..", "..", "shared", "stores", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no real store: %v", err)
	}
	return path
}

// rows runs SQL on a store, past everything that is asof.
func rows(t testing.TB, path, query string, each func(*sql.Rows) error) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for r.Next() {
		if err := each(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestRealStoresAreWholeAndUntouched(t *testing.T) {
	t.Parallel()
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	env := map[string]string{"CIPHER_KEY": base64.StdEncoding.EncodeToString(key)}
	for name, count := range map[string]string{
		"py_bank.sqlite":                "SELECT count(*), count(DISTINCT originator_id) FROM stored_events",
		"py_bank_zlib.sqlite":           "SELECT count(*), count(DISTINCT originator_id) FROM stored_events",
		"py_bank_aes.sqlite":            "SELECT count(*), count(DISTINCT originator_id) FROM stored_events",
		"py_dogschool_snapshots.sqlite": "SELECT count(*), count(DISTINCT originator_id) FROM stored_events",
		"py_upcast.sqlite":              "SELECT count(*), count(DISTINCT originator_id) FROM stored_events",
		"py_pydantic.sqlite":            "SELECT count(*), count(DISTINCT originator_id) FROM stored_events",
		"emmett_carts.sqlite":           "SELECT count(*), count(DISTINCT stream_id) FROM emt_messages WHERE message_kind = 'E' AND NOT is_archived",
	} {
		t.Run(name, func(t *testing.T) {
			path := realStore(t, name)
			besideBefore, _ := filepath.Glob(path + "-*")
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var events, streams int
			rows(t, path, count, func(r *sql.Rows) error { return r.Scan(&events, &streams) })
			out, errs, code := run(t, t.TempDir(), env, "info", path, "--json")
			var info struct{ Events, Streams int }
			if err := json.Unmarshal([]byte(out), &info); err != nil || code != 0 {
				t.Fatalf("exit %d: %v\n%s%s", code, err, out, errs)
			}
			if info.Events != events || info.Streams != streams {
				t.Errorf("%d events in %d streams, want %d in %d", info.Events, info.Streams, events, streams)
			}
			out, errs, code = run(t, t.TempDir(), env, "log", path, "--all", "--json")
			if n := strings.Count(out, "\n"); code != 0 || n != events || strings.Contains(out, `"opaque"`) {
				t.Errorf("log prints %d events (exit %d), want %d\n%s", n, code, events, errs)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the store was changed: %v", err)
			}
			if beside, _ := filepath.Glob(path + "-*"); !slices.Equal(beside, besideBefore) {
				t.Errorf("left next to the store: %v", beside)
			}
		})
	}
}

// TestRealBalances folds the bank accounts by a projection, and holds each
// balance against the sum of what the payloads say, to the cent.
func TestRealBalances(t *testing.T) {
	t.Parallel()
	path := realStore(t, "py_bank.sqlite")
	want := map[string]*big.Rat{}
	rows(t, path, "SELECT originator_id, topic, state FROM stored_events", func(r *sql.Rows) error {
		var id, topic string
		var payload []byte
		if err := r.Scan(&id, &topic, &payload); err != nil {
			return err
		}
		var p struct {
			Amount struct {
				Data string `json:"_data_"`
			}
		}
		if err := json.Unmarshal(payload, &p); err != nil {
			return err
		}
		if want[id] == nil {
			want[id] = new(big.Rat)
		}
		amount, ok := new(big.Rat).SetString(p.Amount.Data)
		switch {
		case strings.HasSuffix(topic, ".Credited") && ok:
			want[id].Add(want[id], amount)
		case strings.HasSuffix(topic, ".Debited") && ok:
			want[id].Sub(want[id], amount)
		}
		return nil
	})
	dir := t.TempDir()
	fold := `fromCategory('BankAccount').foreachStream().when({
		$init: () => ({ balance: 0 }),
		Opened(s, e) { s.name = e.data.full_name },
		Credited(s, e) { s.balance = Decimal(s.balance).plus(e.data.amount) },
		Debited(s, e) { s.balance = Decimal(s.balance).minus(e.data.amount) },
		OverdraftLimitSet(s, e) { s.limit = e.data.overdraft_limit },
		Closed(s, e) { s.closed = true },
	})`
	if err := os.WriteFile(filepath.Join(dir, "bank.js"), []byte(fold), 0o644); err != nil {
		t.Fatal(err)
	}
	cents := 0
	for id, balance := range want {
		out, errs, code := run(t, dir, nil, "replay", path, id, "--fold", "bank.js", "--path", "/balance")
		got, ok := new(big.Rat).SetString(strings.TrimSpace(out))
		if code != 0 || !ok || got.Cmp(balance) != 0 {
			t.Errorf("%s: balance %s (exit %d), want %s\n%s", id, out, code, balance.FloatString(2), errs)
		}
		if !balance.IsInt() {
			cents++
		}
	}
	if len(want) != 12 || cents == 0 {
		t.Errorf("%d accounts, %d of them with cents: not the file this test is for", len(want), cents)
	}
}

// TestFormsAgree writes the demo's shop in other forms and folds them to the
// states that the demo's own store gives.
func TestFormsAgree(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	if _, errs, code := run(t, dir, nil, "demo"); code != 0 {
		t.Fatal(errs)
	}
	write := map[string]func(path string) error{
		"shop.ndjson":    func(p string) error { return write.NDJSON(ctx, p, demo.Shop(demo.Events)) },
		"shop.ce.ndjson": func(p string) error { return write.CloudEvents(ctx, p, demo.Shop(demo.Events)) },
		"shop.ce.json.gz": func(p string) error {
			return write.CloudEventsBatch(ctx, p, demo.Shop(demo.Events))
		},
	}
	state := func(store, what string) string {
		out, errs, code := run(t, dir, nil, "replay", store, what, "--json") // keys sorted
		if code != 0 {
			t.Fatalf("replay %s %s: exit %d\n%s", store, what, code, errs)
		}
		return out
	}
	for name, f := range write {
		if err := f(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"proj:cart", "proj:sales", "proj:cart@2000", "cart-42@28", "cart-88@2026-02-10"} {
			if got, want := state(name, what), state(demo.Store, what); got != want {
				t.Errorf("%s of %s is\n%s\nof the demo's own store\n%s", what, name, got, want)
			}
		}
	}
	// What log --json prints is a store, too.
	out, errs, code := run(t, dir, nil, "log", demo.Store, "--all", "--json")
	if code != 0 {
		t.Fatal(errs)
	}
	if err := os.WriteFile(filepath.Join(dir, "log.ndjson"), []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, want := state("log.ndjson", "proj:cart"), state(demo.Store, "proj:cart"); got != want {
		t.Error("the output of log --json folds to other states")
	}
}
