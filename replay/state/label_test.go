package state

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// keyed draws states with arrays of objects that mostly have keys, some twice, and with
// names and values that are hard to write in a path.
func keyed(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		root := NewObject()
		for range rapid.IntRange(0, 3).Draw(t, "members") {
			name := rapid.SampledFrom([]string{"items", "a/b", "", "a[id=1]", "x~", "items[id=1]", "0"}).Draw(t, "name")
			root.Set(name, keyedArray(depth).Draw(t, "array"))
		}
		return root.Value()
	})
}

func keyedArray(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		arr := NewArray()
		for range rapid.IntRange(0, 5).Draw(t, "elements") {
			arr.Append(keyedElement(depth).Draw(t, "element"))
		}
		return arr.Value()
	})
}

var keyTexts = []string{"1", "2", "1.0", "a", "b", "c d", "a]b", "a=b", "x/y", "~1", `"q"`, "'", "é", "e\u0301", "\u0301", "\u202e", "\x1b[31m", "", " ", "true", "null", "[id=1]", "😀", `\`}

func keyedElement(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		if rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
			return StringValue("no object")
		}
		n := NewObject()
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"id", "sku", "order Id", "name", "q"}), 1, 4, rapid.ID).Draw(t, "names") {
			n.Set(name, scalarKey().Draw(t, name))
		}
		if depth > 0 && rapid.Bool().Draw(t, "nested") {
			n.Set("lines", keyedArray(depth-1).Draw(t, "lines"))
		}
		return n.Value()
	})
}

func scalarKey() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		text := rapid.OneOf(rapid.SampledFrom(keyTexts), rapid.StringN(1, 4, -1)).Draw(t, "text")
		if IsNumber(text) && rapid.Bool().Draw(t, "number") {
			return NumberValue(text)
		}
		return StringValue(text)
	})
}

// editKeyed makes some writes to random containers of a state.
func editKeyed(t *rapid.T, s *State) {
	for range rapid.IntRange(1, 4).Draw(t, "writes") {
		var nodes []*Node
		var gather func(v Value)
		gather = func(v Value) {
			if v.n == nil {
				return
			}
			nodes = append(nodes, v.n)
			for _, e := range v.n.elems {
				gather(e)
			}
			v.n.Each(func(_ string, e Value) bool { gather(e); return true })
		}
		gather(s.Root())
		n := rapid.SampledFrom(nodes).Draw(t, "node")
		if n.Kind() == Object {
			name := rapid.SampledFrom([]string{"id", "sku", "q", "name", "order Id"}).Draw(t, "member")
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				n.Delete(name)
			} else {
				n.Set(name, scalarKey().Draw(t, "value"))
			}
			continue
		}
		at := rapid.IntRange(0, n.Len()).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			order := make([]int, n.Len())
			for i := range order {
				order[i] = i
			}
			n.Reorder(rapid.Permutation(order).Draw(t, "order"))
		case 1:
			n.Splice(at, rapid.IntRange(0, n.Len()-at).Draw(t, "removed"))
		case 2:
			n.Splice(at, 0, s.Adopt(keyedElement(1).Draw(t, "added")))
		default:
			if at < n.Len() {
				n.SetAt(at, s.Adopt(keyedElement(1).Draw(t, "set")))
			}
		}
	}
}

// TestLabelsNameWhatChanged follows random histories: each label, read as a path, means
// the value that the change is about, in the state that it speaks of; and a labeler that
// has followed the state says the same as a new one.
func TestLabelsNameWhatChanged(t *testing.T) {
	labels := 0
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		s.SetRoot(s.Adopt(keyed(2).Draw(t, "state")))
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		follower := NewLabeler(s.Freeze(), DiffOptions{})
		for range rapid.IntRange(1, 4).Draw(t, "events") {
			before := s.Freeze()
			editKeyed(t, s)
			changes, err := s.Commit(true)
			if err != nil {
				t.Fatal(err)
			}
			after := s.Freeze()
			again := slices.Clone(changes)
			if err := follower.Label(changes); err != nil {
				t.Fatal(err)
			}
			if !Equal(follower.root, after) {
				t.Fatalf("the labeler is at %s, the state at %s", AppendJSON(nil, follower.root), AppendJSON(nil, after))
			}
			if err := LabelChangesTo(after, again, DiffOptions{}); err != nil {
				t.Fatal(err)
			}
			for _, c := range LabeledDiff(before, after, DiffOptions{}) {
				if c.Label != "" {
					checkLabel(t, c, before, after)
				}
			}
			for i, c := range changes {
				if c.Label != again[i].Label && !strings.Contains(c.Label, "=1") { // 1.0 may have been set in place of 1
					t.Fatalf("%s %s is %q to the follower, %q to another", c.Op, c.Path, c.Label, again[i].Label)
				}
				if c.Label == "" {
					continue
				}
				labels++
				checkLabel(t, c, before, after)
			}
		}
	})
	if labels == 0 {
		t.Error("there was no label")
	}
}

func checkLabel(t *rapid.T, c Change, before, after Value) {
	in, want := after, c.To
	if c.Op == OpRemove {
		in, want = before, c.From
	}
	p, err := ParsePath(c.Label)
	if err != nil || p.String() != c.Label {
		t.Fatalf("%q is read as %q, %v", c.Label, p, err)
	}
	pointer, err := p.Find(in)
	if err != nil {
		t.Fatalf("%s %s: %v\nin %s", c.Op, c.Path, err, AppendJSON(nil, in))
	}
	if v, err := Lookup(in, pointer); err != nil || !Equal(v, want) {
		t.Fatalf("%s %s, labeled %s: there is %s, %v; want %s\nin %s", c.Op, c.Path, c.Label, AppendJSON(nil, v), err, AppendJSON(nil, want), AppendJSON(nil, in))
	}
	if c.Op != OpRemove && pointer != c.Path {
		t.Fatalf("%s %s, labeled %s, is at %s", c.Op, c.Path, c.Label, pointer)
	}
}

// TestLabelOf takes every path of random states to its label and back.
func TestLabelOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := keyed(2).Draw(t, "state")
		l := NewLabeler(root, DiffOptions{})
		var each func(v Value, path string)
		each = func(v Value, path string) {
			if label := l.LabelOf(path); label != "" {
				p, err := ParsePath(label)
				if err == nil {
					var back string
					if back, err = p.Find(root); back == path {
						err = nil
					} else if err == nil {
						err = fmt.Errorf("means %s", back)
					}
				}
				if err != nil {
					t.Fatalf("%s, labeled %s: %v", path, label, err)
				}
			}
			if v.n == nil {
				return
			}
			for i, e := range v.n.elems {
				each(e, string(AppendIndex([]byte(path), i)))
			}
			v.n.Each(func(name string, e Value) bool {
				each(e, string(AppendToken([]byte(path), name)))
				return true
			})
		}
		each(root, "")
	})
}

// TestKeysAreReadAsWritten writes random keys and reads them.
func TestKeysAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.SampledFrom([]string{"id", "a b", `"`, "=", "]", "/"}), rapid.StringN(1, 5, -1)).Draw(t, "name")
		v := scalarKey().Draw(t, "value")
		k, ok := keyOf(name, v)
		if !ok {
			t.Skip("no key")
		}
		text := string(k.append(nil))
		got, rest, ok := cutKey(text + "/qty")
		if !ok || rest != "/qty" || got.name != name || got.text != v.s || got.fit(v) != 2 {
			t.Fatalf("%s is read as %+v, then %q", text, got, rest)
		}
	})
}

