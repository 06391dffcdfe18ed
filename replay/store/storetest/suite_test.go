package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
)

func TestMemoryPasses(t *testing.T) {
	flat := history()
	for i := range flat {
		flat[i].Position, flat[i].Time, flat[i].ID = replay.NoPosition, time.Time{}, ""
	}
	for name, want := range map[string][]replay.Event{"shop": history(), "flat": flat} {
		Run(t, Config{
			Name: name, Want: want,
			Open: func(context.Context, string) (replay.Reader, error) {
				m := Memory(want)
				if want[0].ID == "" {
					return &broken{Reader: m, info: func(i replay.Info) replay.Info {
						i.Lacks = append(i.Lacks, "ids")
						return i
					}}, nil
				}
				return m, nil
			},
		})
	}
}

// A brokenReader is a reader that the named check must reject.
type brokenReader struct {
	name, check string
	reader      *broken
}

// brokenReaders are each broken in one way.
func brokenReaders() []brokenReader {
	none := func(*replay.Stream) {}
	return []brokenReader{
		{"stops early", "events", &broken{events: stopsEarly}},
		{"stops early", "twice", &broken{events: stopsEarly}},
		{"swallows errors", "cancel", &broken{events: swallowsErrors}},
		{"swaps two events", "events", &broken{events: swaps}},
		{"shares an event", "nested", sharesAnEvent()},
		{"continues after a break", "break", goesOn()},
		{"keeps a body", "bodies", staleBody()},
		{"ignores reverse", "events", asking(func(q *replay.Query) { q.Reverse = false })},
		{"ignores limit", "events", asking(func(q *replay.Query) { q.Limit = 0 })},
		{"limits to one less", "events", asking(func(q *replay.Query) { q.Limit = max(q.Limit-1, 0) })},
		{"ignores order", "events", asking(func(q *replay.Query) { q.Order = replay.ByPosition })},
		{"ignores types", "events", asking(func(q *replay.Query) { q.Types = nil })},
		{"ignores categories", "events", asking(func(q *replay.Query) { q.Categories = nil })},
		{"ignores ids", "events", asking(func(q *replay.Query) { q.IDPrefix = "" })},
		{"ignores versions", "events", asking(func(q *replay.Query) { q.Versions = replay.Span[replay.Version]{} })},
		{"ignores positions", "mixed questions", asking(func(q *replay.Query) { q.Positions = replay.Span[replay.Position]{} })},
		{"takes no streams for all", "events", asking(func(q *replay.Query) {
			if len(q.Streams) == 0 {
				q.Streams = nil
			}
		})},
		{"drops the end of a span", "events", asking(func(q *replay.Query) {
			if hi, ok := q.Versions.Hi(); ok && hi > -1 {
				lo, _ := q.Versions.Lo()
				q.Versions = replay.Between(lo, hi-1)
			}
		})},
		{"drops the start of a span", "events", asking(func(q *replay.Query) {
			if lo, ok := q.Positions.Lo(); ok && lo < 1<<60 {
				q.Positions = replay.From(lo + 1)
			}
		})},
		{"takes an id for a pattern", "events", asking(func(q *replay.Query) {
			q.IDPrefix = strings.Trim(q.IDPrefix, "%")
		})},
		{"filters what it skips", "events", leavingOut(func(q replay.Query, e *replay.Event) bool {
			return q.IDPrefix == "" || q.Skip&replay.FieldID == 0
		})},
		{"rounds numbers", "events", showing(func(_ int, e *replay.Event) bool {
			e.Data = bytes.ReplaceAll(e.Data, []byte("993"), []byte("992"))
			return true
		})},
		{"rounds times", "events", showing(func(_ int, e *replay.Event) bool {
			e.Time = e.Time.Truncate(time.Hour)
			return true
		})},
		{"loses an actor", "events", showing(func(_ int, e *replay.Event) bool {
			e.Meta.Actor = ""
			return true
		})},
		{"loses metadata", "events", showing(func(_ int, e *replay.Event) bool {
			e.Meta.Raw = nil
			return true
		})},
		{"calls it opaque", "events", showing(func(_ int, e *replay.Event) bool {
			e.Opaque = "encrypted"
			return true
		})},
		{"renumbers", "events", showing(func(i int, e *replay.Event) bool {
			e.Position = replay.Position(i)
			return true
		})},
		{"ignores a prefix", "streams", alteringStreams(func(q *replay.StreamQuery) { q.Prefix = "" }, none)},
		{"folds case", "streams", alteringStreams(func(q *replay.StreamQuery) { q.Prefix = strings.ToLower(q.Prefix) }, none)},
		{"ignores ids of streams", "streams", alteringStreams(func(q *replay.StreamQuery) { q.IDs = nil }, none)},
		{"ignores a limit of streams", "streams", alteringStreams(func(q *replay.StreamQuery) { q.Limit = 0 }, none)},
		{"ignores a category", "streams", alteringStreams(func(q *replay.StreamQuery) { q.Categories = nil }, none)},
		{"miscounts", "streams", alteringStreams(func(*replay.StreamQuery) {}, func(s *replay.Stream) { s.Events-- })},
		{"loses a time", "streams", alteringStreams(func(*replay.StreamQuery) {}, func(s *replay.Stream) { s.LastTime = s.FirstTime })},
		{"miscounts all", "summary", &broken{summary: func(s replay.Summary) replay.Summary { s.Events--; return s }}},
		{"forgets a type", "summary", &broken{summary: func(s replay.Summary) replay.Summary { s.Types = s.Types[1:]; return s }}},
		{"does not say how", "info", &broken{info: func(i replay.Info) replay.Info { i.Access = ""; return i }}},
		{"denies positions", "info", &broken{info: func(i replay.Info) replay.Info { i.Lacks = append(slices.Clone(i.Lacks), "positions"); return i }}},
		{"claims a lack", "info", &broken{info: func(i replay.Info) replay.Info { i.Lacks = []string{"times"}; return i }}},
	}
}

