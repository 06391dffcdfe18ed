package inspect_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// TestDiffAll compares the diff of all streams with a diff of each stream.
func TestDiffAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		lines := anyHistory(30).Draw(t, "history")
		var events []replay.Event
		versions := map[replay.StreamID]replay.Version{}
		for i, e := range eventsOf(lines) {
			e.Stream = replay.StreamID(fmt.Sprint("s-", rapid.IntRange(0, 3).Draw(t, "stream")))
			e.Category = "odd"
			if e.Stream == "s-0" || e.Stream == "s-2" {
				e.Category = "even"
			}
			versions[e.Stream]++
			e.Version, e.Position = versions[e.Stream], replay.Position(10*(i+1))
			events = append(events, e)
		}
		r := storetest.Memory(events)
		js, err := js.Load("test.js", inPlace, js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		f := replay.Fold{Reducer: js}
		w := replay.NewWhole(r)
		at := func(n int) replay.Cut {
			if n == 0 {
				return inspecttest.CutAt(t, w, w.Reader, nil)
			}
			return inspecttest.CutAt(t, w, w.Reader, &events[n-1])
		}
		from := rapid.IntRange(0, len(events)).Draw(t, "from")
		to := rapid.IntRange(max(from, 1), len(events)).Draw(t, "to")
		d, err := inspect.DiffAll(ctx, w, func(replay.StreamID, string) (replay.Fold, error) { return f, nil }, at(from), at(to))
		if err != nil {
			t.Fatal(err)
		}
		found := map[replay.StreamID]inspect.StreamDiff{}
		most := int64(1 << 60)
		for _, s := range d.Largest {
			if s.Changes() > most {
				t.Fatalf("%v is not in order", d.Largest)
			}
			most = s.Changes()
			found[s.Stream] = s
		}
		changed := 0
		for id := range versions {
			s := replay.Subject{Timeline: replay.StreamTimeline(r, id), Fold: f}
			a, b := lastOf(s.Timeline, events[:from], id), lastOf(s.Timeline, events[:to], id)
			one, err := inspect.DiffRange(ctx, s, a, b)
			if err != nil {
				t.Fatal(err)
			}
			got := found[id]
			if n := len(state.Diff(one.A, one.B, state.DiffOptions{})); int64(n) != got.Changes() || n > 0 && got.Events != one.Events {
				t.Fatalf("%s: %d changes by %d events, not %+v", id, n, one.Events, got)
			} else if n > 0 {
				changed++
				if got.New != a.IsStart() || got.To != b.Version() {
					t.Fatalf("%s: %+v", id, got)
				}
			}
		}
		byCategory := int64(0)
		for _, c := range d.Categories {
			byCategory += c.Changed
		}
		if int(d.Changed) != changed || byCategory != d.Changed || len(d.Largest) != changed {
			t.Fatalf("%d changed, not %+v", changed, d)
		}
	})
}

// lastOf is the moment of the last of the events that belongs to the stream.
func lastOf(t *replay.Timeline, events []replay.Event, id replay.StreamID) replay.Moment {
	m := t.Start()
	for i := range events {
		if events[i].Stream == id {
			m = t.Moment(&events[i])
		}
	}
	return m
}

// TestDiffAllLongHistory has more changes than are kept as changes.
func TestDiffAllLongHistory(t *testing.T) {
	var events []replay.Event
	for i := range 2000 {
		events = append(events, replay.Event{
			Stream: "s", Version: replay.Version(i + 1), Position: replay.Position(i + 1), Type: "Set",
			Data: fmt.Appendf(nil, `{"k%d": %d}`, i%7, i), Time: time.Unix(int64(i), 0),
		})
	}
	w := replay.NewWhole(storetest.Memory(events))
	f := replay.Fold{Reducer: fold.Merge()}
	d, err := inspect.DiffAll(context.Background(), w, func(replay.StreamID, string) (replay.Fold, error) { return f, nil },
		inspecttest.CutAt(t, w, w.Reader, &events[4]), inspecttest.CutAt(t, w, w.Reader, &events[1999]))
	if err != nil {
		t.Fatal(err)
	}
	want := inspect.StreamDiff{Stream: "s", From: 5, To: 2000, Events: 1995, Added: 2, Replaced: 5}
	if len(d.Largest) != 1 || d.Largest[0] != want {
		t.Errorf("got %+v, want %+v", d.Largest, want)
	}
}
