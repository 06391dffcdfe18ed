package state

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func must(t testing.TB, text string) Value {
	t.Helper()
	v, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func stateOf(t testing.TB, text string) *State {
	t.Helper()
	s := New()
	s.SetRoot(s.Adopt(must(t, text)))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	return s
}

func listed(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s %s", c.Op, c.Path)
		if !c.From.IsAbsent() {
			fmt.Fprintf(&b, " %s", AppendJSON(nil, c.From))
		}
		if !c.To.IsAbsent() {
			fmt.Fprintf(&b, " → %s", AppendJSON(nil, c.To))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// at returns the container at a path of keys and indexes.
func at(v Value, path ...any) *Node {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.n.Get(p)
		case int:
			v = v.n.At(p)
		}
	}
	return v.n
}

func TestCommit(t *testing.T) {
	tests := []struct {
		name, start string
		edit        func(s *State)
		end, want   string
	}{
		{
			"a member", `{"a":1,"b":2}`, func(s *State) { s.root.n.Set("a", NumberValue("3")) },
			`{"a":3,"b":2}`, "replace /a 1 → 3\n",
		},
		{"writes that cancel out", `{"a":1}`, func(s *State) {
			s.root.n.Set("a", NumberValue("3"))
			s.root.n.Set("b", NullValue())
			s.root.n.Delete("b")
			s.root.n.Set("a", NumberValue("1.0"))
		}, `{"a":1.0}`, ""},
		{"deleted and set again", `{"a":1,"b":2}`, func(s *State) {
			s.root.n.Delete("a")
			s.root.n.Set("a", NumberValue("5"))
		}, `{"b":2,"a":5}`, "replace /a 1 → 5\n"},
		{"append and set", `{"x":[1,2,3]}`, func(s *State) {
			x := at(s.root, "x")
			x.SetAt(0, NumberValue("9"))
			x.Append(NumberValue("4"))
		}, `{"x":[9,2,3,4]}`, "replace /x/0 1 → 9\nadd /x/3 → 4\n"},
		{"elements set one by one, though it shifts them", `{"x":[{"id":1},{"id":2},{"id":3},{"id":4}]}`, func(s *State) {
			x := at(s.root, "x")
			x.SetAt(1, x.At(2))
			x.SetAt(2, x.At(3))
			x.Truncate(3)
		}, `{"x":[{"id":1},{"id":3},{"id":4}]}`, "replace /x/1 {\"id\":2} → {\"id\":3}\nreplace /x/2 {\"id\":3} → {\"id\":4}\nremove /x/3 {\"id\":4}\n"},
		{"an element spliced out, another edited", `{"x":[{"id":1},{"id":2},{"id":3}]}`, func(s *State) {
			x := at(s.root, "x")
			x.Splice(0, 1)
			x.At(1).n.Set("q", NumberValue("7"))
		}, `{"x":[{"id":2},{"id":3,"q":7}]}`, "remove /x/0 {\"id\":1}\nadd /x/1/q → 7\n"},
		{"a subtree moved and edited", `{"a":{"v":[1,2]},"b":{}}`, func(s *State) {
			v := at(s.root, "a", "v")
			at(s.root, "a").Delete("v")
			at(s.root, "b").Set("w", v.Value())
			v.Append(NumberValue("3"))
		}, `{"a":{},"b":{"w":[1,2,3]}}`, "remove /a/v [1,2]\nadd /b/w → [1,2,3]\n"},
		{"the same subtree in two places", `{"a":{"v":1}}`, func(s *State) {
			s.root.n.Set("b", at(s.root, "a").Value())
			s.root.n.Set("c", at(s.root, "a").Value())
		}, `{"a":{"v":1},"b":{"v":1},"c":{"v":1}}`, "add /b → {\"v\":1}\nadd /c → {\"v\":1}\n"},
		{"an element put in twice", `[{"id":1},{"id":2}]`, func(s *State) {
			s.root.n.Splice(0, 0, s.root.n.At(0))
		}, `[{"id":1},{"id":1},{"id":2}]`, "add /0 → {\"id\":1}\n"},
		{"a new root made of old parts", `{"items":[{"sku":"a","q":1},{"sku":"b","q":1}],"n":1}`, func(s *State) {
			items := at(s.root, "items")
			b := s.NewObject()
			b.Set("sku", StringValue("b"))
			b.Set("q", NumberValue("2"))
			list := s.NewArray()
			list.Append(items.At(0))
			list.Append(b.Value())
			root := s.NewObject()
			root.Set("items", list.Value())
			root.Set("n", NumberValue("1"))
			s.SetRoot(root.Value())
		}, `{"items":[{"sku":"a","q":1},{"sku":"b","q":2}],"n":1}`, "replace /items/1/q 1 → 2\n"},
		{"filtered into a new array", `{"items":[{"x":1},{"x":2},{"x":3}]}`, func(s *State) {
			items := at(s.root, "items")
			list := s.NewArray()
			list.Append(items.At(0))
			list.Append(items.At(2))
			s.root.n.Set("items", list.Value())
		}, `{"items":[{"x":1},{"x":3}]}`, "remove /items/1 {\"x\":2}\n"},
		{
			"replaced by another kind", `{"a":{"b":1}}`, func(s *State) { s.root.n.Set("a", NumberValue("1")) },
			`{"a":1}`, "replace /a {\"b\":1} → 1\n",
		},
		{"swapped", `[{"id":1},{"id":2}]`, func(s *State) {
			a, b := s.root.n.At(0), s.root.n.At(1)
			s.root.n.SetAt(0, b)
			s.root.n.SetAt(1, a)
		}, `[{"id":2},{"id":1}]`, "replace /0 {\"id\":1} → {\"id\":2}\nreplace /1 {\"id\":2} → {\"id\":1}\n"},
		{"reordered", `[{"id":1},{"id":2},{"id":3}]`, func(s *State) {
			s.root.n.Reorder([]int{2, 0, 1})
		}, `[{"id":3},{"id":1},{"id":2}]`, "add /0 → {\"id\":3}\nremove /3 {\"id\":3}\n"},
		{"values that changed places", `["ann","free","bob"]`, func(s *State) {
			s.root.n.SetAt(0, StringValue("free"))
			s.root.n.SetAt(1, StringValue("ann"))
		}, `["free","ann","bob"]`, "replace /0 \"ann\" → \"free\"\nreplace /1 \"free\" → \"ann\"\n"},
		{"put in twice beside equal values", `["f","}","","g","}"]`, func(s *State) {
			s.root.n.Splice(0, 0, StringValue("p"))
			s.root.n.Splice(4, 0, StringValue("h"), StringValue("}"), StringValue(""))
		}, `["p","f","}","","h","}","","g","}"]`, "add /0 → \"p\"\nadd /4 → \"h\"\nadd /5 → \"}\"\nadd /6 → \"\"\n"},
		{"an equal value put in the place of one taken out", `[1,2,3]`, func(s *State) {
			s.root.n.Splice(1, 1, NumberValue("2"))
		}, `[1,2,3]`, ""},
		{"an equal value put in elsewhere", `[1,1,1]`, func(s *State) {
			s.root.n.Splice(0, 1)
			s.root.n.Append(NumberValue("1"))
		}, `[1,1,1]`, "remove /0 1\nadd /2 → 1\n"},
		{"emptied and filled anew", `[1,2,3]`, func(s *State) {
			s.root.n.Truncate(0)
			for _, x := range []string{"2", "3", "4"} {
				s.root.n.Append(NumberValue(x))
			}
		}, `[2,3,4]`, "remove /0 1\nadd /2 → 4\n"},
		{"taken out and put in again", `[{"a":1},{"a":2},{"a":3}]`, func(s *State) {
			x := s.root.n.At(0)
			s.root.n.Splice(0, 2, s.root.n.At(1), x)
		}, `[{"a":2},{"a":1},{"a":3}]`, "remove /0 {\"a\":1}\nadd /1 → {\"a\":1}\n"},
		{"edited, then removed", `{"a":{"b":1}}`, func(s *State) {
			at(s.root, "a").Set("b", NumberValue("2"))
			s.root.n.Delete("a")
		}, `{}`, "remove /a {\"b\":1}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := stateOf(t, tt.start)
			before := s.Freeze()
			tt.edit(s)
			changes, err := s.Commit(true)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(AppendJSON(nil, s.Root())); got != tt.end {
				t.Errorf("state %s, want %s", got, tt.end)
			}
			if got := listed(changes); got != tt.want {
				t.Errorf("changes\n%swant\n%s", got, tt.want)
			}
			checkTree(t, s)
			after, err := Apply(before, changes)
			if err != nil || !Equal(after, s.Root()) {
				t.Errorf("applied: %s, %v", AppendJSON(nil, after), err)
			}
		})
	}
}

