package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asof/replay"
)

// Sample is the number of questions about events for a dialect if another dialect of its
// engine answers all of them. There are about 200 kinds of questions.
const Sample = 240

// A Config describes the contents of a store and how to open it.
type Config struct {
	Name string

	// Open opens the store at path.
	Open func(ctx context.Context, path string) (replay.Reader, error)

	// Path is the store's file. Every check reads a copy in a separate folder, together
	// with files whose names begin with its name ("-wal"), and verifies that nothing
	// there has changed. Empty: Open needs no file.
	Path string

	// Want is the complete history in position order, or by stream and version if the
	// store has no positions. A few hundred events are enough.
	Want []replay.Event

	// Sample is the number of questions about events; there are a quarter as many about
	// streams. Zero: all of them, about 4,000. A sample has at least one question of each
	// kind and differs between tests. A failure prints its seed for -storetest.seed;
	// -storetest.full asks everything.
	Sample int

	// Truncate cuts a copy of the file so that part of the history is missing. The
	// reader must detect it. Nil: not checked.
	Truncate func(t testing.TB, path string)
}

// Run checks that the reader of a store keeps the promises of [replay.Reader]. The checks
// run in parallel, each on its own reader, and Run waits for all of them.
func Run(t *testing.T, c Config) {
	t.Run(c.Name, func(t *testing.T) {
		for _, k := range checks {
			t.Run(k.name, func(t *testing.T) {
				t.Parallel()
				k.run(t, c)
			})
		}
	})
}

// checks lists the parts of the suite. They take a [testing.TB] so that tests of the
// suite can run them on broken readers.
var checks = []struct {
	name string
	run  func(testing.TB, Config)
}{
	{"info", onCopy(checkInfo)},
	{"summary", onCopy(checkSummary)},
	{"streams", onCopy(checkStreams)},
	{"events", onCopy(checkEvents)},
	{"mixed questions", onCopy(checkMixed)},
	{"bodies", onCopy(checkBodies)},
	{"twice", onCopy(checkTwice)},
	{"nested", onCopy(checkNested)},
	{"break", onCopy(checkBreak)},
	{"cancel", onCopy(checkCancel)},
	{"truncated", checkTruncated},
}

// A session is one check of one open reader.
type session struct {
	testing.TB
	Config
	reader replay.Reader
	oracle *memory
	seed   uint64
}

// Fatalf ends the check and reports how to repeat its sample.
func (s *session) Fatalf(format string, a ...any) {
	s.Helper()
	if s.sampled() {
		format += "\n(a sample of %d questions: -storetest.seed=%d)"
		a = append(a, s.Sample, s.seed)
	}
	s.TB.Fatalf(format, a...)
}

// onCopy runs a check on a copy of the store and verifies that nothing there changed.
func onCopy(check func(*session)) func(testing.TB, Config) {
	return func(tb testing.TB, c Config) {
		path := copyStore(tb, c.Path)
		before := listing(tb, path)
		r, err := c.Open(context.Background(), path)
		if err != nil {
			tb.Fatalf("open: %v", err)
		}
		check(&session{TB: tb, Config: c, reader: r, oracle: Memory(c.Want).(*memory), seed: seedOf(tb.Name())})
		if err := r.Close(); err != nil {
			tb.Fatalf("close: %v", err)
		}
		if after := listing(tb, path); after != before {
			tb.Fatalf("reading changed the store's folder\nbefore: %s\nafter:  %s", before, after)
		}
	}
}

// copyStore copies a store's files into a separate folder.
func copyStore(tb testing.TB, path string) string {
	if path == "" {
		return ""
	}
	dir := tb.TempDir()
	folder, name := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Clean(folder + "."))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range entries {
		if !strings.HasPrefix(f.Name(), name) || !f.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, f.Name()), b, 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return filepath.Join(dir, name)
}

// listing describes the folder of a file: names, sizes, times and contents.
func listing(tb testing.TB, path string) string {
	if path == "" {
		return ""
	}
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	for _, f := range entries {
		info, err := f.Info()
		if err != nil {
			tb.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(&out, "%s (%d bytes, %v, %x) ", f.Name(), info.Size(), info.ModTime(), fingerprint(b))
	}
	return out.String()
}

// checkTruncated cuts the store and requires an error when opening or reading it.
func checkTruncated(tb testing.TB, c Config) {
	if c.Truncate == nil {
		tb.Skip("no truncation given")
	}
	path := copyStore(tb, c.Path)
	c.Truncate(tb, path)
	before := listing(tb, path)
	n, err := readAll(c, path)
	var store *replay.StoreError
	switch {
	case err == nil:
		tb.Fatalf("a truncated store ends after %d of %d events without an error", n, len(c.Want))
	case !errors.As(err, &store):
		tb.Fatalf("a truncated store gives %T (%v), not a *replay.StoreError", err, err)
	}
	if after := listing(tb, path); after != before {
		tb.Fatalf("reading changed the store's folder\nbefore: %s\nafter:  %s", before, after)
	}
}

func readAll(c Config, path string) (n int, err error) {
	r, err := c.Open(context.Background(), path)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for _, err := range r.Events(context.Background(), replay.Query{Order: replay.ByStream}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
