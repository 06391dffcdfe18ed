package inspect_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
	"asof/replay/store/storetest"
)

// traced writes a trace with the places of its events, since ids may repeat.
func traced(all *inspect.Traced, err error) string {
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	var walk func(*inspect.Caused, int)
	walk = func(c *inspect.Caused, depth int) {
		fmt.Fprintf(&b, "%*s%s@%d asked %t missing %q looped %t\n", depth, "", c.Event.Stream, c.Event.Position, c.Asked, c.Missing, c.Looped)
		for _, k := range c.Caused {
			walk(k, depth+1)
		}
	}
	walk(all.Root, 0)
	for _, o := range all.Other {
		walk(o, 0)
	}
	return b.String()
}

// A counting reader counts the events that it yields.
type counting struct {
	replay.Reader
	n *int
}

func (r counting) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range r.Reader.Events(ctx, q) {
			*r.n++
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestLinksTraceTheSame compares traces by an index with those of the whole store, of
// random stores with loops, ids that repeat or are missing, effects before causes, and
// events between that belong to no one.
func TestLinksTraceTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		var lines []string
		var places []int
		for range n {
			for range rapid.SampledFrom([]int{0, 0, 1, 20, 40}).Draw(t, "others") {
				lines = append(lines, fmt.Sprintf("x%d x%d", len(lines), len(lines)-1))
			}
			id := rapid.SampledFrom([]string{"-", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9"}).Draw(t, "id")
			cause := rapid.SampledFrom([]string{"-", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9", "cmd"}).Draw(t, "cause")
			places = append(places, len(lines))
			lines = append(lines, id+" "+cause+" "+rapid.SampledFrom([]string{"-", "-", "-", "k", "l"}).Draw(t, "correlation"))
		}
		events := caused(lines...)
		asked := &events[rapid.SampledFrom(places).Draw(t, "asked")]
		read := 0
		r := counting{storetest.Memory(events), &read}
		links, err := inspect.IndexLinks(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		read = 0
		got := traced(links.Trace(t.Context(), r, asked))
		few := read
		read = 0
		if want := traced(inspect.Trace(t.Context(), r, asked)); got != want {
			t.Fatalf("by the index:\n%s\nby the store:\n%s", got, want)
		}
		if few > read {
			t.Fatalf("%d events were read by the index, and %d without it", few, read)
		}
	})
}

// TestLinksReadLittle traces a chain in a large store.
func TestLinksReadLittle(t *testing.T) {
	var lines []string
	for i := range 20_000 {
		lines = append(lines, fmt.Sprintf("e%d e%d", i, i-100))
	}
	events := caused(lines...)
	read := 0
	r := counting{storetest.Memory(events), &read}
	links, err := inspect.IndexLinks(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	read = 0
	got, err := links.Trace(t.Context(), r, &events[10_000])
	if err != nil || got.Root.Count() != 199 {
		t.Fatalf("%d events, %v", got.Root.Count(), err)
	}
	if read > 1000 {
		t.Errorf("%d events were read for 200", read)
	}
}