func TestCommitCycle(t *testing.T) {
	for _, edit := range []func(s *State){
		func(s *State) { s.root.n.Set("self", s.root) },
		func(s *State) { at(s.root, "a").Set("up", s.root) },
		func(s *State) {
			x, y := s.NewObject(), s.NewArray()
			x.Set("y", y.Value())
			y.Append(x.Value())
			s.root.n.Set("x", x.Value())
		},
	} {
		s := stateOf(t, `{"a":{"b":[1]}}`)
		edit(s)
		_, err := s.Commit(true)
		if _, ok := err.(*CycleError); !ok {
			t.Errorf("got %v, want a CycleError", err)
		}
		s.Rollback()
		if got := string(AppendJSON(nil, s.Root())); got != `{"a":{"b":[1]}}` {
			t.Errorf("after rollback: %s", got)
		}
	}
}

// TestCommitLimits lets a state grow as a hostile fold would have it.
func TestCommitLimits(t *testing.T) {
	var deepest *Node
	grow := map[string]func(s *State){
		"wrapped in itself": func(s *State) {
			n := s.NewObject()
			n.Set("in", s.root)
			s.SetRoot(n.Value())
		},
		"doubled": func(s *State) {
			n := s.NewArray()
			n.Append(s.root)
			n.Append(s.root)
			s.SetRoot(n.Value())
		},
		"put deeper": func(s *State) {
			if deepest == nil {
				deepest = s.root.n
			}
			next := s.NewObject()
			deepest.Set("in", next.Value())
			deepest = next
		},
	}
	for name, edit := range grow {
		t.Run(name, func(t *testing.T) {
			s := stateOf(t, `{}`)
			var last Value
			for i := range MaxDepth + 2 {
				edit(s)
				_, err := s.Commit(false)
				if _, ok := err.(*LimitError); ok {
					s.Rollback()
					if i == 0 || s.Root().n != last.n {
						t.Errorf("event %d left something behind", i)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				last = s.root
			}
			t.Errorf("grew without a limit")
		})
	}
}

// checkTree fails if a container is in two places, or its notes on where it is
// are wrong.
func checkTree(t rapid.TB, s *State) {
	seen := map[*Node]bool{}
	var walk func(v Value, parent *Node, key string)
	walk = func(v Value, parent *Node, key string) {
		n := v.n
		if n == nil {
			return
		}
		if seen[n] {
			t.Fatalf("a container is in two places: %s", AppendJSON(nil, v))
		}
		seen[n] = true
		if n.st != s || n.parent != parent || n.parent != nil && n.parent.kind == Object && n.key != key {
			t.Fatalf("%s has the wrong position", AppendJSON(nil, v))
		}
		if n.saved != nil {
			t.Fatalf("the journal of %s was kept", AppendJSON(nil, v))
		}
		for _, e := range n.elems {
			walk(e, n, "")
		}
		n.Each(func(k string, e Value) bool { walk(e, n, k); return true })
	}
	walk(s.root, nil, "")
}

// TestCommitProperty edits a state at random, moving containers about, and
// holds the journal against a comparison of whole states.
func TestCommitProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		s.SetRoot(s.Adopt(genValue(3).Draw(t, "start")))
		if s.root.n == nil {
			s.SetRoot(s.NewObject().Value())
		}
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 4).Draw(t, "events") {
			before := s.Freeze()
			for range rapid.IntRange(1, 8).Draw(t, "edits") {
				edit(t, s)
			}
			undo := rapid.IntRange(0, 5).Draw(t, "undo") == 0
			if undo {
				s.Rollback()
				if !Equal(before, s.Root()) {
					t.Fatalf("rolled back to %s, was %s", AppendJSON(nil, s.Root()), AppendJSON(nil, before))
				}
				continue
			}
			changes, err := s.Commit(true)
			if _, ok := err.(*CycleError); ok {
				s.Rollback()
				checkTree(t, s)
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			checkTree(t, s)
			after, err := Apply(before, changes)
			if err != nil {
				t.Fatalf("%v\nbefore %s\nafter  %s\n%s", err, AppendJSON(nil, before), AppendJSON(nil, s.Root()), listed(changes))
			}
			if !Equal(after, s.Root()) {
				t.Fatalf("changes give %s\nstate is     %s\nwas          %s\n%s", AppendJSON(nil, after), AppendJSON(nil, s.Root()), AppendJSON(nil, before), listed(changes))
			}
			if Equal(before, s.Root()) && !slices.ContainsFunc(changes, isOfElement) && len(changes) > 0 {
				t.Fatalf("nothing changed, but\n%s", listed(changes))
			}
		}
	})
}

