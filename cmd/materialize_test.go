package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/store/testdb"
)

// cartEvents are n events of carts, as lines.
func cartEvents(n int) string {
	var b strings.Builder
	versions := map[int]int{}
	for i := range n {
		cart := i * 7 % 41
		versions[cart]++
		fmt.Fprintf(&b, `{"position":%d,"stream":"cart-%d","version":%d,"type":"Set","time":"2026-01-01T00:%02d:%02dZ","data":{"total":%d.50,"n":{"of":%d}}}`+"\n",
			i+1, cart, versions[cart], i/60%60, i%60, i, i)
	}
	return b.String()
}

// keptRows are the rows of the read model, read as events of a store.
func keptRows(t *testing.T, dir, file string) string {
	t.Helper()
	out, code := runHere(dir, []string{
		"log", file, "--all", "--query", `SELECT stream, version, row_number() OVER (ORDER BY stream) AS position, 'row' AS type, state AS data FROM state`, "--json",
	})
	if code != exitOK {
		t.Fatal(out)
	}
	return out
}

// TestMaterializedHasNoDrift materializes random stores, also as they grow. drift finds no
// difference in any column.
func TestMaterializedHasNoDrift(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) { hasNoDrift(r, "read.sqlite", "state") })
}

// TestMaterializedHasNoDriftInPostgres is the same in tables with types.
func TestMaterializedHasNoDriftInPostgres(t *testing.T) {
	db, n := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES")), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		hasNoDrift(r, db.DSN, fmt.Sprint("state", n))
	})
}

// hasNoDrift materializes a random store as it grows, and compares each column.
func hasNoDrift(r *rapid.T, to, table string) {
	dir, err := os.MkdirTemp("", "asof-drift-*")
	if err != nil {
		r.Fatal(err)
	}
	defer removeAll(dir) //nolint:errcheck // the system does in time
	var lines strings.Builder
	position, versions := 0, map[string]int{}
	timed := rapid.SampledFrom([]string{"", `"time":"2026-01-01T00:00:00Z",`, `"time":"2026-01-01T00:00:00.123456789Z",`}).Draw(r, "time")
	for range rapid.IntRange(1, 3).Draw(r, "runs") {
		for range rapid.IntRange(1, 8).Draw(r, "events") {
			position++
			stream := rapid.SampledFrom([]string{"cart-1", "cart-10", "Cart-1", "ü", "a\tb\\"}).Draw(r, "stream")
			versions[stream]++
			member := rapid.SampledFrom([]string{"total", "Total", "qty", "stream", "time", "select", `a"b'c`, strings.Repeat("ü", 31)}).Draw(r, "member")
			value := rapid.SampledFrom([]string{
				"1", "2.50", `"7"`, "null", "null", "true", "[1]", `{"a":"b"}`, "12345678901234567890", `"2026-01-01T00:00:00Z"`, "-0", "1.0E+2", "1e400", `"\\N\t\r\n\\."`, `""`,
			}).Draw(r, "value")
			fmt.Fprintf(&lines, `{"position":%d,"stream":%q,"version":%d,"type":"A",%s"data":{%q:%s}}`+"\n", position, stream, versions[stream], timed, member, value)
		}
		if err := os.WriteFile(filepath.Join(dir, "shop.ndjson"), []byte(lines.String()), 0o600); err != nil {
			r.Fatal(err)
		}
		out, code := runHere(dir, []string{"materialize", "shop.ndjson", "--fold", "merge", "--to", to, "--table", table, "--json"})
		var answer struct {
			Columns []struct{ Column, Path string }
		}
		if err := json.Unmarshal([]byte(out), &answer); err != nil || code != exitOK {
			r.Fatal(code, out)
		}
		args := []string{"drift", "shop.ndjson", "--fold", "merge", "--against", to, "--table", table, "--key", "stream"}
		for _, c := range answer.Columns {
			if c.Path != "" {
				args = append(args, "--map", c.Column+"="+c.Path)
			}
		}
		if !slices.Contains(args, "--map") {
			continue // no state has a member
		}
		if out, code := runHere(dir, args); code != exitOK {
			r.Fatalf("%s\n%s\n%s", strings.Join(args, " "), lines.String(), out)
		}
	}
}
