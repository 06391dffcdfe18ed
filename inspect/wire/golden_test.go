package wire

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"asof/inspect"
	"asof/inspect/sample"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

var update = flag.Bool("update", false, "rewrite the golden files and the table of the README")

// asked returns a reader of events, the subject of their stream folded by merge, and
// the interval of the whole stream.
func asked(events []replay.Event) (replay.Reader, replay.Subject, replay.Interval) {
	r := storetest.Memory(events)
	s := replay.Subject{Timeline: replay.StreamTimeline(r, events[0].Stream), Fold: replay.Fold{Reducer: fold.Merge()}}
	return r, s, replay.Interval{From: s.Timeline.Start(), To: s.Timeline.Moment(&events[len(events)-1])}
}

func line[A, B any](answer A, json func(A) B) func(*Writer) error {
	return func(w *Writer) error {
		x := json(answer)
		return w.Line(&x)
	}
}

// answers returns a writer for each golden file, by name.
func answers(t *testing.T) map[string]func(*Writer) error {
	ctx := context.Background()
	shown, failed := sample.Shown()
	none := sample.Diff()
	none.From, none.Changes, none.FromFold, none.Events = replay.Moment{Stream: "cart-42", Position: replay.NoPosition}, nil, "old.js", 0
	diff := func(d *inspect.Diffed, stat bool) func(*Writer) error {
		return line(d, func(d *inspect.Diffed) Diffed { return NewDiffed(d, stat) })
	}
	replayed := func(path string) func(*Writer) error {
		return func(w *Writer) error {
			x, err := NewReplayed(sample.Replayed(), state.Path{Pointer: path})
			if err != nil {
				return err
			}
			return w.Line(&x)
		}
	}
	all := map[string]func(*Writer) error{
		"info": func(w *Writer) error {
			x := NewInfo(sample.Info())
			return w.Line(&x)
		},
		"streams": func(w *Writer) error {
			return Lines(w, sample.Streams, func(s replay.Stream) any { return NewStream(s) })
		},
		"log":         func(w *Writer) error { return w.Log(sample.Log(nil), false) },
		"log-changes": func(w *Writer) error { return w.Log(sample.Log(nil), true) },
		"show":        line(shown, NewShown),
		"show-failed": line(failed, NewShown),
		"replay":      replayed(""),
		"replay-path": replayed("/items/1"),
		"step": func(w *Writer) error {
			for i, e := range sample.Events()[:2] {
				s := &replay.Step{Event: e, Root: sample.Parse(sample.CartBefore), Handled: i == 0}
				if err := w.Line(NewStep(s, e.Moment())); err != nil {
					return err
				}
			}
			return nil
		},
		"diff":      diff(sample.Diff(), false),
		"diff-stat": diff(sample.Diff(), true),
		"diff-none": diff(none, false),
		"diff-all":  line(sample.AllDiffed(), NewAllDiffed),
		"error": func(w *Writer) error {
			return w.Line(NewError(Failure{
				Kind: "fold_failed", Code: 5, Message: "folds/cart.js failed at cart-42@17 (ItemAdded): x is not defined\x1b[2J",
				Near: []string{"s"}, Source: "folds/cart.js:3:2\n\tx.total = 1\n\t^",
			}, "asof show shop.db cart-42@17 shows the event"))
		},
	}
	whoAnswers(ctx, t, all)
	return all
}

func whoAnswers(ctx context.Context, t *testing.T, all map[string]func(*Writer) error) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	events := sample.WhoEvents()
	_, s, i := asked(events)
	whole, err := inspect.Blame(ctx, s, i, "")
	must(err)
	all["blame"] = func(w *Writer) error { return w.Blamed(whole, nil) }
	gone, err := inspect.Removed(ctx, s, i, "")
	must(err)
	all["removed"] = line(gone, NewGone)
	history := func(path string) func(*Writer) error {
		return func(w *Writer) error {
			return Lines(w, inspect.History(ctx, s, i, state.Path{Pointer: "/" + path}, nil), func(e *inspect.Entry) any { return NewHistoryEntry(e) })
		}
	}
	all["history"], all["history-below"] = history("qty"), history("address")
	later := replay.Interval{From: s.Timeline.Moment(&events[2]), To: i.To}
	part, err := inspect.Blame(ctx, s, later, "/address")
	must(err)
	all["blame-range"] = func(w *Writer) error { return w.Blamed(part, nil) }
	events = sample.WhoEvents()
	events[2].Meta.Causation = "command-7"
	r, _, _ := asked(events)
	traced, err := inspect.Trace(ctx, r, &events[3])
	must(err)
	all["trace"] = line(traced, NewTraced)
}

// TestGolden compares the output with files: go test ./inspect/wire -update writes
// them.
func TestGolden(t *testing.T) {
	for name, write := range answers(t) {
		var out bytes.Buffer
		w := NewWriter(&out)
		if err := write(w); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, out.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Errorf("%s differs; got:\n%s", file, out.Bytes())
		}
	}
}

// TestStreamedBlame checks that a streamed blame has the same bytes as the whole struct.
func TestStreamedBlame(t *testing.T) {
	events := sample.WhoEvents()
	_, s, i := asked(events)
	b, err := inspect.Blame(context.Background(), s, i, "")
	if err != nil {
		t.Fatal(err)
	}
	var streamed, whole bytes.Buffer
	one, two := NewWriter(&streamed), NewWriter(&whole)
	x := NewBlamed(b)
	if err := one.Blamed(b, nil); err != nil {
		t.Fatal(err)
	}
	if err := two.Line(&x); err != nil {
		t.Fatal(err)
	}
	_, _ = one.Flush(), two.Flush() // to memory
	if !bytes.Equal(streamed.Bytes(), whole.Bytes()) {
		t.Errorf("streamed\n%s\nwhole\n%s", &streamed, &whole)
	}
}