// isOfElement reports whether a change inserts or removes an element. Elements are known by
// what was done to them: an insertion and a shift that end in equal arrays are two changes.
func isOfElement(c Change) bool {
	last := c.Path[strings.LastIndexByte(c.Path, '/')+1:]
	_, ok := arrayIndex(last)
	return ok && c.Op != OpReplace
}

// edit makes one random write somewhere in the state, of a new or an old value.
func edit(t *rapid.T, s *State) {
	var all []*Node
	onPath := map[*Node]bool{} // uncommitted states may hold cycles
	var walk func(v Value)
	walk = func(v Value) {
		if v.n == nil || onPath[v.n] || len(all) > 200 {
			return
		}
		onPath[v.n] = true
		all = append(all, v.n)
		for _, e := range v.n.elems {
			walk(e)
		}
		v.n.Each(func(_ string, e Value) bool { walk(e); return true })
	}
	walk(s.root)
	if len(all) == 0 || rapid.IntRange(0, 30).Draw(t, "root") == 0 {
		s.SetRoot(s.Adopt(genValue(2).Draw(t, "v")))
		return
	}
	n := all[rapid.IntRange(0, len(all)-1).Draw(t, "node")]
	value := func() Value {
		if rapid.IntRange(0, 2).Draw(t, "old") == 0 {
			return all[rapid.IntRange(0, len(all)-1).Draw(t, "which")].Value()
		}
		return s.Adopt(genValue(2).Draw(t, "v"))
	}
	if n.kind == Object {
		key := rapid.SampledFrom([]string{"a", "b", "id", "~/"}).Draw(t, "key")
		if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
			n.Delete(key)
		} else {
			n.Set(key, value())
		}
		return
	}
	switch i := rapid.IntRange(0, n.Len()).Draw(t, "i"); rapid.IntRange(0, 4).Draw(t, "op") {
	case 0:
		n.Truncate(i)
	case 1:
		n.Splice(i, rapid.IntRange(0, n.Len()-i).Draw(t, "del"), value(), value())
	case 2:
		n.Splice(i, rapid.IntRange(0, n.Len()-i).Draw(t, "del"))
	case 3: // as a script shifts
		for k := i; k+1 < n.Len(); k++ {
			n.SetAt(k, n.At(k+1))
		}
		n.Truncate(max(0, n.Len()-1))
	default:
		n.SetAt(i, value())
	}
}

