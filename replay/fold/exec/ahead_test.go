package exec

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/state"
)

// sliceReader reads events from memory.
type sliceReader []replay.Event

func (sliceReader) Info() replay.Info                      { return replay.Info{} }
func (sliceReader) Lost(context.Context) ([]string, error) { return nil, nil }

func (sliceReader) Omitted(context.Context, replay.StreamID) ([]string, error) { return nil, nil }

func (sliceReader) Summary(context.Context) (s replay.Summary, err error) { return s, err }
func (sliceReader) Close() error                                          { return nil }
func (sliceReader) Streams(context.Context, replay.StreamQuery) iter.Seq2[replay.Stream, error] {
	return func(func(replay.Stream, error) bool) {}
}

func (r sliceReader) Events(_ context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for _, e := range r {
			if q.Versions.Contains(e.Version) && !yield(&e, nil) {
				return
			}
		}
	}
}

func execTimeline(n int, event func(i int) *replay.Event) *replay.Timeline {
	r := make(sliceReader, n)
	for i := range r {
		r[i] = *event(i + 1)
	}
	return replay.StreamTimeline(r, "cart-1")
}

func added(i int) *replay.Event { return execEvent(i, "Added", fmt.Sprintf(`{"x":%d}`, i)) }

// unforetold hides that a reducer can be told what comes.
type unforetold struct{ replay.Reducer }

// A run that is asked ahead gives what one gives that waits at each event,
// wherever it stops, whatever fails, and whatever comes after it.
func TestExecAheadIsExact(t *testing.T) {
	x := runExec(t, "sum", Options{})
	lockstep := runExec(t, "sum", Options{})
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(rt, "events")
		types := rapid.SliceOfN(rapid.SampledFrom([]string{
			"Added", "Added", "Added", "Added", "Added", "Added", "Nothing", "Ignored", "Refused", "unreadable",
		}), n, n).Draw(rt, "types")
		if rapid.Bool().Draw(rt, "sound") {
			for i, s := range types {
				if s == "Refused" || s == "unreadable" {
					types[i] = "Added"
				}
			}
		}
		tl := execTimeline(len(types), func(i int) *replay.Event {
			e := execEvent(i, types[i-1], fmt.Sprintf(`{"x":%d}`, i))
			if e.Type == "unreadable" {
				e.Data = []byte("{")
			}
			return e
		})
		stop := rapid.IntRange(1, 400).Draw(rt, "stop")
		run := func(r replay.Reducer) (seen []string) {
			for step, err := range tl.Run(t.Context(), replay.Fold{Reducer: r}, replay.FoldOptions{Changes: true}) {
				if err != nil {
					return append(seen, err.Error())
				}
				seen = append(seen, fmt.Sprintf("%d %v %s %d", step.Event.Version, step.Handled,
					state.AppendJSON(nil, step.Root), len(step.Changes)))
				if len(seen) == stop {
					break
				}
			}
			return seen
		}
		got, want := run(x), run(unforetold{lockstep})
		if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
			rt.Fatalf("got\n%s\nwant\n%s", g, w)
		}
	})
	for _, x := range []*Reducer{x, lockstep} {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}

// aheadOf returns a reducer that was asked about all of the events and has folded
// the first.
func aheadOf(t *testing.T, name string, events []*replay.Event) (*Reducer, *state.State) {
	t.Helper()
	x := runExec(t, name, Options{})
	st := initState(t, x)
	x.ahead.size = len(events)
	x.Prefetch(events)
	apply(t, x, st, events[0])
	if got := len(x.ahead.got.ends); got != len(events)-1 {
		t.Fatalf("%d answers are cached", got)
	}
	return x, st
}

func apply(t *testing.T, x *Reducer, st *state.State, e *replay.Event) {
	t.Helper()
	if _, err := x.Apply(t.Context(), st, e); err != nil {
		t.Fatal(err)
	}
	commit(t, st)
}

func addedOf(n int) []*replay.Event {
	events := make([]*replay.Event, n)
	for i := range events {
		events[i] = added(i + 1)
	}
	return events
}

func wantRoot(t *testing.T, st *state.State, want string) {
	t.Helper()
	if got := rootJSON(st); got != want {
		t.Errorf("state %s, want %s", got, want)
	}
}

