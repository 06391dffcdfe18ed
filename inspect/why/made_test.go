package why_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/why"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// TestMadeFromCauses follows a value through the payloads of the causes, and compares with a
// search of all events.
func TestMadeFromCauses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []replay.Event
		n := rapid.IntRange(1, 6).Draw(t, "events")
		for i := range n {
			v := rapid.SampledFrom([]string{"215.40", "215.4", "99.5", `"ABC"`, "7", "null"})
			e := replay.Event{
				Stream: replay.StreamID(fmt.Sprint("s", i)), Version: 1, Position: replay.Position(i + 1), Type: "T", ID: fmt.Sprint("id-", i),
				Data: fmt.Appendf(nil, `{"a":%s,"b":{"a":%s},"c":%s}`, v.Draw(t, "a"), v.Draw(t, "b"), v.Draw(t, "c")),
			}
			if rapid.IntRange(0, 4).Draw(t, "caused") > 0 { // perhaps by itself, by a later one, or by none
				e.Meta.Causation = fmt.Sprint("id-", rapid.IntRange(0, n).Draw(t, "cause"))
			}
			all = append(all, e)
		}
		script, err := js.Load("fold.js", "fromAll().when({ $init: () => ({ x: null }), T(s, e) { s.x = e.data.a } })", js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		last := all[n-1]
		timeline := replay.StreamTimeline(storetest.Memory(all), last.Stream)
		a, err := why.Ask(context.Background(), replay.Subject{Timeline: timeline, Fold: replay.Fold{Reducer: script}}, timeline.Moment(&last), "/x", why.Options{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(a.Root.Inputs, func(in *why.Input) bool { return in.From == replay.FromPayload && in.Path == "/a" })
		if i < 0 || a.Root.Inputs[i].Verdict != why.Matters {
			return // it is null, as before
		}
		var got []string
		for _, m := range a.Root.Inputs[i].Made {
			got = append(got, m.Event.ID+m.Path)
		}
		if want := madeFrom(t, all, last, a.Root.Inputs[i].Value); !slices.Equal(got, want) {
			t.Fatalf("%v was made from %v, not from %v", a.Root.Inputs[i].Value.Text(), want, got)
		}
	})
}

// madeFrom is the answer by brute force. Each payload has the paths /a, /b/a and /c.
func madeFrom(t *rapid.T, all []replay.Event, e replay.Event, v state.Value) (made []string) {
	path, seen := "/a", map[string]bool{e.ID: true} // of causes that lead back to it
	for len(made) < 8 && len(v.Text()) > 1 {
		i := slices.IndexFunc(all, func(c replay.Event) bool { return c.ID == e.Meta.Causation })
		if i < 0 || seen[all[i].ID] {
			break
		}
		seen[all[i].ID] = true
		body, err := state.Parse(all[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		var equal, named []string
		for _, p := range []string{"/a", "/b/a", "/c"} {
			if state.Equal(get(body, p), v) {
				equal = append(equal, p)
				if p != "/c" == (path != "/c") {
					named = append(named, p)
				}
			}
		}
		switch {
		case slices.Contains(equal, path):
		case len(named) == 1:
			path = named[0]
		case len(equal) == 1:
			path = equal[0]
		default:
			return made
		}
		made, e = append(made, all[i].ID+path), all[i]
	}
	return made
}

// TestAnInputThatMovesTheResult tries an input that moves the array that the event changed
// parts of to another index.
func TestAnInputThatMovesTheResult(t *testing.T) {
	s := subject(t, `fromAll().when({
  $init: () => ({list: []}),
  First(s, e) { s.list.unshift({n: 1}); },
  Add(s, e) { s.list.push({n: 2, in: []}); },
  Grow(s, e) { s.list[s.list.length - 1].in.push(s.list.length); },
})`, "Add {}", "First {}", "Grow {}")
	a, err := why.Ask(context.Background(), s, at(3), "/list/1/in", why.Options{Depth: 1})
	if err != nil {
		t.Fatal(err)
	}
	if a.Root.Event == nil || a.Root.Event.Version != 3 || len(a.Root.Inputs) == 0 {
		t.Fatalf("%+v", a.Root)
	}
}

// TestDeepValues asks for a value that is nested nearly as deeply as a state may be: it does not
// contain itself.
func TestDeepValues(t *testing.T) {
	const depth = 9990
	for name, data := range map[string]string{
		"arrays":  strings.Repeat("[", depth) + "1" + strings.Repeat("]", depth),
		"objects": strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth),
	} {
		s := subject(t, "fromAll().when({ $init: () => ({x: 1}), A(s, e) { s.x = e.data.p }, B(s, e) { s.y = s.x } })", `A {"p":`+data+`}`, `B {}`)
		a, err := why.Ask(context.Background(), s, at(2), "/y", why.Options{Depth: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Root.Inputs) != 1 || a.Root.Inputs[0].Verdict != why.Matters || a.Root.Inputs[0].Fails != "" || a.Root.Inputs[0].Would.Text() != "1" {
			t.Errorf("%s: %+v", name, a.Root.Inputs)
		}
	}
}
