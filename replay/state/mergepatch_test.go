package state

import (
	"os"
	"testing"

	"pgregory.net/rapid"
)

// mergeRFC is the pseudo code of RFC 7396 §2, as it stands there.
func mergeRFC(target, patch Value) Value {
	if patch.Kind() != Object {
		return patch
	}
	out := NewObject()
	if target.Kind() == Object {
		target.n.Each(func(key string, v Value) bool { out.Set(key, v); return true })
	}
	patch.n.Each(func(key string, v Value) bool {
		if v.Kind() == Null {
			out.Delete(key)
		} else {
			out.Set(key, mergeRFC(out.Get(key), v))
		}
		return true
	})
	return out.Value()
}

func TestMergePatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target, patch := anyValue(3).Draw(t, "target"), anyValue(3).Draw(t, "patch")
		wasTarget, wasPatch := text(target), text(patch)
		want := text(mergeRFC(target, patch))
		if got := mergePatch(target, patch); text(got) != want {
			t.Fatalf("%s merged into %s: %s, want %s", wasPatch, wasTarget, text(got), want)
		}
		s := New()
		s.SetRoot(s.Adopt(target))
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		s.MergePatch(patch)
		changes, err := s.Commit(true)
		if err != nil || !Equal(s.Root(), mustRead(t, want)) {
			t.Fatalf("%s merged into the state %s: %s, %v, want %s", wasPatch, wasTarget, text(s.Root()), err, want)
		}
		if after, err := Apply(target, changes); err != nil || !Equal(after, s.Root()) {
			t.Fatalf("%s merged into the state %s: changes %s, %v", wasPatch, wasTarget, AppendPatch(nil, changes), err)
		}
		if text(target) != wasTarget || text(patch) != wasPatch {
			t.Fatalf("%s and %s became %s and %s", wasTarget, wasPatch, text(target), text(patch))
		}
	})
}

