package cmd

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asof/fixtures"
	"asof/fixtures/demo"
	"asof/fixtures/kit"
	"asof/fixtures/sqlitefile"
	"asof/fixtures/testmain"
	"asof/fixtures/write"
	"asof/replay"
	"asof/replay/fold/js"
)

func TestMain(m *testing.M) {
	testmain.Prepare() // before testscript.Main copies the program
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "asof" {
		tellBegun()
		os.Exit(program(scriptLimits(), testPulse()))
	}
	testscript.Main(withProgram{m}, map[string]func(){"foldcmd": foldCommand})
}

// begunEnv names the variable with the descriptor that a program closes when it begins.
const begunEnv = "ASOF_TEST_BEGUN"

// tellBegun tells a test that waits for it that the program begins.
func tellBegun() {
	if fd, err := strconv.Atoi(os.Getenv(begunEnv)); err == nil {
		os.NewFile(uintptr(fd), "begun").Close() //nolint:errcheck // the end of the pipe is all there is to tell
	}
}

// scriptLimits are the limits of folds that a script of the tests sets, so that it need
// not wait for those that people have: ASOF_TEST_LIMITS="300ms 32", time and MiB.
func scriptLimits() (o js.Limits) {
	text := os.Getenv("ASOF_TEST_LIMITS")
	if text == "" {
		return o
	}
	var limit string
	if _, err := fmt.Sscan(text, &limit, &o.Memory); err != nil {
		panic(err)
	}
	var err error
	if o.Time, err = time.ParseDuration(limit); err != nil {
		panic(err)
	}
	o.Memory <<= 20
	return o
}

// testPulse is how often a call of mcp says that it is at work: ASOF_TEST_PULSE, so that a
// test need not wait for what people wait for.
func testPulse() time.Duration {
	text := os.Getenv("ASOF_TEST_PULSE")
	if text == "" {
		return 0
	}
	pulse, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return pulse
}

// TestScripts runs the whole program on the scripts of testdata/script. Besides
// testscript's own commands there are
//
//	store KIND FILE [N]     write a store of a shop with N events (300)
//	damage KIND FILE …      truncate FILE BYTES, flip FILE OFFSET, lock FILE, payload FILE STREAM VERSION TEXT
//	asof VERB …             run the program, see runsInProcess; exec asof is always a process,
//	                        and asof demo is a copy of what it has written once
//	exits CODE COMMAND …    run a command, which must exit with that code
//	unchanged FILE          the file is as it was written, and nothing was left next to it
//
// and, as a program for --fold exec:, foldcmd; see foldCommand.
//
// A store that a script writes is checked by unchanged once more at its end,
// whether the script says so or not.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, "home", "cache"))
			e.Setenv("TZ", "UTC")
			e.Setenv("ASOF_CEILING", filepath.Dir(e.WorkDir))
			e.Values[storesKey{}] = &stores{sums: map[string]string{}}
			e.Values[verbsKey{}] = map[string]bool{}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"asof": cmdAsof, "store": cmdStore, "damage": cmdDamage, "exits": cmdExits, "unchanged": cmdUnchanged,
		},
	})
}

type storesKey struct{}

// stores are what a script has written.
type stores struct{ sums map[string]string }

func (s *stores) note(ts *testscript.TestScript, path string) {
	if len(s.sums) == 0 {
		ts.Defer(func() {
			for path := range s.sums {
				s.check(ts, path)
			}
		})
	}
	s.sums[path] = sumOf(ts, path)
}

func (s *stores) check(ts *testscript.TestScript, path string) {
	want, ok := s.sums[path]
	if !ok {
		ts.Fatalf("%s is not a store of this script", path)
	}
	if got := sumOf(ts, path); got != want {
		ts.Fatalf("%s was changed, or something was left next to it:\n%swas\n%s", path, got, want)
	}
}

// sumOf describes a file and all that SQLite could leave next to it.
func sumOf(ts *testscript.TestScript, path string) string {
	beside, err := filepath.Glob(path + "*")
	ts.Check(err)
	slices.Sort(beside)
	var b strings.Builder
	for _, p := range beside {
		data, err := os.ReadFile(p)
		ts.Check(err)
		info, err := os.Stat(p)
		ts.Check(err)
		fmt.Fprintf(&b, "%s %x %s\n", filepath.Base(p), sha256.Sum256(data), info.ModTime())
	}
	return b.String()
}

