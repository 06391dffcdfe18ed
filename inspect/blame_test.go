package inspect_test

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// versions of the events of a log
func versions(t *rapid.T, s replay.Subject, o inspect.LogOptions) []int {
	var out []int
	for e, err := range inspect.Log(context.Background(), s, o) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, int(e.Event.Version))
	}
	return out
}

// TestBlame compares blame, history and log --path with the oracle, for every path in
// the states of random histories.
func TestBlame(t *testing.T) {
	eachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			s := subjectOf(t, anyHistory(25).Draw(t, "history"), script)
			head := headOf(t, s)
			from := rapid.IntRange(0, head).Draw(t, "from")
			i := between(s, from, head)
			o := opinion(t, s, head)
			b, err := inspect.Blame(context.Background(), s, i, "")
			if err != nil {
				t.Fatal(err)
			}
			checkBlame(t, o, b, from)
			checkHistory(t, s, o, b.State, i)
		})
	})
}

func headOf(t *rapid.T, s replay.Subject) int {
	m, _, err := s.Timeline.Resolve(context.Background(), replay.Head())
	if err != nil {
		t.Fatal(err)
	}
	return int(m.Version())
}

// opinion feeds the whole history to the oracle.
func opinion(t *rapid.T, s replay.Subject, head int) *oracle {
	init, err := replay.InitialState(context.Background(), s.Fold)
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{root: &slot{}}
	o.root.put(init, 0)
	for e, err := range inspect.Log(context.Background(), s, inspect.LogOptions{Changes: true}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Changes {
			o.apply(c, int(e.Event.Version))
		}
	}
	return o
}

func checkBlame(t *rapid.T, o *oracle, b *inspect.Blamed, from int) {
	seen := map[string]bool{}
	b.Each(func(p inspect.PathBlame) bool {
		seen[p.Path] = true
		slot, _ := o.at(p.Path)
		last := slot.hist[len(slot.hist)-1]
		switch {
		case p.By.Event != nil:
			if int(p.By.Event.Version) != last || last <= from {
				t.Fatalf("%s is blamed on %d, of %v", p.Path, p.By.Event.Version, slot.hist)
			}
		case p.How == inspect.HowInit && last != 0, p.How == inspect.HowBefore && (last == 0 || last > from):
			t.Fatalf("%s is %s, of %v", p.Path, p.How, slot.hist)
		}
		if p.How == inspect.HowSubtree {
			up, _ := o.at(p.Subtree)
			if !state.HasPrefix(p.Path, p.Subtree) || p.Path == p.Subtree || !slices.Contains(up.hist, last) {
				t.Fatalf("%s came with %q", p.Path, p.Subtree)
			}
		}
		v, err := state.Lookup(b.State, p.Path)
		if err != nil || !state.Equal(v, p.Value) {
			t.Fatalf("%s: %v, %v", p.Path, p.Value, err)
		}
		return true
	})
	paths(b.State, "", func(path string, v state.Value) {
		leaf := !v.IsContainer() || v.Node().Len() == 0
		if leaf != seen[path] && !v.IsAbsent() {
			t.Fatalf("%q: listed %t", path, seen[path])
		}
	})
}

func checkHistory(t *rapid.T, s replay.Subject, o *oracle, root state.Value, i replay.Interval) {
	span, ok := i.Span()
	if !ok {
		return
	}
	paths(root, "", func(path string, v state.Value) {
		tokens, _ := state.ParsePointer(path)
		if len(tokens) == 0 {
			return
		}
		got := versions(t, s, inspect.LogOptions{Span: span, Filter: inspect.Filter{Path: tokens}})
		slot, elem := o.at(path)
		lo, _ := span.Lo()
		var want []int
		for _, version := range slot.hist {
			if version > 0 && version >= int(lo) {
				want = append(want, version)
			}
		}
		if elem && len(want) < len(got) { // of an earlier array in that place
			got = got[len(got)-len(want):]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("log --path %s: %v, not %v", path, got, want)
		}
		var back []int
		for e, err := range inspect.History(context.Background(), s, i, state.Path{Pointer: inspect.Pointer(tokens)}, nil) {
			if err != nil {
				t.Fatal(err)
			}
			back = append(back, int(e.Event.Version))
			if len(e.Here) == 0 {
				t.Fatalf("history of %s: nothing happened at %d", path, e.Event.Version)
			}
		}
		slices.Reverse(back)
		all := versions(t, s, inspect.LogOptions{Span: span, Filter: inspect.Filter{Path: tokens}})
		if !slices.Equal(back, all) {
			t.Fatalf("history of %s: %v, but log --path: %v", path, back, all)
		}
	})
}
