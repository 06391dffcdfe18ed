package state

import (
	"testing"

	"pgregory.net/rapid"
)

// TestTouched holds what an event may have changed to what it did change.
func TestTouched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		s.SetRoot(s.Adopt(anyValue(3).Draw(t, "start")))
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		var touched, twice Touched
		s.Track(&touched)
		for range rapid.IntRange(1, 3).Draw(t, "events") {
			touched = Touched{}
			for range rapid.IntRange(1, 6).Draw(t, "edits") {
				edit(t, s)
			}
			changes, err := s.Commit(true)
			if err != nil {
				t.Skip(err)
			}
			twice.AddAll(touched)
			for _, c := range changes {
				tokens, err := ParsePointer(c.Path)
				if err != nil {
					t.Fatal(err)
				}
				read, err := ParseTouched(twice.AppendText(nil))
				if err != nil {
					t.Fatal(err)
				}
				for _, in := range []Touched{touched, twice, read} {
					holds(t, in, c, tokens)
				}
			}
		}
	})
}

// May reports whether the value at a path may have been set or removed, or with parts or deep
// what is in it.
func (t *Touched) May(tokens []string, parts, deep bool) bool {
	at := t.Root()
	for _, token := range tokens {
		if at.Set() {
			return true
		}
		at = at.Part(token)
	}
	return at.Set() || parts && at.Parts() || deep && at.Below()
}

func holds(t *rapid.T, in Touched, c Change, tokens []string) {
	t.Helper()
	if !in.May(tokens, false, false) || !in.May(append(tokens[:len(tokens):len(tokens)], "below"), false, false) {
		t.Fatalf("%s %s is not touched", c.Op, c.Path)
	}
	for i := range tokens {
		if !in.May(tokens[:i], false, true) {
			t.Fatalf("%s %s: nothing below /%v is touched", c.Op, c.Path, tokens[:i])
		}
	}
	if len(tokens) > 0 && c.Op != OpReplace && !in.May(tokens[:len(tokens)-1], true, false) {
		t.Fatalf("%s %s: the parts around it are not touched", c.Op, c.Path)
	}
}

// TestTouchedIsNarrow finds nothing touched that no event came near.
func TestTouchedIsNarrow(t *testing.T) {
	s := stateOf(t, `{"n":1,"m":2,"items":[{"sku":"a","qty":1}]}`)
	var in Touched
	s.Track(&in)
	s.Root().Node().Set("n", NumberValue("2"))
	at(s.Root(), "items", 0).Set("qty", NumberValue("2"))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/n": true, "/m": false, "/items": false, "/items/0/sku": false, "/items/0/qty": true, "/items/7/qty": false} {
		tokens, _ := ParsePointer(path)
		if got := in.May(tokens, false, false); got != want {
			t.Errorf("%s: touched %t", path, got)
		}
	}
	if in.May([]string{"items"}, true, false) || !in.May([]string{"items"}, false, true) || in.May(nil, true, false) {
		t.Error("the parts of /items are as they were, and what is below is not")
	}
}

// TestTouchedComparesContainers finds only what differs in a container that took the place of
// another one.
func TestTouchedComparesContainers(t *testing.T) {
	s := stateOf(t, `{"items":[{"sku":"a"},{"sku":"b"}],"who":{"name":"x","at":{"zip":"1"}},"kind":[]}`)
	var in Touched
	s.Track(&in)
	root := s.Root().Node()
	left := s.NewArray()
	left.Append(at(s.Root(), "items", 1).Value())
	root.Set("items", left.Value())
	who, there := s.NewObject(), s.NewObject()
	there.Set("zip", StringValue("2"))
	who.Set("name", StringValue("x"))
	who.Set("at", there.Value())
	root.Set("who", who.Value())
	root.Set("kind", s.NewObject().Value())
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/items": false, "/items/0": true, "/items/1/sku": true, "/kind": true,
		"/who": false, "/who/name": false, "/who/at": false, "/who/at/zip": true,
	} {
		tokens, _ := ParsePointer(path)
		if got := in.May(tokens, false, false); got != want {
			t.Errorf("%s: touched %t", path, got)
		}
	}
	if !in.May([]string{"items"}, true, false) || !in.May([]string{"who"}, false, true) || in.May([]string{"who"}, true, false) {
		t.Error("the parts of /items are other ones, and those of /who are not")
	}
}

// TestTouchedEnds ends with two containers that hold each other and that are not in the state.
func TestTouchedEnds(t *testing.T) {
	s := stateOf(t, `{"a":{"b":{}}}`)
	var in Touched
	s.Track(&in)
	a, b := at(s.Root(), "a"), at(s.Root(), "a", "b")
	s.Root().Node().Delete("a")
	b.Set("a", a.Value())
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	a.Set("n", NullValue())
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	if !in.May([]string{"a"}, false, false) {
		t.Error("/a is not touched")
	}
}
