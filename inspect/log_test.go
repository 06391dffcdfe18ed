package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// cart is a history in which elements move.
var cart = []string{
	`Add {"items": [{"sku": "a", "qty": 1}]}`,
	`Add {"items": [{"sku": "b", "qty": 1}, {"sku": "a", "qty": 1}]}`, // b before a
	`Set {"items": [{"sku": "b", "qty": 1}, {"sku": "a", "qty": 2}]}`, // of a
	`Set {"items": [{"sku": "b", "qty": 5}, {"sku": "a", "qty": 2}]}`, // of b
	`Cut {"items": [{"sku": "a", "qty": 2}]}`,                         // b is removed
	`Set {"items": [{"sku": "a", "qty": 3}]}`,
	`New {"items": [{"sku": "c", "qty": 3}], "note": "SPRING15 and more"}`, // another in its place
	`Set {"note": "nothing"}`,
}

func TestLogPath(t *testing.T) {
	for _, c := range []struct {
		head int
		path string
		want []int
	}{
		{6, "/items/0", []int{1, 3, 6}},
		{6, "/items/0/qty", []int{1, 3, 6}},
		{6, "/items/0/sku", []int{1}},
		{6, "/items", []int{1, 2, 3, 4, 5, 6}},
		{4, "/items/1/qty", []int{1, 3}},
		{4, "/items/0", []int{2, 4}},
		{7, "/items/0", []int{7}},
		{7, "/items/0/qty", []int{7}},
		{6, "/items/1", []int{3}}, // missing: followed by name
		{6, "/item", nil},
		{8, "/note", []int{7, 8}},
	} {
		t.Run(fmt.Sprint(c.head, c.path), func(t *testing.T) {
			s := subjectOf(t, cart, "")
			tokens, err := state.ParsePointer(c.path)
			if err != nil {
				t.Fatal(err)
			}
			span, _ := between(s, 0, c.head).Span()
			o := inspect.LogOptions{Span: span, Filter: inspect.Filter{Path: tokens}}
			if c.path == "/item" { // it never existed
				var gone *state.PathError
				for _, err := range inspect.Log(context.Background(), s, o) {
					if !errors.As(err, &gone) {
						t.Errorf("%v, want a path error", err)
					}
				}
			} else if got := logged(t, inspect.Log(context.Background(), s, o)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			// The same of that stream among all.
			f := func(replay.StreamID, string) (replay.Fold, error) { return s.Fold, nil }
			w := replay.NewWhole(s.Timeline.Reader)
			cuts, _, err := w.Cuts(context.Background(), &replay.Timeline{Reader: w.Reader, Many: true}, replay.AtVersion(replay.Version(c.head)))
			if err != nil {
				t.Fatal(err)
			}
			if got := logged(t, inspect.LogAll(context.Background(), w, f, cuts[0], o)); !slices.Equal(got, c.want) {
				t.Errorf("of all: got %v, want %v", got, c.want)
			}
		})
	}
}

func logged(t *testing.T, seq func(func(*inspect.Entry, error) bool)) []int {
	t.Helper()
	var out []int
	for e, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, int(e.Event.Version))
	}
	return out
}

// TestPickaxe searches for values that appear and disappear, and for changes.
func TestPickaxe(t *testing.T) {
	has := func(text string) func([]state.Change) bool {
		return func(c []state.Change) bool { return inspect.OccurrenceChange(c, text) != 0 }
	}
	for name, c := range map[string]struct {
		changed func([]state.Change) bool
		want    []int
	}{
		"appears and leaves":     {has("SPRING15"), []int{7, 8}},
		"in a container that is": {has("b"), []int{2, 5}},
		"a path":                 {func(c []state.Change) bool { return inspect.AnyMatch(c, suffix("/qty")) }, []int{1, 2, 3, 4, 5, 6, 7}},
		"a value, new or old":    {func(c []state.Change) bool { return inspect.AnyMatch(c, suffix("more")) }, []int{7, 8}},
		"nothing":                {has("SUMMER"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := subjectOf(t, cart, "")
			o := inspect.LogOptions{Filter: inspect.Filter{Changed: c.changed}}
			if got := logged(t, inspect.Log(context.Background(), s, o)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func suffix(s string) func(string) bool {
	return func(text string) bool { return strings.HasSuffix(text, s) }
}

// TestLogLimits lists from either end, with and without folding.
func TestLogLimits(t *testing.T) {
	for _, changes := range []bool{false, true} {
		s := subjectOf(t, cart, "")
		for _, c := range []struct {
			o    inspect.LogOptions
			want []int
		}{
			{inspect.LogOptions{Limit: 2}, []int{1, 2}},
			{inspect.LogOptions{Limit: 2, Reverse: true}, []int{8, 7}},
			{inspect.LogOptions{Reverse: true, Filter: inspect.Filter{Types: []string{"Add", "Cut"}}}, []int{5, 2, 1}},
			{inspect.LogOptions{Span: replay.Between[replay.Version](3, 5)}, []int{3, 4, 5}},
		} {
			c.o.Changes = changes
			if got := logged(t, inspect.Log(context.Background(), s, c.o)); !slices.Equal(got, c.want) {
				t.Errorf("%+v: got %v, want %v", c.o, got, c.want)
			}
		}
	}
}

// TestLogReturnsTheError checks that no log ends early without an error.
func TestLogReturnsTheError(t *testing.T) {
	events := eventsOf(cart)
	events[5].Data = []byte(`{"items": `)
	for _, o := range []inspect.LogOptions{
		{Changes: true},
		{Changes: true, Reverse: true},
		{Filter: inspect.Filter{Path: []string{"items", "0"}}},
	} {
		js, err := js.Load("read.js", "fromAll().when({ $any(s, e) { return e.data; } })", js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s := replay.Subject{Timeline: replay.StreamTimeline(storetest.Memory(events), "s-1"), Fold: replay.Fold{Reducer: js}}
		var last error
		for _, err := range inspect.Log(context.Background(), s, o) {
			last = err
		}
		if last == nil {
			t.Errorf("%+v: the payload of 6 is broken, without an error", o)
		}
	}
}
