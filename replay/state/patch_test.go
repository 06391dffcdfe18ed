package state

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func change(t testing.TB, op Op, path, from, to string) Change {
	c := Change{Op: op, Path: path}
	if from != "" {
		c.From = mustParse(t, from)
	}
	if to != "" {
		c.To = mustParse(t, to)
	}
	return c
}

func TestApply(t *testing.T) {
	tests := []struct {
		in           string
		op           Op
		path         string
		from, to     string
		want, errHas string
	}{
		{`{"a":1}`, OpAdd, "/b", "", "2", `{"a":1,"b":2}`, ""},
		{`{"a":1}`, OpAdd, "/a", "", "2", `{"a":2}`, ""},
		{`{"a":[1,2]}`, OpAdd, "/a/1", "", "9", `{"a":[1,9,2]}`, ""},
		{`{"a":[1,2]}`, OpAdd, "/a/2", "", "9", `{"a":[1,2,9]}`, ""},
		{`{"a":[1,2]}`, OpAdd, "/a/-", "", "9", `{"a":[1,2,9]}`, ""},
		{`{"a":[1,2]}`, OpAdd, "/a/3", "", "9", "", "cannot add element 3, there are 2"},
		{`{"a":[1,2]}`, OpAdd, "/a/x", "", "9", "", "not an array index"},
		{`{"a":[1,2]}`, OpAdd, "/a/01", "", "9", "", "not an array index"},
		{`{"a":1}`, OpAdd, "/a/b", "", "9", "", `no "b" in a number`},
		{`{"a":1}`, OpAdd, "/b/c", "", "9", "", `no member "b"`},
		{`{"a":1}`, OpAdd, "", "", "[]", `[]`, ""},
		{`{"a":1}`, OpAdd, "/b", "", "", "", "has no value"},
		{`{"a":1,"b":2}`, OpRemove, "/a", "1.0", "", `{"b":2}`, ""},
		{`{"a":[1,2,3]}`, OpRemove, "/a/1", "2", "", `{"a":[1,3]}`, ""},
		{`{"a":1}`, OpRemove, "/a", "2", "", "", "not the one the change expects"},
		{`{"a":1}`, OpRemove, "/b", "", "", "", `no member "b"`},
		{`{"a":[1]}`, OpRemove, "/a/1", "", "", "", "no element 1"},
		{`{"a":[1]}`, OpRemove, "/a/-", "", "", "", "not an array index"},
		{`{"a":1}`, OpReplace, "/a", "1", `{"b":2}`, `{"a":{"b":2}}`, ""},
		{`{"a":[1,2]}`, OpReplace, "/a/1", "", "9", `{"a":[1,9]}`, ""},
		{`{"a":1}`, OpReplace, "/b", "", "9", "", `no member "b"`},
		{`{"a":1}`, OpReplace, "", `{"a":1}`, "null", `null`, ""},
		{`{"a":1}`, OpReplace, "", `{"a":2}`, "null", "", "not the one the change expects"},
		{`{"a/b":{"m~n":1}}`, OpReplace, "/a~1b/m~0n", "1", "2", `{"a/b":{"m~n":2}}`, ""},
		{`{"a":1}`, OpReplace, "a", "", "9", "", "does not begin with /"},
		{`{"a":1}`, "move", "/a", "1", "2", "", "unknown operation"},
		{`{"a":1}`, "move", "", "", "2", "", "unknown operation"},
	}
	for _, tt := range tests {
		in := mustParse(t, tt.in)
		got, err := Apply(in, []Change{change(t, tt.op, tt.path, tt.from, tt.to)})
		switch {
		case tt.errHas != "":
			if err == nil || !strings.Contains(err.Error(), tt.errHas) {
				t.Errorf("%s %q on %s: error %v, want %q", tt.op, tt.path, tt.in, err, tt.errHas)
			}
		case err != nil || text(got) != tt.want:
			t.Errorf("%s %q on %s: %s, %v, want %s", tt.op, tt.path, tt.in, text(got), err, tt.want)
		}
		if text(in) != tt.in {
			t.Errorf("%s %q: the argument became %s", tt.op, tt.path, text(in))
		}
	}
}

func TestApplyRoot(t *testing.T) {
	v, err := Apply(Value{}, []Change{change(t, OpAdd, "", "", `{"a":1}`)})
	if err != nil || text(v) != `{"a":1}` {
		t.Errorf("added: %s, %v", text(v), err)
	}
	if v, err = Apply(v, []Change{change(t, OpRemove, "", `{"a":1}`, "")}); err != nil || !v.IsAbsent() {
		t.Errorf("removed: %s, %v", text(v), err)
	}
	_, err = Apply(v, []Change{change(t, OpRemove, "", "", "")})
	if pe := (*PathError)(nil); !errors.As(err, &pe) {
		t.Errorf("removed from nothing: %v", err)
	}
}

