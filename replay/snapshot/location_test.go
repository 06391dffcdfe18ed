package snapshot

import (
	"context"
	"os"
	"strings"
	"testing"

	"asof/replay"
)

// A state is not taken for that of another version, nor for that of another fold
// or stream.
func TestMovedStates(t *testing.T) {
	b, c, l, warned := keptOf(t, 30) // at 9, 19 and 29
	all := l.entries(100)
	move := func(from, to string) {
		t.Helper()
		whole, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, whole, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	move(l.path(all[0]), l.path(all[2]))
	cp := l.Nearest(context.Background(), 100)
	if cp == nil || cp.Version != 19 || cp.Events != 20 || len(*warned) != 1 {
		t.Errorf("%+v, warned %q", cp, *warned)
	}

	other := c.States(replay.StreamTimeline(b, "s"), replay.Fold{Reducer: l.fold.Reducer, Partitioned: true}, nil)
	if err := other.make(); err != nil {
		t.Fatal(err)
	}
	move(l.path(all[1]), other.path(all[1]))
	if cp := other.Nearest(context.Background(), 100); cp != nil || len(*warned) != 2 {
		t.Errorf("%+v, warned %q", cp, *warned)
	}
}

// What a scan found is not taken for the answer to another question.
func TestMovedScan(t *testing.T) {
	dir, warned := t.TempDir(), []string{}
	b := &book{content: "1"}
	first, second := scanOf(t, dir, b, &warned, "a"), scanOf(t, dir, b, &warned, "b")
	first.Save(writes("first"))
	second.Save(writes("second"))
	if err := os.Rename(first.path(), second.path()); err != nil {
		t.Fatal(err)
	}
	wantScan(t, second, "none")
	if len(warned) != 1 || !strings.Contains(warned[0], "damaged") {
		t.Errorf("warned %q", warned)
	}
}

// Ids need not be text, and what is no text must not become the same.
func TestStatesOfAnyBytes(t *testing.T) {
	b := &book{content: "1"}
	c := New(t.TempDir(), Options{})
	_, _, l, _ := keptOf(t, 10)
	dirs := map[string]string{}
	for what, tl := range map[string]*replay.Timeline{
		"a\xff": replay.StreamTimeline(b, "a\xff"), "a\xfe": replay.StreamTimeline(b, "a\xfe"), "a\ufffd": replay.StreamTimeline(b, "a\ufffd"),
		"all":         {Name: "p", Reader: b, Many: true},
		"no streams":  {Name: "p", Reader: b, Many: true, Filter: replay.Filter{Streams: []replay.StreamID{}}},
		"no types":    {Name: "p", Reader: b, Many: true, Filter: replay.Filter{Types: []string{}}},
		"a stream":    {Name: "p", Reader: b, Many: true, Filter: replay.Filter{Streams: []replay.StreamID{"x"}}},
		"a category":  {Name: "p", Reader: b, Many: true, Filter: replay.Filter{Categories: []string{"x"}}},
		"a type":      {Name: "p", Reader: b, Many: true, Filter: replay.Filter{Types: []string{"x"}}},
		"begun so":    {Name: "p", Reader: b, Many: true, Filter: replay.Filter{IDPrefix: "x"}},
		"two streams": {Name: "p", Reader: b, Many: true, Filter: replay.Filter{Streams: []replay.StreamID{"x", "x"}}},
	} {
		dir := c.States(tl, l.fold, nil).dir
		if dirs[dir] != "" {
			t.Errorf("%q and %q share states", what, dirs[dir])
		}
		dirs[dir] = what
	}
}

// A damaged state is no sign of a fold that gives something else each time.
func TestVerifyDamaged(t *testing.T) {
	_, _, l, warned := keptOf(t, 30)
	if err := os.Truncate(l.path(l.entries(100)[1]), 40); err != nil {
		t.Fatal(err)
	}
	out, err := l.Verify(context.Background(), func(*replay.Step) {})
	if err != nil || out.States != 2 || len(out.Wrong) != 0 || len(*warned) != 1 || len(l.entries(100)) != 2 {
		t.Errorf("%+v, %v; warned %q", out, err, *warned)
	}
}
