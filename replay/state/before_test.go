package state

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// A rollback restores the order of members, and a container's place before the event is
// known until then.
func TestRollbackRestoresAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		s.SetRoot(s.Adopt(genValue(3).Draw(t, "root")))
		if _, err := s.Commit(false); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 6).Draw(t, "events") {
			before, places := text(s.Root()), map[*Node]string{}
			placed(s.Root(), "", func(n *Node, path string) { places[n] = path })
			for range rapid.IntRange(1, 8).Draw(t, "edits") {
				sameEdit(t, s)
			}
			for n, path := range places {
				if got, ok := s.PlaceBefore(n); !ok || joinPointer(got) != path {
					t.Fatalf("place %q, %t, not %q", got, ok, path)
				}
			}
			placed(s.Root(), "", func(n *Node, path string) {
				if _, known := places[n]; !known {
					if got, ok := s.PlaceBefore(n); ok {
						t.Fatalf("%s is new, and had the place %q", path, got)
					}
				}
			})
			if rapid.Bool().Draw(t, "fails") {
				if s.Rollback(); text(s.Root()) != before {
					t.Fatalf("%s after a rollback to %s", text(s.Root()), before)
				}
			} else if _, err := s.Commit(false); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func placed(v Value, path string, f func(*Node, string)) {
	if v.n == nil {
		return
	}
	f(v.n, path)
	for i, e := range v.n.elems {
		placed(e, path+"/"+strconv.Itoa(i), f)
	}
	v.n.Each(func(key string, e Value) bool { placed(e, string(AppendToken([]byte(path), key)), f); return true })
}