func genValue(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		kind := rapid.IntRange(0, 6).Draw(t, "kind")
		if depth == 0 {
			kind %= 4
		}
		switch kind {
		case 0:
			return NullValue()
		case 1:
			return BoolValue(rapid.Bool().Draw(t, "bool"))
		case 2:
			return NumberValue(rapid.SampledFrom([]string{"0", "1", "1.0", "-2.50", "9007199254740993"}).Draw(t, "number"))
		case 3:
			return StringValue(rapid.SampledFrom([]string{"", "x", "y", "ü"}).Draw(t, "string"))
		case 4, 5:
			n := NewObject()
			for range rapid.IntRange(0, 3).Draw(t, "members") {
				n.Set(rapid.SampledFrom([]string{"a", "b", "id", "~/"}).Draw(t, "key"), genValue(depth-1).Draw(t, "value"))
			}
			return n.Value()
		default:
			n := NewArray()
			for range rapid.IntRange(0, 5).Draw(t, "elements") {
				n.Append(genValue(depth-1).Draw(t, "value"))
			}
			return n.Value()
		}
	})
}

func TestDiffProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := genValue(3).Draw(t, "a"), genValue(3).Draw(t, "b")
		changes := Diff(a, b, DiffOptions{})
		got, err := Apply(a, changes)
		if err != nil || !Equal(got, b) {
			t.Fatalf("%v: %s becomes %s by\n%sgot %s", err, AppendJSON(nil, a), AppendJSON(nil, b), listed(changes), AppendJSON(nil, got))
		}
		if Equal(a, b) && len(changes) > 0 {
			t.Fatalf("equal, but\n%s", listed(changes))
		}
	})
}

