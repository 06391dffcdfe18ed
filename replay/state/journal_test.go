package state

import (
	"testing"

	"pgregory.net/rapid"
)

// A journal whose memory is used again notes what a new one does.
func TestJournalIsUsedAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := genValue(3).Draw(t, "root")
		reused, plain := New(), New()
		for _, s := range []*State{reused, plain} {
			s.SetRoot(s.Adopt(root))
			if _, err := s.Commit(false); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 8).Draw(t, "events") {
			plain.scratch.free = nil
			for range rapid.IntRange(1, 5).Draw(t, "edits") {
				sameEdit(t, reused, plain)
			}
			if rapid.IntRange(0, 4).Draw(t, "fails") == 0 {
				reused.Rollback()
				plain.Rollback()
			} else if a, b := committed(t, reused), committed(t, plain); a != b {
				t.Fatalf("changes\n%sbut with a new journal\n%s", a, b)
			}
			if a, b := text(reused.Root()), text(plain.Root()); a != b {
				t.Fatalf("state %s, but with a new journal %s", a, b)
			}
		}
	})
}

func committed(t *rapid.T, s *State) string {
	changes, err := s.Commit(true)
	if err != nil {
		t.Fatal(err)
	}
	return listed(changes)
}

// sameEdit makes the same random write in states that are equal.
func sameEdit(t *rapid.T, states ...*State) {
	nodes := 0
	each(states[0].root, func(*Node) { nodes++ })
	which := rapid.IntRange(0, max(0, nodes-1)).Draw(t, "node")
	key := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "key")
	v, op := genValue(1).Draw(t, "v"), rapid.IntRange(0, 3).Draw(t, "op")
	at := rapid.Uint8().Draw(t, "at")
	for _, s := range states {
		var all []*Node
		each(s.root, func(n *Node) { all = append(all, n) })
		if len(all) == 0 {
			s.SetRoot(s.Adopt(v))
			continue
		}
		n := all[which]
		i := int(at) % (n.Len() + 1)
		switch {
		case n.kind == Object && op == 0:
			n.Delete(key)
		case n.kind == Object:
			n.Set(key, s.Adopt(v))
		case op == 0:
			n.Truncate(i)
		case op == 1:
			n.Splice(i, (n.Len()-i)/2, s.Adopt(v))
		default:
			n.SetAt(i, s.Adopt(v))
		}
	}
}

// each calls f with every container within v, itself first.
func each(v Value, f func(*Node)) {
	if v.n == nil {
		return
	}
	f(v.n)
	for _, e := range v.n.elems {
		each(e, f)
	}
	v.n.Each(func(_ string, e Value) bool { each(e, f); return true })
}

// States that share memory, and are changed at the same time, note what states with memory
// of their own do.
func TestJournalsShareMemory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var shared Scratch
		pairs := [2][2]*State{{NewIn(&shared), New()}, {NewIn(&shared), New()}}
		for _, p := range pairs {
			root := genValue(3).Draw(t, "root")
			for _, s := range p {
				s.SetRoot(s.Adopt(root))
				if _, err := s.Commit(false); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			p := pairs[rapid.IntRange(0, 1).Draw(t, "state")]
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				p[0].Rollback()
				p[1].Rollback()
			case 1:
				if a, b := committed(t, p[0]), committed(t, p[1]); a != b {
					t.Fatalf("changes\n%sbut alone\n%s", a, b)
				}
			default:
				sameEdit(t, p[0], p[1])
			}
			if a, b := text(p[0].Root()), text(p[1].Root()); a != b {
				t.Fatalf("state %s, but alone %s", a, b)
			}
		}
	})
}
