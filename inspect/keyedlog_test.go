package inspect_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay/state"
)

var keyedPaths = []string{"/g[id=a]", "/g[id=a]/n", "/g[id=a]/l/0", "/g/0/l[id=a]/n", "/g/1/l[id=b]", "/g[id=b]/l[id=a]", "/g[id=a]/l/1/n"}

// TestLogOfKeys holds the log of a path with keys, and with indexes too, to what
// is at the path before and after each event.
func TestLogOfKeys(t *testing.T) {
	listed := 0
	rapid.Check(t, func(rt *rapid.T) {
		var history []string
		for range rapid.IntRange(1, 8).Draw(rt, "events") {
			history = append(history, `Set {"g": `+groups(2).Draw(rt, "groups")+`}`)
		}
		s := subjectOf(t, history, "")
		p, err := state.ParsePath(rapid.SampledFrom(keyedPaths).Draw(rt, "path"))
		if err != nil {
			rt.Fatal(err)
		}
		span, _ := between(s, 0, len(history)).Span()
		var want []int
		was := valuesAt(state.Value{}, p)
		for i := range history {
			root, _, err := s.StateAt(context.Background(), between(s, 0, i+1).To)
			if err != nil {
				rt.Fatal(err)
			}
			is := valuesAt(root, p)
			if !slices.Equal(was, is) {
				want = append(want, i+1)
			}
			was = is
		}
		got := logOf(rt, inspect.Log(context.Background(), s, inspect.LogOptions{Span: span, Changes: true, Filter: inspect.Filter{Keyed: p}}))
		if !slices.Equal(got, want) {
			rt.Fatalf("%s of\n%s\nis listed at %v, and changed at %v", p, strings.Join(history, "\n"), got, want)
		}
		listed += len(got)
	})
	if listed == 0 {
		t.Error("nothing is listed")
	}
}

// groups is an array of objects with an id, each with such an array in it.
func groups(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var all []string
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "ids") {
			one := fmt.Sprintf(`{"id": %q, "n": %d`, id, rapid.IntRange(1, 2).Draw(t, "n"))
			if depth > 1 {
				one += `, "l": ` + groups(depth-1).Draw(t, "l")
			}
			all = append(all, one+"}")
		}
		return "[" + strings.Join(all, ", ") + "]"
	})
}

func logOf(t *rapid.T, seq func(func(*inspect.Entry, error) bool)) (out []int) {
	for e, err := range seq {
		if err != nil {
			if len(out) == 0 { // what is never there is refused
				return nil
			}
			t.Fatal(err)
		}
		out = append(out, int(e.Event.Version))
	}
	return out
}

func valuesAt(root state.Value, p state.Path) (all []string) {
	for _, pointer := range p.FindAll(root) {
		v, _ := state.Lookup(root, pointer)
		all = append(all, string(state.AppendJSON(nil, v)))
	}
	return all
}

// TestLogOfKeysMovedInside lists an event that only moved an element inside the element of a
// path, which itself stayed where it was.
func TestLogOfKeysMovedInside(t *testing.T) {
	history := []string{
		`Set {"g": [{"id": "a", "l": [{"id": "b"}, {"id": "c"}]}]}`,
		`Set {"g": [{"id": "a", "l": [{"id": "c"}, {"id": "b"}]}]}`,
	}
	p, err := state.ParsePath("/g[id=a]")
	if err != nil {
		t.Fatal(err)
	}
	s := subjectOf(t, history, "")
	span, _ := between(s, 0, len(history)).Span()
	listed := 0
	for _, err := range inspect.Log(t.Context(), s, inspect.LogOptions{Span: span, Changes: true, Filter: inspect.Filter{Keyed: p}}) {
		if err != nil {
			t.Fatal(err)
		}
		listed++
	}
	if listed != len(history) {
		t.Errorf("%d events are listed, want %d", listed, len(history))
	}
}
