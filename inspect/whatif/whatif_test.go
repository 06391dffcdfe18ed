package whatif_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/inspecttest"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
)

// TestImagine compares a simulated history with the same history written out and
// folded.
func TestImagine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := inspecttest.Numbers(rt, 2, 20)
		s := inspecttest.MergeSubject(events)
		place := rapid.IntRange(0, len(events)-1)
		dropped := map[int]bool{}
		mine := slices.Clone(events)      // by place
		after := map[int][]replay.Event{} // inserted
		var edits []whatif.Edit
		for range rapid.IntRange(1, 5).Draw(rt, "edits") {
			i := place.Draw(rt, "place")
			if dropped[i] {
				continue
			}
			e := whatif.Edit{At: events[i].Version}
			value := fmt.Sprintf(`{"v": %d}`, rapid.IntRange(20, 29).Draw(rt, "value"))
			switch e.Kind = rapid.SampledFrom([]whatif.EditKind{whatif.Drop, whatif.Set, whatif.Insert, whatif.Swap}).Draw(rt, "kind"); e.Kind {
			case whatif.Drop:
				dropped[i] = true
			case whatif.Set:
				e.Path, e.Value = []string{"data"}, mustValue(rt, value)
				mine[i].Data = []byte(value)
			case whatif.Insert:
				e.Event = &replay.Event{Type: "Set", Data: []byte(value)}
				after[i] = append(after[i], *e.Event)
			case whatif.Swap:
				j := place.Draw(rt, "other")
				if dropped[j] || j == i {
					continue
				}
				e.Other = events[j].Version
				mine[i], mine[j] = mine[j], mine[i]
			}
			edits = append(edits, e)
		}
		var flat []replay.Event
		for i, e := range mine {
			if !dropped[i] {
				flat = append(flat, e)
			}
			flat = append(flat, after[i]...)
		}
		for i := range flat {
			flat[i].Stream, flat[i].Version, flat[i].Position = "s", replay.Version(i), replay.Position(i+1)
		}
		want, err := replay.InitialState(context.Background(), s.Fold)
		if err != nil {
			rt.Fatal(err)
		}
		if len(flat) > 0 {
			byHand := inspecttest.MergeSubject(flat)
			if want, _, err = byHand.StateAt(context.Background(), inspecttest.MomentAt(rt, byHand, replay.AtVersion(replay.Version(len(flat)-1)))); err != nil {
				rt.Fatal(err)
			}
		}
		ans, err := whatif.Run(context.Background(), s, inspecttest.MomentAt(rt, s, replay.AtVersion(events[len(events)-1].Version)), edits, state.Path{})
		if err != nil {
			rt.Fatal(err)
		}
		if !state.Equal(ans.Would, want) {
			rt.Fatalf("it would be %s, want %s", state.AppendJSON(nil, ans.Would), state.AppendJSON(nil, want))
		}
		if got, err := state.Apply(ans.Was, ans.Changes); err != nil || !state.Equal(got, want) {
			rt.Fatalf("the changes make %s (%v), want %s", state.AppendJSON(nil, got), err, state.AppendJSON(nil, want))
		}
	})
}

