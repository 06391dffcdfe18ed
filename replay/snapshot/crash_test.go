package snapshot

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"asof/fixtures/testmain"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
)

// crashDir names the cache to the process that is going to be killed.
const crashDir = "ASOF_TEST_CRASH_DIR"

// TestMain lets the test kill a process that keeps states as fast as it can.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		b := crashBook()
		for content := 0; ; content++ {
			b.content = strconv.Itoa(content % 3)
			askAll(b, dir)
		}
	}
	os.Exit(testmain.Run(m))
}

// crashBook has states of a size that takes several writes' worth of time.
func crashBook() *book {
	b := &book{content: "0"}
	for v := range 60 {
		data := fmt.Sprintf(`{"k%d":"%064x%064x","n":%d}`, v, v*v, v, v)
		b.events = append(b.events, event(replay.Version(v), "Added", data))
	}
	return b
}

// askAll asks for some states, keeping others on the way, and returns them.
func askAll(b *book, dir string) []string {
	c := New(dir, Options{Limit: 20_000})
	defer c.Close() //nolint:errcheck // another process may remove the same
	tl := replay.StreamTimeline(b, "s")
	f := replay.Fold{Reducer: fold.Merge()}
	s := replay.Subject{Timeline: tl, Fold: f, Snapshots: every{c.States(tl, f, nil), 3}}
	c.wrote.Store(1) // so that it is held to its limit
	out := []string{askScan(c, b)}
	for _, v := range []int{10, 59, 31} {
		st, tally, err := s.StateAt(context.Background(), tl.Moment(&b.events[v]))
		out = append(out, answer(st, tally, err))
	}
	return out
}

// askScan reads what a scan of the book found, which may have been removed but is
// never half there, and keeps it.
func askScan(c *Cache, b *book) string {
	var damaged string
	c.o.Warn = func(s string) {
		if strings.Contains(s, "damaged") {
			damaged = s
		}
	}
	s, text := c.Scan(b, nil, About{}), strings.Repeat(string(b.events[17].Data), 200)
	s.Load(func(r io.Reader, _ bool) error {
		got, err := io.ReadAll(r)
		if string(got) != text {
			return fmt.Errorf("it holds %d bytes, not %d", len(got), len(text))
		}
		return err
	})
	s.Save(writes(text))
	return damaged
}

// However often programs that keep states are killed, whatever they were doing,
// and while others use the same cache, answers are right. A long run is that of
// ASOF_TEST_CRASHES=200.
func TestKilled(t *testing.T) {
	times := 8
	if n, err := strconv.Atoi(os.Getenv("ASOF_TEST_CRASHES")); err == nil {
		times = n
	}
	b := crashBook()
	want := fmt.Sprint(askAll(b, t.TempDir()))
	dir := filepath.Join(t.TempDir(), "cache")
	for i := range times {
		var procs []*exec.Cmd
		for range 2 {
			p := exec.Command(os.Args[0])
			p.Env = append(os.Environ(), crashDir+"="+dir)
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			procs = append(procs, p)
		}
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
		if got := fmt.Sprint(askAll(b, dir)); got != want {
			t.Fatalf("kill %d, among others: %s\nwant %s", i, got, want)
		}
		for _, p := range procs {
			if err := p.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.Wait() // killed, as it should be
		}
		if got := fmt.Sprint(askAll(b, dir)); got != want {
			t.Fatalf("kill %d: %s\nwant %s", i, got, want)
		}
	}
	// What is kept at last is whole: a proof against a full replay.
	c := New(dir, Options{})
	out, err := statesOf(t, c, b).Verify(context.Background(), func(*replay.Step) {})
	if err != nil || len(out.Wrong) > 0 || out.Stale > 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

// A disk that is full in the middle of a file: the rest of the run keeps nothing,
// and nothing half written is left.
func TestFullDisk(t *testing.T) {
	b, _, l, _ := keptOf(t, 10)
	var warned []string
	l.cache.o.Warn = func(s string) { warned = append(warned, s) }
	l.dir = filepath.Join(fullDisk(t), "lane")
	r := l.Record(nil).(*recorder)
	big := state.NewObject()
	for i := range 20_000 {
		big.Set(strconv.Itoa(i), state.StringValue(fmt.Sprintf("%x", rand.Uint64())))
	}
	for i := range 5 {
		r.gap, r.seen = 0, lookEvery-1
		r.Folded(func() replay.Checkpoint {
			return replay.Checkpoint{Version: replay.Version(i), State: big.Value()}
		})
	}
	if len(warned) != 1 {
		t.Errorf("warned %q", warned)
	}
	files, err := os.ReadDir(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() != about {
			t.Errorf("%s is left", f.Name())
		}
	}
	if cp := statesOf(t, l.cache, b).Nearest(context.Background(), 5); cp != nil && cp.Events == 0 {
		t.Errorf("got %+v", cp)
	}
}