func TestLabels(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"a changed element", `{"items":[{"sku":"a","q":1},{"sku":"b","q":1}]}`, `{"items":[{"sku":"a","q":1},{"sku":"b","q":2}]}`, "/items[sku=b]/q"},
		{"a removed one", `{"items":[{"sku":"a"},{"sku":"b"}]}`, `{"items":[{"sku":"b"}]}`, "/items[sku=a]"},
		{"all removed", `{"items":[{"sku":"a"},{"sku":"b"}]}`, `{"items":[]}`, "/items[sku=a] /items[sku=b]"},
		{"the first", `{"items":[]}`, `{"items":[{"sku":"a"}]}`, "/items[sku=a]"},
		{"a key twice afterwards", `{"items":[{"sku":"a"}]}`, `{"items":[{"sku":"a"},{"sku":"a"}]}`, "/items/1"},
		{"another key twice", `{"items":[{"sku":"a","name":"x","q":1},{"sku":"a","name":"y"}]}`, `{"items":[{"sku":"a","name":"x","q":2},{"sku":"a","name":"y"}]}`, "/items[name=x]/q"},
		{"a key that one lacks", `{"items":[{"sku":"a","q":1},{"q":1}]}`, `{"items":[{"sku":"a","q":2},{"q":1}]}`, "/items/0/q"},
		{"a new key", `{"items":[{"sku":"a","id":1,"q":1}]}`, `{"items":[{"sku":"a","id":2,"q":1}]}`, "/items[id=2]"},
		{"a text that looks like a number", `{"items":[{"id":"7","q":1},{"id":7,"q":1}]}`, `{"items":[{"id":"7","q":2},{"id":7,"q":2}]}`, `/items[id="7"]/q /items[id=7]/q`},
		{"nested", `{"o":[{"id":1,"l":[{"sku":"a","q":1}]}]}`, `{"o":[{"id":1,"l":[{"sku":"a","q":2}]}]}`, "/o[id=1]/l[sku=a]/q"},
		{"a list in an element", `{"o":[{"id":1,"l":[3,4,5]}]}`, `{"o":[{"id":1,"l":[5]}]}`, "/o[id=1]/l/0 /o[id=1]/l/1"},
		{"the root", `[{"id":"x y","q":1}]`, `[{"id":"x y","q":2}]`, "[id=x y]/q"},
		{"no array", `{"0":{"id":1}}`, `{"0":{"id":2}}`, "/0/id"},
		{"a member of that name", `{"a":[{"id":1,"q":1}],"a[id=1]":0}`, `{"a":[{"id":1,"q":2}],"a[id=1]":0}`, "/a/0/q"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := must(t, tt.from), must(t, tt.to)
			changes := LabeledDiff(a, b, DiffOptions{})
			var got []string
			for _, c := range changes {
				got = append(got, c.Name())
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s\nwant %s\n%s", s, tt.want, listed(changes))
			}
		})
	}
}

