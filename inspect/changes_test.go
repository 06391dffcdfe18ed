package inspect_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// TestLogMakesDiff joins the changes of log -p: they equal the diff from the start to
// the head, and between any two points.
func TestLogMakesDiff(t *testing.T) {
	eachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			ctx := context.Background()
			s := subjectOf(t, anyHistory(25).Draw(t, "history"), script)
			head := headOf(t, s)
			a := rapid.IntRange(0, head).Draw(t, "a")
			b := rapid.IntRange(a, head).Draw(t, "b")
			d, err := inspect.DiffRange(ctx, s, between(s, a, b).From, between(s, a, b).To)
			if err != nil {
				t.Fatal(err)
			}
			at := d.A
			if span, ok := between(s, a, b).Span(); ok {
				for e, err := range inspect.Log(ctx, s, inspect.LogOptions{Span: span, Changes: true}) {
					if err != nil {
						t.Fatal(err)
					}
					if at, err = state.Apply(at, e.Changes); err != nil {
						t.Fatalf("the changes of %d: %v", e.Event.Version, err)
					}
				}
			}
			if !state.Equal(at, d.B) {
				t.Fatalf("log -p leads to %s, not to %s", text(at), text(d.B))
			}
			if v, err := state.Apply(d.A, d.Changes); err != nil || !state.Equal(v, d.B) {
				t.Fatalf("the diff leads to %s, not to %s: %v", text(v), text(d.B), err)
			}
			if d.Events != int64(b-a) {
				t.Fatalf("%d events in %d..%d", d.Events, a, b)
			}
			back, err := inspect.DiffRange(ctx, s, d.To, d.From)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := state.Apply(d.B, back.Changes); err != nil || !state.Equal(v, d.A) {
				t.Fatalf("back to %s: %v", text(v), err)
			}
		})
	})
}

// TestStylesAgree checks that both styles of writing a projection give the same states.
func TestStylesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyHistory(25).Draw(t, "history")
		a, b := subjectOf(t, events, inPlace), subjectOf(t, events, anew)
		end := between(a, 0, headOf(t, a)).To
		d, err := inspect.DiffFolds(context.Background(), a, b, end)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Changes) > 0 {
			t.Fatalf("they differ from %v on: %s", d.Parted, patch(d.Changes))
		}
	})
}

func text(v state.Value) string           { return string(state.AppendSorted(nil, v)) }
func patch(changes []state.Change) string { return string(state.AppendPatch(nil, changes)) }

// TestRemoved compares blame --reverse with a walk over the changes.
func TestRemoved(t *testing.T) {
	eachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			ctx := context.Background()
			s := subjectOf(t, anyHistory(25).Draw(t, "history"), script)
			head := headOf(t, s)
			a := rapid.IntRange(0, head).Draw(t, "a")
			i := between(s, a, head)
			g, err := inspect.Removed(ctx, s, i, "")
			if err != nil {
				t.Fatal(err)
			}
			before := head + 1
			for _, r := range g.Paths {
				v := int(r.By.Moment.Version())
				if v > before || v <= a {
					t.Fatalf("%s was removed at %d, after one at %d", r.Path, v, before)
				}
				before = v
			}
			checkRemovals(ctx, t, s, i, g)
		})
	})
}

func checkRemovals(ctx context.Context, t *rapid.T, s replay.Subject, i replay.Interval, g *inspect.Gone) {
	end, _, err := s.StateAt(ctx, i.To)
	if err != nil {
		t.Fatal(err)
	}
	start, _, err := s.StateAt(ctx, i.From)
	if err != nil {
		t.Fatal(err)
	}
	// Every member of the root that existed and is missing now is listed.
	if start.Kind() != state.Object || end.Kind() != state.Object {
		return
	}
	start.Node().Each(func(key string, _ state.Value) bool {
		if !end.Node().Get(key).IsAbsent() {
			return true
		}
		path := string(state.AppendToken(nil, key))
		last := 0
		for _, v := range versions(t, s, spanOf(i, key)) {
			last = v
		}
		for _, r := range g.Paths {
			if r.Path == path {
				if int(r.By.Moment.Version()) != last {
					t.Fatalf("%s was removed at %d, not at %d", path, r.By.Moment.Version(), last)
				}
				return true
			}
		}
		t.Fatalf("%s is gone, but no event removed it", path)
		return true
	})
}

func spanOf(i replay.Interval, key string) inspect.LogOptions {
	span, _ := i.Span()
	return inspect.LogOptions{Span: span, Filter: inspect.Filter{Path: []string{key}}}
}