func storesOf(ts *testscript.TestScript) *stores { return ts.Value(storesKey{}).(*stores) }

// key is the AES key of encrypted stores: CIPHER_KEY=MDEyMzQ1Njc4OWFiY2RlZg==.
var key = []byte("0123456789abcdef")

func cmdStore(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: store KIND FILE [N]")
	}
	n := 300
	if len(args) > 2 {
		var err error
		n, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	path := ts.MkAbs(args[1])
	ts.Check(writeStore(args[0], path, n))
	storesOf(ts).note(ts, path)
}

// writeStore writes a shop in one of the dialects, or a copy of the one it has written.
func writeStore(kind, path string, n int) error {
	anew := func(path string) error { return writeNewStore(kind, path, n) }
	if kind == "wal" { // its log is a second file
		return anew(path)
	}
	return testmain.OnceTo(fmt.Sprint(kind, " ", n), path, anew)
}

func writeNewStore(kind, path string, n int) error {
	ctx, shop := context.Background(), demo.Shop(n)
	switch kind {
	case "native":
		return sqlitefile.WriteNative(ctx, path, shop)
	case "python":
		return write.Python(ctx, path, write.PythonOptions{}, shop)
	case "python-zlib":
		return write.Python(ctx, path, write.PythonOptions{Compress: true}, shop)
	case "python-aes":
		return write.Python(ctx, path, write.PythonOptions{Key: key}, shop)
	case "emmett":
		return write.Emmett(ctx, path, write.EmmettOptions{}, shop)
	case "homemade":
		return write.HomeMade(ctx, path, shop)
	case "ndjson":
		return write.NDJSON(ctx, path, shop)
	case "cloudevents":
		return write.CloudEvents(ctx, path, shop)
	case "cloudevents-batch":
		return write.CloudEventsBatch(ctx, path, shop)
	case "wal":
		return fixtures.LeaveWAL(ctx, path, take(shop, 0, n/2), take(shop, n/2, n))
	case "first": // of a longer history
		return sqlitefile.WriteNative(ctx, path, take(demo.Shop(3000), 0, n))
	case "bench":
		return sqlitefile.WriteNative(ctx, path, fixtures.Bench(n))
	case "text":
		return sqlitefile.WriteNative(ctx, path, slices.Values(fixtures.Text(n).Events))
	}
	for _, d := range write.Dialects() {
		if d.Name == kind {
			return d.Write(ctx, path, shop)
		}
	}
	return fmt.Errorf("unknown kind of store %q", kind)
}

func take(seq iter.Seq[replay.Event], from, to int) iter.Seq[replay.Event] {
	return func(yield func(replay.Event) bool) {
		i := 0
		for e := range seq {
			if i >= to || i >= from && !yield(e) {
				return
			}
			i++
		}
	}
}

func cmdDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: damage KIND FILE …")
	}
	path := ts.MkAbs(args[1])
	number := func(i int) int64 {
		n, err := strconv.ParseInt(args[i], 10, 64)
		ts.Check(err)
		return n
	}
	switch args[0] {
	case "truncate":
		ts.Check(fixtures.Truncate(path, number(2)))
	case "flip":
		ts.Check(fixtures.FlipBit(path, number(2), 0))
	case "lock":
		unlock, err := fixtures.Lock(path)
		ts.Check(err)
		ts.Defer(func() { ts.Check(unlock()) })
	case "payload":
		bad := fixtures.Replace(demo.Shop(300), replay.StreamID(args[2]), replay.Version(number(3)), []byte(args[4]))
		ts.Check(sqlitefile.WriteNative(context.Background(), path, bad))
	case "twice": // an event gets the version of the one before it
		table := sqlitefile.NativeTable()
		table.Schema[2] = strings.Replace(table.Schema[2], "UNIQUE(stream, version)", "CHECK(1)", 1)
		row := table.Row
		table.Row = func(e *replay.Event) ([]any, error) {
			if string(e.Stream) == args[2] && int64(e.Version) == number(3) {
				e.Version--
			}
			return row(e)
		}
		ts.Check(sqlitefile.Write(context.Background(), kit.File{Path: path}, table, demo.Shop(300)))
	default:
		ts.Fatalf("unknown damage %q", args[0])
	}
	storesOf(ts).note(ts, path)
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := runCommand(ts, args[1], args[2:])
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmdUnchanged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: unchanged FILE")
	}
	storesOf(ts).check(ts, ts.MkAbs(args[0]))
}
