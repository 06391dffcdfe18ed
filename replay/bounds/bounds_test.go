package bounds

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

func anyScalar(t *rapid.T) state.Value {
	switch rapid.IntRange(0, 5).Draw(t, "scalar") {
	case 0:
		return state.NullValue()
	case 1:
		return state.BoolValue(rapid.Bool().Draw(t, "bool"))
	case 2:
		return state.StringValue(rapid.OneOf(rapid.SampledFrom([]string{"", "open", "closed"}), rapid.String()).Draw(t, "text"))
	default:
		return state.NumberValue(rapid.OneOf(
			rapid.SampledFrom([]string{"0", "-0", "1.0", "0.10", "1e2", "-1.5e-3", "9007199254740993", "1e400", "123456789012345", "-99999999999999", "0.000000000001"}),
			rapid.StringMatching(`-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?`),
		).Draw(t, "number"))
	}
}

func anyContainer(t *rapid.T, deep int) state.Value {
	size := rapid.SampledFrom([]int{0, 1, 2, 3, 12, 30, 70}).Draw(t, "size")
	if deep > 1 {
		size = min(size, 3)
	}
	member := func() state.Value {
		if deep < 6 && rapid.IntRange(0, 2).Draw(t, "inner") == 0 {
			return anyContainer(t, deep+1)
		}
		return anyScalar(t)
	}
	if rapid.IntRange(0, 3).Draw(t, "array") == 0 {
		n := state.NewArray()
		for range size {
			n.Append(member())
		}
		return n.Value()
	}
	n := state.NewObject()
	for i := range size {
		n.Set(fmt.Sprint("k", i), member())
	}
	return n.Value()
}

// containers returns those in v, and those that were in the state before.
func containers(v state.Value, all []*state.Node) []*state.Node {
	n := v.Node()
	if n == nil || slices.Contains(all, n) {
		return all
	}
	all = append(all, n)
	for _, e := range n.Elems() {
		all = containers(e, all)
	}
	n.Each(func(_ string, e state.Value) bool { all = containers(e, all); return true })
	return all
}

// edit writes to a container as a script may: to one that the event takes out of the state, too.
func edit(t *rapid.T, s *state.State, all []*state.Node) {
	if len(all) == 0 || rapid.IntRange(0, 20).Draw(t, "root") == 0 {
		s.SetRoot(s.Adopt(anyContainer(t, 0)))
		return
	}
	one := func() *state.Node { return all[rapid.IntRange(0, len(all)-1).Draw(t, "which")] }
	value := func() state.Value {
		switch rapid.IntRange(0, 3).Draw(t, "value") {
		case 0:
			return one().Value()
		case 1:
			return s.Adopt(anyContainer(t, 2))
		}
		return anyScalar(t)
	}
	n := one()
	if n.Kind() == state.Array {
		switch i := rapid.IntRange(0, n.Len()).Draw(t, "i"); rapid.IntRange(0, 2).Draw(t, "op") {
		case 0:
			n.Truncate(i)
		case 1:
			n.Splice(i, rapid.IntRange(0, n.Len()-i).Draw(t, "del"), value())
		default:
			n.SetAt(i, value())
		}
		return
	}
	key := fmt.Sprint("k", rapid.IntRange(0, 4).Draw(t, "key"))
	if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
		n.Delete(key)
		return
	}
	n.Set(key, value())
}

// TestCover holds bounds to each state that they were made of, also as text, and also where
// they begin anew.
func TestCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := state.New()
		s.SetRoot(s.Adopt(anyContainer(t, 0)))
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		var tracker Tracker
		tracker.Begin(s.Root())
		s.Observe(&tracker)
		seen := []state.Value{s.Freeze()}
		for range rapid.IntRange(1, 8).Draw(t, "events") {
			all := containers(s.Root(), nil)
			for range rapid.IntRange(1, 5).Draw(t, "edits") {
				edit(t, s, all)
			}
			if _, err := s.Commit(false); err != nil {
				t.Skip(err)
			}
			if rapid.IntRange(0, 6).Draw(t, "anew") == 0 {
				tracker.Begin(s.Root())
				seen = nil
			}
			seen = append(seen, s.Freeze())
			text := tracker.Bounds().AppendText(nil)
			read, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			for i, root := range seen {
				for name, b := range map[string]*Bounds{"as made": tracker.Bounds(), "as read": read} {
					if !b.Cover(root) {
						t.Fatalf("the bounds %s do not cover state %d of %d: %s", name, i, len(seen), state.AppendJSON(nil, root))
					}
				}
			}
			if again := read.AppendText(nil); string(again) != string(text) {
				t.Fatalf("%x is read as %x", text, again)
			}
			if n := count(tracker.Bounds().root); n > mostParts || n != tracker.parts {
				t.Fatalf("%d parts, counted as %d", n, tracker.parts)
			}
		}
	})
}

// count returns the number of parts in p, and p.
func count(p *Part) int {
	n := 1
	for _, m := range p.members {
		n += count(m)
	}
	return n
}