// Changes are not changed by those that come after them.
func TestApplyKeepsChanges(t *testing.T) {
	changes := []Change{
		change(t, OpAdd, "/a", "", `{"b":[]}`),
		change(t, OpAdd, "/a/b/0", "", "1"),
	}
	for range 2 {
		v, err := Apply(mustParse(t, `{}`), changes)
		if err != nil || text(v) != `{"a":{"b":[1]}}` {
			t.Errorf("got %s, %v", text(v), err)
		}
	}
}

func TestAppendPatch(t *testing.T) {
	got := AppendPatch([]byte("x "), []Change{
		change(t, OpAdd, "/a~1b", "", `{"c":[1.50]}`),
		change(t, OpRemove, "/d\"", "1", ""),
		change(t, OpReplace, "", "1", "null"),
	})
	want := `x [{"op":"add","path":"/a~1b","value":{"c":[1.50]}},{"op":"remove","path":"/d\""},{"op":"replace","path":"","value":null}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(AppendPatch(nil, nil)); got != "[]" {
		t.Errorf("no changes: %s", got)
	}
}

// apply(diff(a, b), a) = b, and the inverse leads back.
func TestDiffApply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyValue(3).Draw(t, "a"), anyValue(3).Draw(t, "b")
		wasA, wasB := text(a), text(b)
		changes := Diff(a, b, DiffOptions{})
		got, err := Apply(a, changes)
		if err != nil || !Equal(got, b) {
			t.Fatalf("%s\nto %s\nby %s: %s, %v", wasA, wasB, AppendPatch(nil, changes), text(got), err)
		}
		back, err := Apply(b, Invert(changes))
		if err != nil || !Equal(back, a) {
			t.Fatalf("%s\nback to %s\nby %s: %s, %v", wasB, wasA, AppendPatch(nil, Invert(changes)), text(back), err)
		}
		if Equal(a, b) != (len(changes) == 0) {
			t.Fatalf("%s and %s: changes %s", wasA, wasB, AppendPatch(nil, changes))
		}
		if text(a) != wasA || text(b) != wasB {
			t.Fatalf("%s and %s became %s and %s", wasA, wasB, text(a), text(b))
		}
	})
}

// The patches lead from each document to the one that is expected, also when
// they are read back from their text.
func TestSuiteJSONPatch(t *testing.T) {
	ran := 0
	for _, name := range []string{"tests.json", "spec_tests.json"} {
		in, err := os.ReadFile("../../../shared/suites/json-patch-tests/" + name)
		if err != nil {
			t.Skip("the test suite is missing")
		}
		for _, c := range mustParse(t, string(in)).n.Elems() {
			doc, want := c.n.Get("doc"), c.n.Get("expected")
			if doc.IsAbsent() || want.IsAbsent() {
				continue
			}
			ran++
			changes := Diff(doc, want, DiffOptions{})
			got, err := Apply(doc, changes)
			if err != nil || !Equal(got, want) {
				t.Errorf("%s: %s, %v, want %s", c.n.Get("comment").Text(), text(got), err, text(want))
			}
			read := readPatch(t, string(AppendPatch(nil, changes)))
			if got, err := Apply(doc, read); err != nil || !Equal(got, want) {
				t.Errorf("%s: as read, %s, %v, want %s", c.n.Get("comment").Text(), text(got), err, text(want))
			}
			checkSuitePatch(t, c, want)
		}
	}
	if ran < 50 {
		t.Errorf("only %d cases", ran)
	}
}

func readPatch(t *testing.T, patch string) []Change {
	var changes []Change
	for _, op := range mustParse(t, patch).n.Elems() {
		changes = append(changes, Change{
			Op: Op(op.n.Get("op").Text()), Path: op.n.Get("path").Text(), To: op.n.Get("value"),
		})
	}
	return changes
}

// checkSuitePatch applies the patch of the suite's case, if it has but the
// operations that there are here.
func checkSuitePatch(t *testing.T, c, want Value) {
	changes := readPatch(t, text(c.n.Get("patch")))
	if slices.ContainsFunc(changes, func(c Change) bool {
		return c.Op != OpAdd && c.Op != OpRemove && c.Op != OpReplace
	}) {
		return
	}
	if got, err := Apply(c.n.Get("doc"), changes); err != nil || !Equal(got, want) {
		t.Errorf("%s: the suite's patch gives %s, %v, want %s", c.n.Get("comment").Text(), text(got), err, text(want))
	}
}
