package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/store/storetest"
)

// caused parses events of the form "id cause correlation", one per stream.
func caused(lines ...string) []replay.Event {
	var events []replay.Event
	for i, l := range lines {
		f := append(strings.Fields(l), "-", "-")
		for j, s := range f {
			if s == "-" {
				f[j] = ""
			}
		}
		events = append(events, replay.Event{
			Stream: replay.StreamID(fmt.Sprint("s", i)), Version: 1, Position: replay.Position(i + 1), ID: f[0], Type: "T",
			Meta: replay.Meta{Causation: f[1], Correlation: f[2]},
		})
	}
	return events
}

// drawn writes a tree as a(b c(d)), with the asked event marked.
func drawn(c *inspect.Caused) string {
	s := c.Event.ID
	if c.Asked {
		s += "!"
	}
	if c.Missing != "" {
		s = c.Missing + "?" + s
	}
	if c.Looped {
		s += "~"
	}
	var parts []string
	for _, k := range c.Caused {
		parts = append(parts, drawn(k))
	}
	if parts != nil {
		s += "(" + strings.Join(parts, " ") + ")"
	}
	return s
}

func drawnAll(t *inspect.Traced) string {
	s := drawn(t.Root)
	for _, o := range t.Other {
		s += " | " + drawn(o)
	}
	return s
}

func TestTrace(t *testing.T) {
	const dashed, plain = "9C1E4B00-0000-4000-8000-000000000001", "9c1e4b00000040008000000000000001"
	for _, c := range []struct {
		name   string
		events []replay.Event
		asked  int
		want   string
	}{
		{"a chain", caused("a", "b a", "c b", "d c", "x"), 2, "a(b(c!(d)))"},
		{"branches", caused("a", "b a", "c a", "d b", "e c"), 3, "a(b(d!) c(e))"},
		{"effects before causes", caused("d c", "c b", "b a", "a"), 1, "a(b(c!(d)))"},
		{"asked of the last, in reverse", caused("d c", "c b", "b a", "e b", "a"), 0, "a(b(c(d!) e))"},
		{"a cause that is no event", caused("b cmd", "c b", "d cmd"), 1, "cmd?b(c!) "},
		{"its siblings by that cause", caused("b cmd", "c b", "d cmd"), 0, "cmd?b!(c) | cmd?d"},
		{"the rest of a correlation", caused("a - k", "b a k", "c - k", "d c", "e - l"), 1, "a(b!) | c(d)"},
		{"its own cause", caused("a a", "b a"), 0, "a!(b)"},
		{"a loop", caused("a c", "b a", "c b", "d c"), 3, "a~(b(c(d!)))"},
		{"asked in a loop", caused("a b", "b a"), 1, "a~(b!)"},
		{"ids in two spellings", caused(dashed, "b "+plain), 1, dashed + "(b!)"},
		{"no cause", caused("a - k", "x y"), 0, "a!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := storetest.Memory(c.events)
			got, err := inspect.Trace(context.Background(), r, &c.events[c.asked])
			if err != nil {
				t.Fatal(err)
			}
			if s := drawnAll(got); !strings.HasPrefix(s+" ", c.want) {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func TestTraceUnsupported(t *testing.T) {
	events := caused("a", "b", "c")
	_, err := inspect.Trace(context.Background(), storetest.Memory(events), &events[0])
	var lacks *replay.UnsupportedError
	if !errors.As(err, &lacks) || lacks.Lacks != "causation ids" {
		t.Errorf("a store without causes: %v", err)
	}
}

// TestTraceClosure compares traces of random stores, with loops and in any order, with
// the closure over the causes.
func TestTraceClosure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		causes := rapid.SliceOfN(rapid.IntRange(-1, n+1), n, n).Draw(t, "causes")
		var lines []string
		for i, c := range causes {
			l := fmt.Sprintf("e%d -", i)
			if c >= 0 {
				l = fmt.Sprintf("e%d e%d", i, c)
			}
			lines = append(lines, l+" "+rapid.SampledFrom([]string{"-", "-", "k", "l"}).Draw(t, "correlation"))
		}
		lines = append(lines, "last e1000")
		events := caused(lines...)
		asked := rapid.IntRange(0, n-1).Draw(t, "asked")
		got, err := inspect.Trace(context.Background(), storetest.Memory(events), &events[asked])
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		var walk func(*inspect.Caused)
		walk = func(c *inspect.Caused) {
			have = append(have, c.Event.ID)
			for _, k := range c.Caused {
				walk(k)
			}
		}
		walk(got.Root)
		for _, o := range got.Other {
			walk(o)
		}
		slices.Sort(have)
		if want := closure(events, asked); !slices.Equal(have, want) {
			t.Fatalf("%v, not %v", have, want)
		}
	})
}

// closure is everything related to an event: its causes, everything its direct cause
// and these caused, and its correlation with the effects of that.
func closure(events []replay.Event, asked int) []string {
	byID := map[string]replay.Event{}
	for _, e := range events {
		byID[e.ID] = e
	}
	in := map[string]bool{}
	for e := events[asked]; e.ID != "" && !in[e.ID]; e = byID[e.Meta.Causation] {
		in[e.ID] = true
	}
	direct, correlation := events[asked].Meta.Causation, events[asked].Meta.Correlation
	for range events { // each round adds at least one
		for _, e := range events {
			if c := e.Meta.Causation; in[c] || c != "" && c == direct || correlation != "" && e.Meta.Correlation == correlation {
				in[e.ID] = true
			}
		}
	}
	var out []string
	for id := range in {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}