func mustRead(t *rapid.T, s string) Value {
	v, err := Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A patch that says what is there already writes nothing, and what it carries
// may be overwritten by the next payload.
func TestStateMergePatch(t *testing.T) {
	var p Parser
	s := New()
	for _, tt := range []struct{ patch, state, changes string }{
		{
			`{"a":{"b":[1,{"c":2}],"gone":null},"s":"x"}`, `{"a":{"b":[1,{"c":2}]},"s":"x"}`,
			`[{"op":"add","path":"","value":{"a":{"b":[1,{"c":2}]},"s":"x"}}]`,
		},
		{`{"a":{"b":[1.0,{"c":2}]},"s":"x","none":null}`, `{"a":{"b":[1,{"c":2}]},"s":"x"}`, `[]`},
		{`{}`, `{"a":{"b":[1,{"c":2}]},"s":"x"}`, `[]`},
		{`{"n":1.50}`, `{"a":{"b":[1,{"c":2}]},"s":"x","n":1.50}`, `[{"op":"add","path":"/n","value":1.50}]`},
		{`{"n":1.5}`, `{"a":{"b":[1,{"c":2}]},"s":"x","n":1.5}`, `[]`},
		{`{"a":{"b":[1,{"c":3}]},"s":null}`, `{"a":{"b":[1,{"c":3}]},"n":1.5}`, ``},
		{`{"a":{"b":null,"d":{"e":{"f":null}}}}`, `{"a":{"d":{"e":{}}},"n":1.5}`, ``},
		{`{"a":"scalar"}`, `{"a":"scalar","n":1.5}`, ``},
		{`{"a":{"again":1}}`, `{"a":{"again":1},"n":1.5}`, ``},
		{`[1]`, `[1]`, `[{"op":"replace","path":"","value":[1]}]`},
		{`[1.0]`, `[1]`, `[]`},
		{`null`, `null`, `[{"op":"replace","path":"","value":null}]`},
		{`{"a":1}`, `{"a":1}`, ``},
	} {
		patch, err := p.Parse([]byte(tt.patch))
		if err != nil {
			t.Fatal(err)
		}
		s.MergePatch(patch)
		changes, err := s.Commit(true)
		if _, err := p.Parse([]byte(`{"x":[{"y":"zzzzzzzz"},[{}]],"q":{"r":{}}}`)); err != nil {
			t.Fatal(err)
		}
		if got := text(s.Root()); err != nil || got != tt.state {
			t.Errorf("%s: %s, %v, want %s", tt.patch, got, err, tt.state)
		}
		if got := string(AppendPatch(nil, changes)); tt.changes != "" && got != tt.changes {
			t.Errorf("%s: changes %s, want %s", tt.patch, got, tt.changes)
		}
	}
	s.MergePatch(Value{})
	if got := text(s.Root()); got != `{"a":1}` {
		t.Errorf("no patch: %s", got)
	}
}

// An array that is sent again keeps its elements, and so their history.
func TestStateMergePatchKeepsIdentity(t *testing.T) {
	s := New()
	s.MergePatch(mustParse(t, `{"items":[{"sku":"a"}]}`))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	item := s.Root().n.Get("items").n.At(0)
	s.MergePatch(mustParse(t, `{"items":[{"sku":"a"}],"total":1}`))
	if got := s.Root().n.Get("items").n.At(0); got != item {
		t.Errorf("the item differs: %s", text(got))
	}
}

func TestMakeMergePatch(t *testing.T) {
	tests := []struct {
		a, b, want string // want is empty where there is none
	}{
		{`{"a":1,"b":2}`, `{"a":1.0,"c":3}`, `{"b":null,"c":3}`},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"b":1}}`, `{"a":{"c":null}}`},
		{`{"a":[1]}`, `{"a":[null,{"x":null}]}`, `{"a":[null,{"x":null}]}`},
		{`{"a":1}`, `{"a":null}`, ``},
		{`{}`, `{"a":{"b":null}}`, ``},
		{`{"a":null}`, `{"a":null,"b":1}`, `{"b":1}`},
		{`{"a":null}`, `{}`, `{"a":null}`},
		{`1`, `{}`, `{}`},
		{`1`, `{"a":{"b":null}}`, ``},
		{`{"a":1}`, `null`, `null`},
		{`{}`, `{}`, `{}`},
		{`{"a":1}`, `{"a":{}}`, `{"a":{}}`},
	}
	for _, tt := range tests {
		got, ok := MakeMergePatch(mustParse(t, tt.a), mustParse(t, tt.b))
		if ok != (tt.want != "") || ok && text(got) != tt.want {
			t.Errorf("from %s to %s: %s, %v, want %s", tt.a, tt.b, text(got), ok, tt.want)
		}
	}
	if _, ok := MakeMergePatch(NullValue(), Value{}); ok {
		t.Error("a merge patch leads to no value at all")
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyValue(3).Draw(t, "a"), anyValue(3).Draw(t, "b")
		patch, ok := MakeMergePatch(a, b)
		if ok {
			if got := mergePatch(a, patch); !Equal(got, b) {
				t.Fatalf("from %s to %s by %s: %s", text(a), text(b), text(patch), text(got))
			}
		} else if !hasNull(b) {
			t.Fatalf("from %s to %s: none, although nothing there is null", text(a), text(b))
		}
	})
}

func TestSuiteRFC7396(t *testing.T) {
	in, err := os.ReadFile("../../../shared/suites/rfc7396/appendixA.json")
	if err != nil {
		t.Skip("the test suite is missing")
	}
	cases := mustParse(t, string(in))
	if cases.n.Len() < 15 {
		t.Fatalf("only %d cases", cases.n.Len())
	}
	for i, c := range cases.n.Elems() {
		target, patch, want := c.n.Get("original"), c.n.Get("patch"), c.n.Get("result")
		if got := mergePatch(target, patch); !Equal(got, want) {
			t.Errorf("case %d: %s merged into %s: %s, want %s", i, text(patch), text(target), text(got), text(want))
		}
	}
}

func BenchmarkMergePatch(b *testing.B) {
	s := New()
	s.MergePatch(mustParse(b, payload))
	if _, err := s.Commit(false); err != nil {
		b.Fatal(err)
	}
	one := mustParse(b, `{"item":{"qty":3,"price":18.90},"total":56.70,"seq":1042}`)
	two := mustParse(b, `{"item":{"qty":2,"price":18.90},"total":37.80,"seq":1043}`)
	b.ReportAllocs()
	for b.Loop() {
		s.MergePatch(one)
		one, two = two, one
		if _, err := s.Commit(false); err != nil {
			b.Fatal(err)
		}
	}
}

// mergePatch returns what target becomes by a merge patch (RFC 7396): members of
// the patch are set, those that are null removed, objects merged. Neither
// argument is changed; an Absent patch changes nothing.
func mergePatch(target, patch Value) Value {
	switch {
	case patch.kind == Absent:
		return Clone(target)
	case patch.kind != Object:
		return Clone(patch)
	}
	n := NewObject()
	if target.kind == Object {
		n = Clone(target).n
	}
	n.merge(patch.n)
	return n.Value()
}