// What was asked about events that are not applied is never an answer to others.
func TestExecAheadOfOtherThings(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(x *Reducer, st *state.State, events []*replay.Event)
		want string
	}{
		{"another event", func(x *Reducer, st *state.State, _ []*replay.Event) {
			apply(t, x, st, added(100))
		}, `{"N":2,"Sum":101}`},
		{"one is left out", func(x *Reducer, st *state.State, events []*replay.Event) {
			apply(t, x, st, events[2])
			apply(t, x, st, events[3])
		}, `{"N":3,"Sum":8}`},
		{"one again", func(x *Reducer, st *state.State, events []*replay.Event) {
			apply(t, x, st, events[0])
		}, `{"N":2,"Sum":2}`},
		{"another state between", func(x *Reducer, st *state.State, events []*replay.Event) {
			other := initState(t, x)
			apply(t, x, other, events[1])
			wantRoot(t, other, `{"N":1,"Sum":2}`)
			apply(t, x, st, events[1])
		}, `{"N":2,"Sum":3}`},
		{"the same event on another state", func(x *Reducer, st *state.State, events []*replay.Event) {
			other := state.New()
			other.SetRoot(other.NewObject().Value())
			commit(t, other)
			apply(t, x, other, events[1])
			wantRoot(t, other, `{"N":1,"Sum":2}`)
			apply(t, x, st, events[1])
		}, `{"N":2,"Sum":3}`},
		{"taken back", func(x *Reducer, st *state.State, events []*replay.Event) {
			if _, err := x.Apply(t.Context(), st, events[1]); err != nil {
				t.Fatal(err)
			}
			st.Rollback()
			apply(t, x, st, events[2])
		}, `{"N":2,"Sum":4}`},
		{"told anew", func(x *Reducer, st *state.State, events []*replay.Event) {
			x.Prefetch(events[3:])
			apply(t, x, st, events[3])
			apply(t, x, st, events[4])
		}, `{"N":3,"Sum":10}`},
		{"told nothing", func(x *Reducer, st *state.State, events []*replay.Event) {
			x.Prefetch(nil)
			apply(t, x, st, events[1])
		}, `{"N":2,"Sum":3}`},
		{"closed", func(x *Reducer, st *state.State, events []*replay.Event) {
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			apply(t, x, st, events[1])
		}, `{"N":2,"Sum":3}`},
		{"interrupted", func(x *Reducer, st *state.State, events []*replay.Event) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := x.Apply(ctx, st, events[1]); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			apply(t, x, st, events[1])
			apply(t, x, st, events[2])
		}, `{"N":3,"Sum":6}`},
		{"cut short", func(x *Reducer, _ *state.State, events []*replay.Event) {
			x.Prefetch(nil) // as the engine does when a run ends
			again := initState(t, x)
			x.Prefetch(events)
			apply(t, x, again, events[0])
			wantRoot(t, again, `{"N":1,"Sum":1}`)
		}, `{"N":1,"Sum":1}`},
		{"killed", func(x *Reducer, st *state.State, events []*replay.Event) {
			x.proc.interrupt()
			apply(t, x, st, events[1])
		}, `{"N":2,"Sum":3}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := addedOf(100)
			x, st := aheadOf(t, "sum", events)
			c.do(x, st, events)
			wantRoot(t, st, c.want)
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A command that is long about an event does not hold up those before it.
func TestExecAheadOfSlowEvent(t *testing.T) {
	t.Parallel()
	x := runParallel(t, "sum", Options{})
	st := initState(t, x)
	pid := x.proc.cmd.Process.Pid
	expireWhenReported(t, x, 1500*time.Millisecond)
	events := addedOf(3)
	events[2].Type = "Slow"
	x.ahead.size = 3
	x.Prefetch(events)
	apply(t, x, st, events[0])
	wantGone(t, pid)
	apply(t, x, st, events[1])
	wantRoot(t, st, `{"N":2,"Sum":3}`)
	_, err := x.Apply(t.Context(), st, events[2])
	if err == nil || err.Error() != "exec:sum failed at cart-1@3 (Slow): did not answer within 1.5s" {
		t.Error(err)
	}
}

// Answers that are too large together are asked for one by one.
func TestExecAheadOfLargeAnswers(t *testing.T) {
	x := runExec(t, "sum", Options{})
	st := initState(t, x)
	x.limit = 1000
	events := addedOf(100)
	x.ahead.size = 100
	x.Prefetch(events)
	for _, e := range events {
		apply(t, x, st, e)
		if cap(x.ahead.got.text) > 2*x.limit {
			t.Fatalf("%d bytes of answers are held", cap(x.ahead.got.text))
		}
	}
	wantRoot(t, st, `{"N":100,"Sum":5050}`)
}

// Both sides write more than a pipe holds before either reads.
func TestExecAheadOfFullPipes(t *testing.T) {
	x := runExec(t, "swollen", Options{})
	large := strings.Repeat("x", 100_000)
	tl := execTimeline(300, func(i int) *replay.Event { return execEvent(i, "A", `"`+large+`"`) })
	n := 0
	for step, err := range tl.Run(t.Context(), replay.Fold{Reducer: x}, replay.FoldOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; step.Root.Node().Get("n").Text() != fmt.Sprint(n) {
			t.Fatalf("after %d events: %.100s", n, state.AppendJSON(nil, step.Root))
		}
		if held := cap(x.ask) + cap(x.ahead.got.text); held > 4*aheadBytes+2*aheadAnswers {
			t.Fatalf("%d bytes are held", held)
		}
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// What ends the command is told of the event that it ends at, not of those that
// it was asked before.
func TestExecAheadFails(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"exit":    "exec:exit failed at cart-1@3 (Added): ended without an answer (exit status 4); it said: KeyError: \ufffd'sku'",
		"exit0":   "exec:exit0 failed at cart-1@1 (Added): ended without an answer (exit status 0)",
		"mute":    "exec:mute failed at cart-1@3 (Added): did not answer within 1.5s",
		"garbage": "exec:garbage failed at cart-1@1 (Added): its answer is not JSON",
		"junk":    "exec:junk failed at cart-1@3 (Added): its answer is not JSON",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := runParallel(t, name, Options{})
			st := initState(t, x)
			if name == "mute" {
				expireWhenReported(t, x, 1500*time.Millisecond)
			}
			x.ahead.size = 100
			events := addedOf(100)
			x.Prefetch(events)
			var err error
			for i := 0; i < len(events) && err == nil; i++ {
				if _, err = x.Apply(t.Context(), st, events[i]); err == nil {
					commit(t, st)
				}
			}
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v\nwant %s", err, want)
			}
			if x.proc != nil {
				t.Error("the process still runs")
			}
		})
	}
}

// An answer too few or too many shifts those that come after it. None of these
// is used.
func TestExecAheadMiscounts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"extra":  `cart-1@71 (Added): it wrote more than one line for a question: "{\"state\":70}"`,
		"silent": "cart-1@70 (Added): did not answer within 1.5s",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := runParallel(t, name, Options{})
			expireWhenReported(t, x, 1500*time.Millisecond)
			var failed error
			n := 0
			for step, err := range execTimeline(200, added).Run(t.Context(), replay.Fold{Reducer: x}, replay.FoldOptions{}) {
				if failed = err; err != nil {
					break
				}
				if n++; step.Root.Text() != fmt.Sprint(n) {
					t.Fatalf("the state after %d events is %s", n, step.Root.Text())
				}
			}
			if failed == nil || !strings.HasSuffix(failed.Error(), want) {
				t.Errorf("got %v\nwant %s", failed, want)
			}
		})
	}
}

// What a command says about events that nobody came to is nobody's concern.
func TestExecAheadStderr(t *testing.T) {
	x, _ := aheadOf(t, "chatty", addedOf(50))
	x.Prefetch(nil)
	if err := x.Close(); err != nil || x.StderrTail() != "" {
		t.Errorf("%v, said %q", err, x.StderrTail())
	}
}

func TestExecInitIsInterrupted(t *testing.T) {
	x := runExec(t, "hangs at once", Options{})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := x.Init(ctx, state.New()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// BenchmarkExecRun folds through the engine: asked ahead, and one by one.
func BenchmarkExecRun(b *testing.B) {
	for _, ahead := range []bool{true, false} {
		b.Run(fmt.Sprintf("ahead=%v", ahead), func(b *testing.B) {
			b.Setenv(execEnv, "sum")
			x := New([]string{os.Args[0]}, Options{})
			defer x.Close()
			f := replay.Fold{Reducer: x}
			if !ahead {
				f.Reducer = unforetold{x}
			}
			tl := execTimeline(b.N, added)
			b.ResetTimer()
			for _, err := range tl.Run(b.Context(), f, replay.FoldOptions{}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
