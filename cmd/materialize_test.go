package cmd

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

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

// TestMaterializeKilled ends runs at any moment, a hundred times. The read model has then
// the rows of one moment: those from before the run, or those it was to write.
func TestMaterializeKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), cartEvents(600))
	whole := map[string]string{}
	var took time.Duration
	for _, at := range []string{"pos:300", "pos:600"} {
		began := time.Now()
		if out, err := killable(t, dir, at).CombinedOutput(); err != nil {
			t.Fatal(string(out))
		}
		took = max(took, time.Since(began))
		whole[at] = driftsFrom(t, dir, at)
	}
	ended, killed := 0, 0
	for i := range 100 {
		at, sig := []string{"pos:300", "pos:600"}[i%2], []os.Signal{syscall.SIGKILL, syscall.SIGINT}[i/2%2]
		c := killable(t, dir, at)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if endAtRandom(c, sig, &took) {
			killed++
		} else {
			ended++
		}
		if got := driftsFrom(t, dir, ""); got != whole["pos:300"] && got != whole["pos:600"] {
			t.Fatalf("run %d, ended by %v: the read model is\n%s", i, sig, got)
		}
	}
	t.Logf("%d of 100 runs were killed, %d ended before", killed, ended)
	if killed < 10 {
		t.Errorf("only %d runs were killed", killed)
	}
	if _, err := os.Stat(filepath.Join(dir, "read.sqlite-journal")); err == nil {
		t.Error("a journal lies beside the read model")
	}
}

// endAtRandom ends a run at a moment of the time that runs take, as far as is known. It
// reports whether the run was ended.
func endAtRandom(c *exec.Cmd, sig os.Signal, took *time.Duration) bool {
	time.Sleep(time.Duration(rand.Int63n(int64(*took) * 11 / 10)))
	_ = c.Process.Signal(sig)
	ended := c.Wait() != nil
	if ended {
		*took += *took / 20
	} else {
		*took -= *took / 5 // the machine was busier before
	}
	return ended
}

func killable(t *testing.T, dir, at string) *exec.Cmd {
	t.Helper()
	return &exec.Cmd{
		Path: selfPath(t), Dir: dir, Env: append(os.Environ(), "ASOF_CEILING="+dir),
		Args: []string{"asof", "materialize", "shop.ndjson", "--fold", "merge", "--to", "read.sqlite", "--at", at},
	}
}

// driftsFrom is what the read model holds. It is compared with the states of a moment if
// one is given.
func driftsFrom(t *testing.T, dir, at string) string {
	t.Helper()
	if at != "" {
		out, code := runHere(dir, []string{
			"drift", "shop.ndjson", "--fold", "merge", "--against", "read.sqlite", "--table", "state", "--key", "stream",
			"--map", "total=/total,n=/n", "--at", at,
		})
		if code != exitOK {
			t.Fatal(out)
		}
	}
	return keptRows(t, dir, "read.sqlite")
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