// TestSuiteFails runs the suite on broken readers. Both all questions and the smallest sample,
// with any seed, must detect them.
func TestSuiteFails(t *testing.T) {
	for _, c := range brokenReaders() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := Config{Want: history(), Open: func(context.Context, string) (replay.Reader, error) {
				c.reader.Reader = Memory(history())
				return c.reader, nil
			}}
			said := try(t, c.check, config)
			if said == "" {
				t.Fatalf("the check %q passes", c.check)
			}
			t.Log(said)
			config.Sample = 1
			for seed := range uint64(20) {
				if said := tryDrawn(t, c.check, config, seed); said == "" {
					t.Errorf("the check %q passes with seed %d", c.check, seed)
				}
			}
		})
	}
}

func TestSuiteChecksErrors(t *testing.T) {
	flat := history()
	flat[0].Position = replay.NoPosition
	for i := range flat {
		flat[i].Position = replay.NoPosition
	}
	r := &broken{Reader: Memory(flat), events: notSupported}
	c := Config{Want: flat, Open: func(context.Context, string) (replay.Reader, error) { return r, nil }}
	if try(t, "events", c) == "" {
		t.Error("any error is accepted")
	}
}

// TestSuiteWatchesTheFolder tries readers that leave a file next to the store, modify it, or
// do not detect that it is truncated.
func TestSuiteWatchesTheFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	if err := os.WriteFile(path, []byte("twelve bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := func(ctx context.Context, path string) (replay.Reader, error) {
		b, err := os.ReadFile(path)
		if err != nil || len(b) != 12 {
			return nil, &replay.StoreError{Path: path, Op: "open", Err: fmt.Errorf("%d bytes: %w", len(b), err)}
		}
		return Memory(history()), nil
	}
	cut := func(tb testing.TB, path string) {
		if err := os.Truncate(path, 5); err != nil {
			tb.Fatal(err)
		}
	}
	c := Config{Path: path, Want: history(), Truncate: cut, Open: good}
	for _, k := range checks {
		if said := try(t, k.name, c); said != "" {
			t.Errorf("a good reader fails %s: %s", k.name, said)
		}
	}
	leaves := func(name string) func(context.Context, string) (replay.Reader, error) {
		return func(ctx context.Context, path string) (replay.Reader, error) {
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte("x"), 0o600); err != nil {
				return nil, err
			}
			return Memory(history()), nil
		}
	}
	for name, open := range map[string]func(context.Context, string) (replay.Reader, error){
		"leaves a file": leaves("shop.db-wal"),
		"writes":        leaves("shop.db"),
		"touches": func(ctx context.Context, path string) (replay.Reader, error) {
			return Memory(history()), os.Chtimes(path, time.Time{}, at(1))
		},
	} {
		c.Open = open
		if try(t, "info", c) == "" {
			t.Errorf("a reader that %s passes", name)
		}
	}
	c.Open = func(context.Context, string) (replay.Reader, error) { return Memory(history()[:3]), nil }
	if try(t, "truncated", c) == "" {
		t.Error("a reader that ends early passes")
	}
	c.Open = func(ctx context.Context, path string) (replay.Reader, error) { return nil, errors.New("no") }
	if try(t, "truncated", c) == "" {
		t.Error("an error that is not a StoreError passes")
	}
}

// try runs one check and returns its failure message.
func try(t *testing.T, check string, c Config) string {
	t.Helper()
	return tryDrawn(t, check, c, 0)
}

// tryDrawn runs one check with the questions for a seed.
func tryDrawn(t *testing.T, check string, c Config, seed uint64) string {
	t.Helper()
	i := slices.IndexFunc(checks, func(k struct {
		name string
		run  func(testing.TB, Config)
	},
	) bool {
		return k.name == check
	})
	if i < 0 {
		t.Fatalf("no check %q", check)
	}
	tb := &recorder{TB: t, name: fmt.Sprint(t.Name(), seed)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		checks[i].run(tb, c)
	}()
	<-done
	return tb.said
}

// A recorder is a testing.TB that fails without failing the running test.
type recorder struct {
	testing.TB
	name, said string
}

func (r *recorder) Name() string   { return r.name }
func (r *recorder) Helper()        {}
func (r *recorder) Skip(...any)    { runtime.Goexit() }
func (r *recorder) Fatal(a ...any) { r.Fatalf("%s", fmt.Sprint(a...)) }

func (r *recorder) Fatalf(format string, a ...any) {
	r.said = fmt.Sprintf(format, a...)
	runtime.Goexit()
}