// BenchmarkCommitMany puts one container in that many places at once, which must not
// cost the square of that.
func BenchmarkCommitMany(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				s := New()
				all := s.NewArray()
				s.SetRoot(all.Value())
				one := s.NewObject().Value()
				for range n {
					all.Append(one)
				}
				if _, err := s.Commit(false); err != nil || all.Len() != n {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/place")
		})
	}
}

// TestPlacedAgainBeside puts an element of an array into it once more, before itself, and
// changes it: the journal has to know which of the two was there.
func TestPlacedAgainBeside(t *testing.T) {
	s := New()
	s.SetRoot(s.Adopt(must(t, `{"a":[{}]}`)))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	before := s.Freeze()
	a := s.Root().Node().Get("a").Node()
	x := a.At(0)
	a.Splice(0, 0, NullValue(), x)
	x.Node().Set("k", NullValue())
	changes, err := s.Commit(true)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Apply(before, changes)
	if err != nil || !Equal(after, s.Root()) {
		t.Errorf("got %s, %v; want %s\n%s", AppendJSON(nil, after), err, AppendJSON(nil, s.Root()), listed(changes))
	}
}

// TestInsideOut puts a container into what it contained.
func TestInsideOut(t *testing.T) {
	s := New()
	s.SetRoot(s.Adopt(must(t, `{"a":[{}]}`)))
	if _, err := s.Commit(false); err != nil {
		t.Fatal(err)
	}
	root := s.Root().Node()
	outer := root.Get("a")
	inner := outer.Node().At(0)
	inner.Node().Set("a", outer)
	root.Set("a", inner)
	outer.Node().Truncate(0)
	if _, err := s.Commit(true); err != nil {
		t.Fatal(err)
	}
	if got := string(AppendJSON(nil, s.Root())); got != `{"a":{"a":[]}}` {
		t.Errorf("got %s", got)
	}
}