// TestNarrow holds the bounds to being no wider than what a state had.
func TestNarrow(t *testing.T) {
	root, err := state.Parse([]byte(`{"n": 3, "status": "open", "items": [1], "at": {"x": 0.5, "y": null}, "id": "` + strings.Repeat("x", 50) + `", "big": 9007199254740993}`))
	if err != nil {
		t.Fatal(err)
	}
	s := state.New()
	s.SetRoot(s.Adopt(root))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	var tracker Tracker
	tracker.Begin(s.Root())
	s.Observe(&tracker)
	for _, edit := range []func(n *state.Node){
		func(n *state.Node) { n.Set("n", state.NumberValue("7")) },
		func(n *state.Node) { n.Set("n", state.NumberValue("-1")); n.Delete("status") },
		func(n *state.Node) { n.Get("items").Node().Append(state.NullValue()) },
		func(n *state.Node) {
			at := s.NewObject()
			at.Set("x", state.NumberValue("2.5"))
			n.Set("at", at.Value())
		},
		func(n *state.Node) { n.Set("late", state.BoolValue(true)) },
		func(n *state.Node) { n.Get("at").Node().Set("x", state.NumberValue("4")) },
	} {
		edit(s.Root().Node())
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
	}
	at := tracker.Bounds().Root()
	for _, c := range []struct {
		at   *Part
		want Part
	}{
		{at.Member("n"), Part{Kinds: Whole, Low: -1, High: 7}},
		{at.Member("status"), Part{Kinds: Missing | Text, Texts: []string{"open"}}},
		{at.Member("items"), Part{Kinds: Array, Least: 1, Most: 2}},
		{at.Member("at").Member("x"), Part{Kinds: Whole | Fraction, Low: 0.5, High: 4}},
		{at.Member("at").Member("y"), Part{Kinds: Missing | Null}},
		{at.Member("id"), Part{Kinds: AnyText}},
		{at.Member("big"), Part{Kinds: Inexact}},
		{at.Member("late"), Part{Kinds: Missing | True}},
		{at.Member("none"), Part{Kinds: Missing}},
	} {
		got := Part{Kinds: c.at.Kinds, Low: c.at.Low, High: c.at.High, Texts: c.at.Texts, Least: c.at.Least, Most: c.at.Most}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.at.key, got, c.want)
		}
	}
	if at.Kinds != Object {
		t.Errorf("the root is %b", at.Kinds)
	}
}

// TestOpenStaysOpen lists no member of an object later that was in it unlisted.
func TestOpenStaysOpen(t *testing.T) {
	root, err := state.Parse([]byte(`{"a": {"x0": 1, "x1": 1, "x2": 1}, "b": {"y": 1}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := state.New()
	s.SetRoot(s.Adopt(root))
	for i := range mostParts - 6 { // a and b are listed, and what is in a
		s.Root().Node().Set(fmt.Sprint("k", i), state.NullValue())
	}
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	var tracker Tracker
	tracker.Begin(s.Root())
	s.Observe(&tracker)
	before := s.Freeze()
	for i := range mostMembers {
		s.Root().Node().Get("a").Node().Set(fmt.Sprint("more", i), state.NullValue())
	}
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	s.Root().Node().Get("b").Node().Set("y", state.NumberValue("7"))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	if m := tracker.Bounds().Root().Member("b"); m == nil || m.Member("y") != nil || !tracker.Bounds().Cover(before) {
		t.Errorf("b is %+v", m)
	}
}

// TestFollowsFewContainers checks that objects that take each other's place are not kept.
func TestFollowsFewContainers(t *testing.T) {
	s := state.New()
	s.SetRoot(s.NewObject().Value())
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	var tracker Tracker
	tracker.Begin(s.Root())
	s.Observe(&tracker)
	for i := range 1000 {
		last := s.NewObject()
		last.Set("x", s.NewArray().Value())
		s.Root().Node().Set(fmt.Sprint("last", i%3), last.Value())
		if i%5 == 0 {
			s.Root().Node().Set("last1", state.NullValue())
		}
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(tracker.at); n == 0 || n > 2*tracker.parts {
		t.Errorf("%d containers are followed for %d parts", n, tracker.parts)
	}
}

// FuzzParse holds texts that are no bounds to an error, and bounds to being read as written.
func FuzzParse(f *testing.F) {
	root, err := state.Parse([]byte(`{"n": 3, "status": "open", "items": [1], "at": {"x": 0.5, "y": null}}`))
	if err != nil {
		f.Fatal(err)
	}
	var tracker Tracker
	tracker.Begin(root)
	text := tracker.Bounds().AppendText(nil)
	for i := range text {
		f.Add(text[:i])
		f.Add(slices.Concat(text[:i], []byte{text[i] ^ 0xff}, text[i+1:]))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(b.AppendText(nil))
		if err != nil || count(b.root) > mostParts || !reflect.DeepEqual(b, again) {
			t.Errorf("%x: %v", text, err)
		}
	})
}
