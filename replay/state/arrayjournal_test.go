package state

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// A followed array is the plain model of an array of which each element is known:
// who put it there, and where it was before the event in hand.
type followed struct {
	event  int
	elems  []followedElem
	before []followedElem // what it held before the event
}

type followedElem struct {
	v   Value
	by  int // the event that set it
	was int // its index before the event; -1: the event put it in
}

func (f *followed) begin() {
	f.event++
	for i := range f.elems {
		f.elems[i].was = i
	}
	f.before = slices.Clone(f.elems)
}

func (f *followed) splice(i, del int, vals ...Value) {
	var in []followedElem
	for _, v := range vals {
		in = append(in, followedElem{v, f.event, -1})
	}
	f.elems = slices.Replace(f.elems, i, i+del, in...)
}

// set writes a place: an element of before the event stays where it is.
func (f *followed) set(i int, v Value) {
	if i == len(f.elems) {
		f.splice(i, 0, v)
		return
	}
	e := &f.elems[i]
	e.v = v
	if e.was >= 0 {
		e.by = f.event
		if Equal(f.before[e.was].v, v) {
			e.by = f.before[e.was].by
		}
	}
}

func (f *followed) reorder(order []int) {
	old := slices.Clone(f.elems)
	for i, was := range order {
		f.elems[i] = old[was]
	}
}

// settle has what was put in in the place of an equal value count as that.
func (f *followed) settle() {
	i, j := 0, 0 // in the old array and in the new
	for j < len(f.elems) {
		end := j
		for end < len(f.elems) && f.elems[end].was < 0 {
			end++
		}
		stays := len(f.before)
		if end < len(f.elems) {
			stays = f.elems[end].was
		}
		for ; i < stays && j < end; i, j = i+1, j+1 {
			if Equal(f.before[i].v, f.elems[j].v) {
				f.elems[j].by = f.before[i].by
			}
		}
		i, j = stays+1, end+1
	}
}

// stay is the number of elements that are as they were before the event, in the
// longest row that is in the old order.
func (f *followed) stay() int {
	best := 0
	row := make([]int, len(f.elems))
	for j, e := range f.elems {
		if e.was < 0 {
			continue
		}
		row[j] = 1
		for k := range j {
			if f.elems[k].was >= 0 && f.elems[k].was < e.was {
				row[j] = max(row[j], row[k]+1)
			}
		}
		best = max(best, row[j])
	}
	return best
}

// drawOps does the same random operations on an array and on its model, and
// reports whether elements were reordered.
func drawOps(t *rapid.T, n *Node, f *followed) (reordered bool) {
	value := rapid.Custom(func(t *rapid.T) Value { return NumberValue(strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "v"))) })
	for range rapid.IntRange(1, 8).Draw(t, "ops") {
		length := n.Len()
		i := rapid.IntRange(0, length).Draw(t, "i")
		switch rapid.IntRange(0, 8).Draw(t, "op") {
		case 0, 1:
			v := value.Draw(t, "set")
			n.SetAt(i, v)
			f.set(i, v)
		case 2:
			n.Truncate(i)
			f.splice(i, length-i)
		case 3: // shift
			if length > 0 {
				n.Splice(0, 1)
				f.splice(0, 1)
			}
		case 4:
			order := rapid.Permutation(seq(length)).Draw(t, "order")
			n.Reorder(order)
			f.reorder(order)
			reordered = true
		case 5:
			v := value.Draw(t, "push")
			n.Append(v)
			f.splice(length, 0, v)
		default:
			del := rapid.IntRange(0, length-i).Draw(t, "del")
			vals := rapid.SliceOfN(value, 0, 4).Draw(t, "vals")
			n.Splice(i, del, vals...)
			f.splice(i, del, vals...)
		}
	}
	return reordered
}

func seq(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// blameOf has the changes of an event say who set each element.
func blameOf(t *rapid.T, by []int, changes []Change, event int) []int {
	for _, c := range changes {
		i, err := strconv.Atoi(c.Path[1:])
		if err != nil {
			t.Fatal(c.Path, err)
		}
		switch c.Op {
		case OpAdd:
			by = slices.Insert(by, i, event)
		case OpRemove:
			by = slices.Delete(by, i, i+1)
		default:
			by[i] = event
		}
	}
	return by
}

// TestArrayBlame holds what the journal says of random operations on an array to a
// model that follows each element: who set it is who wrote it, whatever values are
// equal. And the changes lead from the old array to the new one and back.
func TestArrayBlame(t *testing.T) {
	for name, size := range map[string]int{"small": 8, "saved as a whole": 3 * fullFrom} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s, f := New(), &followed{}
				arr := s.NewArray()
				for i := range rapid.IntRange(size/2, size).Draw(t, "length") {
					v := NumberValue(strconv.Itoa(i % 3))
					arr.Append(v)
					f.splice(i, 0, v)
				}
				s.SetRoot(arr.Value())
				committed(t, s)
				by := make([]int, len(f.elems))
				for range rapid.IntRange(1, 4).Draw(t, "events") {
					by = checkEvent(t, s, f, by)
				}
			})
		})
	}
}

func checkEvent(t *rapid.T, s *State, f *followed, by []int) []int {
	f.begin()
	before, arr := s.Freeze(), s.root.n
	if rapid.IntRange(0, 5).Draw(t, "fails") == 0 {
		drawOps(t, arr, &followed{elems: slices.Clone(f.elems), before: f.before})
		s.Rollback()
		if !Equal(before, s.root) {
			t.Fatalf("%s was rolled back to %s", text(before), text(s.root))
		}
	}
	reordered := drawOps(t, arr, f)
	changes, err := s.Commit(true)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Apply(before, changes)
	if err != nil || !Equal(after, s.root) {
		t.Fatalf("%s becomes %s, not %s: %v", text(before), text(after), text(s.root), err)
	}
	if back, err := Apply(after, Invert(changes)); err != nil || !Equal(back, before) {
		t.Fatalf("%s goes back to %s, not %s: %v", text(after), text(back), text(before), err)
	}
	stay := f.stay()
	by = blameOf(t, by, changes, f.event)
	switch {
	case stay == 0: // a new array: by its values
	case reordered: // which of several rows stays is left open
		same := 0
		for _, b := range by {
			if b < f.event {
				same++
			}
		}
		changed := 0
		for _, e := range f.elems {
			if e.was >= 0 && !Equal(e.v, f.before[e.was].v) {
				changed++
			}
		}
		if same < stay-changed {
			t.Fatalf("%d elements are unchanged, not %d", same, stay-changed)
		}
	default:
		f.settle()
		for i, e := range f.elems {
			if e.by != by[i] {
				t.Fatalf("%s to %s: element %d was set by %d, not %d\n%s", text(before), text(after), i, e.by, by[i], listed(changes))
			}
		}
	}
	for i := range f.elems {
		f.elems[i].by = by[i]
	}
	return by
}
