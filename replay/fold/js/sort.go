package js

import (
	"math"
	"slices"
	"sort"

	"github.com/dop251/goja"
)

// A sorting is an array of the tree while it is sorted.
type sorting struct {
	e       *engine
	vals    []goja.Value  // the elements, as the comparison sees them
	order   []int         // their indexes before sorting
	compare goja.Callable // nil: compare as strings
}

// sort is Array.prototype.sort. It sorts a copy and then reorders the array in one
// step, so that the journal can follow each element.
func (e *engine) sort(a *arrayWrapper, args []goja.Value) goja.Value {
	s := sorting{e: e}
	if len(args) > 0 && args[0] != goja.Undefined() {
		var ok bool
		if s.compare, ok = goja.AssertFunction(args[0]); !ok {
			panic(e.rt.NewTypeError("The comparison function must be either a function or undefined"))
		}
	}
	n := a.edit()
	held := slices.Clone(n.Elems())
	s.vals, s.order = make([]goja.Value, len(held)), make([]int, len(held))
	for i := range held {
		s.vals[i], s.order[i] = a.Get(i), i
	}
	sort.Stable(&s)
	if n = a.edit(); slices.Equal(held, n.Elems()) {
		n.Reorder(s.order)
		return a.obj
	}
	for i, v := range s.vals { // the comparison changed the array
		a.Set(i, v)
	}
	return a.obj
}

func (s *sorting) Len() int { return len(s.vals) }

func (s *sorting) Swap(i, j int) {
	s.vals[i], s.vals[j] = s.vals[j], s.vals[i]
	s.order[i], s.order[j] = s.order[j], s.order[i]
}

func (s *sorting) Less(i, j int) bool {
	x, y := s.vals[i], s.vals[j]
	switch {
	case x == goja.Undefined():
		return false
	case y == goja.Undefined():
		return true
	case s.compare == nil:
		return s.text(x).CompareTo(s.text(y)) < 0
	}
	v, err := s.compare(goja.Undefined(), x, y)
	if err != nil {
		panic(err)
	}
	c := v.ToFloat()
	return c < 0 || c == 0 && math.Signbit(c) // like the engine's own arrays
}

// text returns a value as a string. For numbers the engine's ToString is not one.
func (s *sorting) text(v goja.Value) goja.String {
	if t, ok := v.ToString().(goja.String); ok {
		return t
	}
	return s.e.rt.ToValue(v.String()).(goja.String)
}

// reverse is Array.prototype.reverse.
func (e *engine) reverse(a *arrayWrapper, _ []goja.Value) goja.Value {
	n := a.edit()
	order := make([]int, n.Len())
	for i := range order {
		order[i] = len(order) - 1 - i
	}
	n.Reorder(order)
	return a.obj
}