func mustValue(t *rapid.T, text string) state.Value {
	v, err := state.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestImagineErrors checks that impossible edits are errors.
func TestImagineErrors(t *testing.T) {
	s := inspecttest.MergeSubject([]replay.Event{
		{Stream: "s", Version: 1, Type: "Set", Data: []byte(`{"v": 1, "list": [1]}`)},
		{Stream: "s", Version: 2, Type: "Set", Data: []byte(`{"v": 2}`)},
		{Stream: "s", Version: 3, Type: "Sealed", Opaque: "encrypted"},
	})
	set := func(path, value string) whatif.Edit {
		p, err := state.ParsePointer(path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := state.Parse([]byte(value))
		if err != nil {
			t.Fatal(err)
		}
		return whatif.Edit{Kind: whatif.Set, At: 1, Path: p, Value: v}
	}
	at := inspecttest.MomentAt(t, s, replay.AtVersion(2))
	var notFound *replay.NotFoundError
	var event *whatif.EventError
	var path *state.PathError
	var opaque *replay.OpaqueError
	sealed := set("/data/v", "1")
	sealed.At = 3
	for _, tt := range []struct {
		name  string
		edits []whatif.Edit
		path  string
		at    replay.Moment
		want  any
	}{
		{"no such version", []whatif.Edit{{Kind: whatif.Drop, At: 9}}, "", at, &notFound},
		{"after the point", []whatif.Edit{{Kind: whatif.Drop, At: 3}}, "", at, &notFound},
		{"dropped before", []whatif.Edit{{Kind: whatif.Drop, At: 1}, {Kind: whatif.Swap, At: 2, Other: 1}}, "", at, &event},
		{"no such place", []whatif.Edit{set("/data/a/b", "1")}, "", at, &event},
		{"past the list", []whatif.Edit{set("/data/list/7", "1")}, "", at, &event},
		{"no such part", []whatif.Edit{set("/stream", `"t"`)}, "", at, &event},
		{"no text", []whatif.Edit{set("/type", "1")}, "", at, &event},
		{"no time", []whatif.Edit{set("/time", `"noon"`)}, "", at, &event},
		{"no revision", []whatif.Edit{set("/revision", "1.5")}, "", at, &event},
		{"below a text", []whatif.Edit{set("/type/x", `"a"`)}, "", at, &event},
		{"everything", []whatif.Edit{set("", "1")}, "", at, &event},
		{"no such path", []whatif.Edit{{Kind: whatif.Drop, At: 1}}, "/nothing", at, &path},
		{"sealed", []whatif.Edit{sealed}, "", inspecttest.MomentAt(t, s, replay.Head()), &opaque},
	} {
		_, err := whatif.Run(context.Background(), s, tt.at, tt.edits, state.Path{Pointer: tt.path})
		if err == nil || !errors.As(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestPlaces checks the place of each event in a simulated history.
func TestPlaces(t *testing.T) {
	var events []replay.Event
	for v := replay.Version(1); v <= 4; v++ {
		events = append(events, replay.Event{Stream: "s", Category: "c", Version: v, Position: replay.Position(10 * v), Type: fmt.Sprint("E", v), Data: []byte(`{}`)})
	}
	js, err := js.LoadInline("the script", "(s.seen ??= []).push(`${e.type}@${e.version}/${e.position}${e.streamId}`)", js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s := inspecttest.MergeSubject(events)
	s.Fold.Reducer = js
	at := inspecttest.MomentAt(t, s, replay.Head())
	put := func(e whatif.Edit, typ string) whatif.Edit {
		e.Kind, e.Event = whatif.Insert, &replay.Event{Type: typ, Data: []byte(`1`)}
		return e
	}
	ans, err := whatif.Run(context.Background(), s, at, []whatif.Edit{
		{Kind: whatif.Swap, At: 1, Other: 3},
		{Kind: whatif.Drop, At: 2},
		put(whatif.Edit{At: 3}, "New"), put(whatif.Edit{First: true}, "First"),
	}, state.Path{Pointer: "/seen"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"seen":["First@0/nulls","E3@1/10s","E1@3/30s","New@3/30s","E4@4/40s"]}`
	if got := string(state.AppendJSON(nil, ans.Would)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestSetInEvent sets each part that can be set.
func TestSetInEvent(t *testing.T) {
	s := inspecttest.MergeSubject([]replay.Event{{Stream: "s", Version: 1, Type: "Set", Data: []byte(`{"a": {"b": [1, 2]}, "n": 9007199254740993}`)}})
	at := inspecttest.MomentAt(t, s, replay.Head())
	for _, tt := range []struct{ path, value, want string }{
		{"/data/a/b/1", "7", `{"a":{"b":[1,7]},"n":9007199254740993}`},
		{"/data/a/b/2", "7", `{"a":{"b":[1,2,7]},"n":9007199254740993}`},
		{"/data/a/c", `"x"`, `{"a":{"b":[1,2],"c":"x"},"n":9007199254740993}`},
		{"/data", `{"z": 0.10}`, `{"z":0.10}`},
		{"/type", `"Other"`, `{"a":{"b":[1,2]},"n":9007199254740993}`},
	} {
		p, err := state.ParsePointer(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := state.Parse([]byte(tt.value))
		if err != nil {
			t.Fatal(err)
		}
		ans, err := whatif.Run(context.Background(), s, at, []whatif.Edit{{Kind: whatif.Set, At: 1, Path: p, Value: v}}, state.Path{})
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		if got := string(state.AppendJSON(nil, ans.Would)); got != tt.want {
			t.Errorf("%s=%s gives %s, want %s", tt.path, tt.value, got, tt.want)
		}
	}
}

// TestEventFrom parses inserted events.
func TestEventFrom(t *testing.T) {
	e, err := whatif.EventFrom([]byte(`{"type": "A", "data": {"x": 0.10}, "actor": "ada", "revision": 2, "time": "2026-03-01T12:00:00Z", "metadata": {"k": 1}, "id": null, "version": 7}`))
	if err != nil {
		t.Fatal(err)
	}
	if e.Type != "A" || string(e.Data) != `{"x":0.10}` || e.Meta.Actor != "ada" || e.Revision != 2 || e.Time.Year() != 2026 || string(e.Meta.Raw) != `{"k":1}` || e.Version != 0 {
		t.Errorf("%+v", e)
	}
	for _, bad := range []string{``, `[]`, `{"type": "A"}`, `{"data": 1}`, `{"type": "", "data": 1}`, `{"type": 1, "data": 1}`, `{"type": "A", "data": 1, "odd": 2}`, `{"type": "A", "data": 1, "revision": 2.5}`} {
		if _, err := whatif.EventFrom([]byte(bad)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

// FuzzEventFrom checks that any text gives an event or an error.
func FuzzEventFrom(f *testing.F) {
	f.Add([]byte(`{"type": "A", "data": {"x": 0.10}, "revision": 2}`))
	f.Add([]byte(`{"type": "A", "data": null, "time": "2026-03-01T12:00:00Z", "metadata": {}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := whatif.EventFrom(text)
		if err == nil && (e.Type == "" || e.Data == nil) {
			t.Errorf("%q gives %+v", text, e)
		}
	})
}

// TestRest compares what each later event would change with the simulated states before
// and after it.
func TestRest(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := inspecttest.Numbers(rt, 2, 20)
		s := inspecttest.MergeSubject(events)
		head := inspecttest.MomentAt(rt, s, replay.Head())
		i := rapid.IntRange(0, len(events)-1).Draw(rt, "place")
		e := whatif.Edit{At: events[i].Version, Kind: rapid.SampledFrom([]whatif.EditKind{whatif.Drop, whatif.Set}).Draw(rt, "kind")}
		if e.Kind == whatif.Set {
			e.Path, e.Value = []string{"data"}, mustValue(rt, fmt.Sprintf(`{"v": %d, "w": 1}`, rapid.IntRange(0, 29).Draw(rt, "value")))
		}
		most := rapid.IntRange(1, 25).Draw(rt, "most")
		got, err := whatif.Rest(context.Background(), s, head, []whatif.Edit{e}, most)
		if err != nil {
			rt.Fatal(err)
		}
		if want := len(events) - i; len(got.Steps) != min(want, most) && !(e.Kind == whatif.Drop && got.More) || got.More != (want > most) && e.Kind == whatif.Set {
			rt.Fatalf("%d steps of %d from event %d on, at most %d; more: %v", len(got.Steps), len(events), i+1, most, got.More)
		}
		for _, step := range got.Steps {
			r, err := whatif.Run(context.Background(), s, head.WithVersion(step.At.Version()), []whatif.Edit{e}, state.Path{})
			if err != nil {
				rt.Fatal(err)
			}
			if dropped := e.Kind == whatif.Drop && step.At.Version() == e.At; dropped != (step.Would == nil) || step.Was == nil {
				rt.Fatalf("at %d: %+v", step.At.Version(), step)
			}
			leads(rt, step.Was, r.Was)
			leads(rt, step.Would, r.Would)
		}
	})
}

// leads checks that a state has what changes set.
func leads(t *rapid.T, e *whatif.Effect, to state.Value) {
	if e == nil {
		return
	}
	for _, c := range e.Changes {
		path, err := state.ParsePath(c.Path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := path.Lookup(to)
		if (c.Op == state.OpRemove) != (err != nil) || err == nil && !state.Equal(got, c.To) {
			t.Fatalf("%v %s to %s, but the state is %s", c.Op, c.Path, state.AppendJSON(nil, c.To), state.AppendJSON(nil, to))
		}
	}
}
