package replay_test

import (
	"slices"
	"testing"

	"asof/replay"
	"asof/replay/store/storetest"
)

// TestHeldEventsAreBounded reads streams with no room for events that wait.
func TestHeldEventsAreBounded(t *testing.T) {
	defer replay.SetHeldMost(replay.SetHeldMost(1))
	var events []replay.Event
	for v := range 50 {
		for _, id := range []replay.StreamID{"a", "b", "c"} {
			position := 1000 - 3*v
			if id == "c" {
				position = 2000 + v
			}
			if id == "b" {
				position--
			}
			events = append(events, replay.Event{Stream: id, Version: replay.Version(v), Position: replay.Position(position), Type: "Set", Data: []byte(`{}`)})
		}
	}
	w := replay.NewWhole(storetest.Memory(events))
	if err := w.Survey(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := w.Disordered(); !slices.Equal(got, []replay.StreamID{"a", "b"}) {
		t.Errorf("disordered: %v", got)
	}
	next := map[replay.StreamID]replay.Version{}
	for e, err := range w.Events(t.Context(), replay.WholeQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Version != next[e.Stream] {
			t.Fatalf("%s@%d comes before %d", e.Stream, e.Version, next[e.Stream])
		}
		next[e.Stream]++
	}
	if next["a"] != 50 || next["b"] != 50 || next["c"] != 50 {
		t.Error(next)
	}
}
