package js

import (
	"context"
	"fmt"

	"github.com/dop251/goja"

	"asof/replay/state"
)

// Shapes reports whether the projection's result differs from its state.
func (s *Script) Shapes() bool { return len(s.def.shape) > 0 }

// Result returns the projection's result for a state, after transformBy and
// filterBy, as a tree outside any state.
func (s *Script) Result(st *state.State) (out state.Value, err error) {
	out = st.Freeze()
	if len(s.def.shape) == 0 {
		return out, nil
	}
	err = s.call(context.Background(), nil, nil, func() error {
		w := wrapper{e: s.e}
		v := w.value(out, "state")
		for _, sh := range s.def.shape {
			r, err := sh.f(goja.Undefined(), v)
			if err != nil {
				return err
			}
			if sh.filter {
				if r != s.e.yes {
					v = goja.Null()
				}
			} else {
				v = r
			}
			if v == nil || v == goja.Undefined() || v == goja.Null() {
				v = goja.Null()
				break
			}
		}
		if s.e.freeEdits {
			s.e.warn("shape", "transformBy or filterBy changes the state that it gets: V1 of KurrentDB keeps the change, V2 and asof do not")
		}
		out, err = s.e.freeValue(v)
		return err
	})
	return out, err
}

// checkTree returns an error for a tree outside any state that contains itself or
// that is too large when written as JSON. left is the number of values still
// allowed.
func checkTree(v state.Value, depth int, left *int) error {
	if *left--; *left < 0 || depth > maxDepth {
		return fmt.Errorf("a value is too large, nests deeper than %d levels, or contains itself", maxDepth)
	}
	if !v.IsContainer() {
		return nil
	}
	for _, x := range v.Node().Elems() {
		if err := checkTree(x, depth+1, left); err != nil {
			return err
		}
	}
	var err error
	v.Node().Each(func(_ string, x state.Value) bool {
		err = checkTree(x, depth+1, left)
		return err == nil
	})
	return err
}
