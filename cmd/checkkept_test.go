package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/fixtures"
	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/fixtures/testmain"
	"asof/fixtures/write"
	"asof/replay"
)

// runKept runs a command line with a home folder of its own, and returns what it
// printed.
func runKept(dir string, args ...string) (code int, stdout, stderr string) {
	var out, notes bytes.Buffer
	env := map[string]string{"TZ": "UTC", "HOME": filepath.Join(dir, "home"), "ASOF_CEILING": filepath.Dir(dir)}
	code = Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &out, Err: &notes, Dir: dir,
		Env: func(k string) string { return env[k] }, Now: time.Now,
		Terminal: func(io.Writer) (int, bool) { return 100, false },
		Exit:     func(code int) { panic(fmt.Sprintf("exit %d", code)) },
	})
	return code, out.String(), notes.String()
}

// aChange is what may happen to a store between two checks.
type aChange struct {
	name  string
	apply func(rng *rand.Rand, events []replay.Event, n *int) []replay.Event
}

var someChanges = []aChange{
	{"nothing", func(_ *rand.Rand, all []replay.Event, _ *int) []replay.Event { return all }},
	{"grown", func(rng *rand.Rand, all []replay.Event, n *int) []replay.Event {
		*n = min(*n+1+rng.IntN(60), len(all))
		return all
	}},
	{"cut short", func(rng *rand.Rand, all []replay.Event, n *int) []replay.Event {
		*n = max(*n-1-rng.IntN(60), 1)
		return all
	}},
	{"rewritten", func(rng *rand.Rand, all []replay.Event, n *int) []replay.Event {
		all[rng.IntN(*n)].Data = []byte(`{"qty":3,"total":-1}`)
		return all
	}},
	{"other types", func(rng *rand.Rand, all []replay.Event, n *int) []replay.Event {
		all[rng.IntN(*n)].Type = "Unclear"
		return all
	}},
	{"restored", func(_ *rand.Rand, _ []replay.Event, n *int) []replay.Event {
		*n = 300
		return slices.Collect(demo.Shop(2000))
	}},
}

// someChecks are command lines; N is a position that the store has.
var someChecks = []string{
	"check STORE --good qty=!(state.qty>3)",
	"check STORE --good qty=!(state.qty>3) --json",
	"check STORE --good qty=!(state.qty>3) --bad odd=event!==null&&event.type==='Unclear'?undefined:state.total<0 --memory 4KB",
	"check STORE --good qty=!(state.qty>3) --shard 1/2 --json",
	"check STORE --good qty=!(state.qty>3) --at pos:N",
	"bisect STORE --all --bad state.qty===2 --exit-code --json",
	"check STORE --fold s.n=(s.n??0)+1;if(e.type==='Unclear')throw'no' --bad few=state.n===2",
}

// TestKeptChecks compares checks that resume from others with the same checks without,
// whatever happens to the store, and to what is kept, between them.
func TestKeptChecks(t *testing.T) {
	t.Parallel()
	seed := testmain.Seed(t)
	for i, kind := range []string{"db", "wal", "ndjson"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			dir := t.TempDir()
			all, n := slices.Collect(demo.Shop(2000)), 200
			wentOn, damaged := 0, 0
			for round := range 25 {
				c := someChanges[rng.IntN(len(someChanges))]
				if round%3 > 0 {
					c = someChanges[round%3-1]
				}
				all = c.apply(rng, all, &n)
				writeEvents(t, filepath.Join(dir, "shop."+kind), kind, all[:n], rng.IntN(n))
				if rng.IntN(3) == 0 {
					time.Sleep(30 * time.Millisecond) // so that the store is known to be the same
				}
				line := someChecks[rng.IntN(len(someChecks))]
				if rng.IntN(4) > 0 {
					line = someChecks[round/8]
				}
				if rng.IntN(5) == 0 {
					damaged += damageKept(t, rng, dir)
				}
				args := strings.Fields(strings.ReplaceAll(line, "pos:N", fmt.Sprint("pos:", 1+rng.IntN(n))))
				args[1] = "shop." + kind
				code, out, notes := runKept(dir, args...)
				wantCode, want, _ := runKept(dir, append(args, "--no-cache")...)
				if code != wantCode || out != want {
					t.Fatalf("round %d, %s, %q: exit code %d\n%s\nwant %d\n%s", round, c.name, args, code, out, wantCode, want)
				}
				if strings.Contains(notes, "resumed from") {
					wentOn++
				}
			}
			if wentOn == 0 {
				t.Error("no check resumed from another")
			}
			t.Logf("%d of 25 resumed; %d files were damaged", wentOn, damaged)
		})
	}
}

func writeEvents(t *testing.T, path, kind string, events []replay.Event, stored int) {
	t.Helper()
	old, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range old {
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
	ctx, seq := context.Background(), slices.Values(events)
	switch kind {
	case "ndjson":
		err = write.NDJSON(ctx, path, seq)
	case "wal":
		err = fixtures.LeaveWAL(ctx, path, take(seq, 0, stored), take(seq, stored, len(events)))
	default:
		err = sqlitefile.WriteNative(ctx, path, seq)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// damageKept changes a byte of each file with what a check found.
func damageKept(t *testing.T, rng *rand.Rand, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "home", ".cache", "asof", "*", "*", "scan"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := fixtures.FlipBit(f, rng.Int64N(int64(len(b))), uint(rng.IntN(8))); err != nil {
			t.Fatal(err)
		}
	}
	return len(files)
}