// TestFindRejects has paths with keys that mean no element, or several.
func TestFindRejects(t *testing.T) {
	root := must(t, `{"items":[{"sku":"cups","n":1},{"sku":"beans","n":1},{"sku":"tea","n":2}],"o":{"a":1}}`)
	for _, tt := range []struct{ path, want, hint string }{
		{"/items[sku=cup]/qty", `path "/items[sku=cup]/qty": no element with sku=cup in /items`, "/items[sku=cups]/qty"},
		{"/items[sku=x y z]", `path "/items[sku=x y z]": no element with sku=x y z in /items`, "there are cups, beans, tea"},
		{"/items[n=1]/sku", `path "/items[n=1]/sku": 2 elements have n=1`, "/items/0/sku /items/1/sku"},
		{"/items[id=1]", `path "/items[id=1]": no element with id=1 in /items`, ""},
		{"/o[a=1]", `path "/o[a=1]": /o is an object, not an array`, ""},
		{"[a=1]", `path "[a=1]": the state is an object, not an array`, ""},
		{"/item[sku=tea]", `path "/item[sku=tea]": no member "item"`, "/items"},
	} {
		p, err := ParsePath(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		pointer, err := p.Find(root)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s is %q, %v\nwant %s", tt.path, pointer, err, tt.want)
			continue
		}
		r := err.(*PathError).Remedy()
		if got := strings.TrimSpace(strings.Join(r.Near, " ") + r.Text); got != tt.hint {
			t.Errorf("%s: hint %q, want %q", tt.path, got, tt.hint)
		}
	}
}

// TestTouchedFollowsTheKey holds what a path with a key is said to see of a history to
// what is there before and after each event.
func TestTouchedFollowsTheKey(t *testing.T) {
	seen := 0
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		root := keyed(2).Draw(t, "state")
		root.n.Set("items", watched().Draw(t, "items"))
		s.SetRoot(s.Adopt(root))
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		text := rapid.SampledFrom([]string{"/items[id=1]", "/items[id=1]/q", "/items[sku=a]/lines[id=2]", `/items[id="1"]/q`, "/items[name=b]/lines/0"}).Draw(t, "path")
		p, err := ParsePath(text)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "events") {
			before := s.Freeze()
			editKeyed(t, s)
			changes, err := s.Commit(true)
			if err != nil {
				t.Fatal(err)
			}
			after := s.Freeze()
			var parts []Change
			for i := range changes {
				parts = append(parts, p.Touched(after, &changes[i])...)
			}
			was, is := valuesAt(before, p), valuesAt(after, p)
			if otherForm(t, text, before, after) {
				continue
			}
			if len(was) < 2 && len(is) < 2 && slices.EqualFunc(was, is, Equal) != (len(parts) == 0) {
				if len(parts) == 0 || !movedOrRenamed(parts) {
					t.Fatalf("%s was %s and is %s\nchanges:\n%sseen:\n%s", p, AppendJSON(nil, NewArray(was...).Value()), AppendJSON(nil, NewArray(is...).Value()), listed(changes), listed(parts))
				}
			}
			seen += len(parts)
		}
	})
	if seen == 0 {
		t.Error("no path was touched")
	}
}

// otherForm reports whether an unquoted key named the element with that number before an
// event and the one with that text after it, or the reverse. The path then means another
// element, and nothing needs to have changed in either.
func otherForm(t *rapid.T, text string, before, after Value) bool {
	to := strings.Index(text, "]") + 1
	p, err := ParsePath(text[:to])
	if err != nil {
		t.Fatal(err)
	}
	was, is := valuesAt(before, p), valuesAt(after, p)
	if len(was) == 0 || len(is) == 0 || was[0].kind != Object || is[0].kind != Object {
		return false
	}
	return was[0].n.Get("id").kind != is[0].n.Get("id").kind && strings.HasPrefix(text, "/items[id=1]")
}

// watched is an array with an element that the paths of the test name, among others.
func watched() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		line, one := NewObject(), NewObject()
		line.Set("id", NumberValue("2"))
		one.Set("id", rapid.SampledFrom([]Value{NumberValue("1"), StringValue("1")}).Draw(t, "id"))
		one.Set("sku", StringValue("a"))
		one.Set("name", StringValue("b"))
		one.Set("q", scalarKey().Draw(t, "q"))
		one.Set("lines", NewArray(line.Value()).Value())
		all := []Value{one.Value()}
		for range rapid.IntRange(0, 2).Draw(t, "others") {
			all = append(all, keyedElement(1).Draw(t, "other"))
		}
		return NewArray(rapid.Permutation(all).Draw(t, "order")...).Value()
	})
}

func valuesAt(root Value, p Path) (all []Value) {
	for _, pointer := range p.FindAll(root) {
		v, _ := Lookup(root, pointer)
		all = append(all, v)
	}
	return all
}

// movedOrRenamed reports whether changes leave what a path names as it was: an element was
// taken out and put in elsewhere, or its key was changed.
func movedOrRenamed(cs []Change) bool {
	return slices.ContainsFunc(cs, func(c Change) bool {
		return strings.HasSuffix(c.Path, "/id") || strings.HasSuffix(c.Path, "/sku") || strings.HasSuffix(c.Path, "/name") || c.Op != OpReplace
	})
}
