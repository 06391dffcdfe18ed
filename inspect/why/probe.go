package why

import (
	"context"
	"strconv"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A probe folds one event again and again, to see what its result depends on.
type probe struct {
	t      *replay.Trial
	out    []string // the result: a path of the state that the event is folded into
	result state.Value
	end    time.Time // no more tests from then on
	broken bool      // a test was stopped: the next ones may be, too
}

// baseline folds the event as it was, and returns what its handler read.
func (p *probe) baseline(ctx context.Context) (*replay.Watch, error) {
	w := &replay.Watch{}
	err := p.t.Fold(ctx, replay.Otherwise{}, w, func(bool) {
		st := p.t.State()
		p.result, _ = copyOf(within(st.Root(), p.out), 0)
		p.carried(st, w)
	})
	return w, err
}

// carried adds the input that the result is, if the event only moved or copied it.
func (p *probe) carried(st *state.State, w *replay.Watch) {
	v := st.Root()
	for i := 0; ; i++ {
		if n := v.Node(); n != nil {
			if at, ok := w.PlaceOf(st, n); ok {
				for _, token := range p.out[i:] {
					at = at.At(token)
				}
				w.Add(at)
			}
		}
		if i == len(p.out) {
			return
		}
		v = within(v, p.out[i:i+1])
	}
}

// test folds the event with another input, and sets the verdict.
func (p *probe) test(ctx context.Context, in *Input, o replay.Otherwise, hide string) error {
	if p.broken || time.Now().After(p.end) {
		return nil
	}
	w := &replay.Watch{Off: true}
	if hide != "" {
		w.Hide = map[string]bool{hide: true}
	}
	unfit := false
	if edit := o.State; edit != nil {
		o.State = func(st *state.State) error {
			err := edit(st)
			unfit = err != nil
			return err
		}
	}
	began := time.Now()
	err := p.t.Fold(ctx, o, w, func(bool) {
		out := within(p.t.State().Root(), p.out)
		if state.Equal(p.result, out) {
			in.Verdict = Idle
			return
		}
		in.Verdict = Matters
		var ok bool
		if in.Would, ok = copyOf(out, 0); !ok {
			in.Fails = "the result would contain itself"
		}
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case unfit: // the place for the earlier value is gone
	case err != nil:
		in.Verdict, in.Fails = Matters, reason(err)
		p.broken = time.Since(began) > slowTest
	}
	return nil
}

// slowTest is how long a failed test takes that was stopped by a limit.
const slowTest = 500 * time.Millisecond

// mostCopied is how deeply a result is copied.
const mostCopied = 500

// copyOf returns a copy of a value that may contain itself; ok is false if it does.
func copyOf(v state.Value, depth int) (out state.Value, ok bool) {
	if !v.IsContainer() {
		return state.Clone(v), true
	}
	if depth > mostCopied {
		return state.Value{}, false
	}
	ok = true
	if v.Kind() == state.Array {
		c := state.NewArray()
		for _, e := range v.Node().Elems() {
			one, fine := copyOf(e, depth+1)
			if ok = ok && fine; !ok {
				return state.Value{}, false
			}
			c.Append(one)
		}
		return c.Value(), true
	}
	c := state.NewObject()
	v.Node().Each(func(key string, e state.Value) bool {
		one, fine := copyOf(e, depth+1)
		if ok = fine; ok {
			c.Set(key, one)
		}
		return ok
	})
	return c.Value(), ok
}

// put returns an edit of a state that gives a path another value; absent: none.
func put(path string, v state.Value) func(*state.State) error {
	return func(st *state.State) error {
		tokens, err := state.ParsePointer(path)
		if err != nil {
			return err
		}
		if !v.IsAbsent() {
			v = st.Adopt(v)
		}
		if len(tokens) == 0 {
			if v.IsAbsent() {
				v = state.NullValue()
			}
			st.SetRoot(v)
			return nil
		}
		last := len(tokens) - 1
		if !edit(within(st.Root(), tokens[:last]), tokens[last], v) {
			return &state.PathError{Path: path, Reason: "it has no place any more"}
		}
		return nil
	}
}

// edit sets or removes a part of a container.
func edit(in state.Value, token string, v state.Value) bool {
	n := in.Node()
	if n == nil {
		return false
	}
	if n.Kind() == state.Object {
		if v.IsAbsent() {
			n.Delete(token)
		} else {
			n.Set(token, v)
		}
		return true
	}
	i, err := strconv.Atoi(token)
	switch {
	case err != nil || i < 0 || i > n.Len() || v.IsAbsent() && i == n.Len():
		return false
	case v.IsAbsent():
		n.Splice(i, 1)
	default:
		n.SetAt(i, v)
	}
	return true
}

// putParts returns an edit of a state that gives a container the parts it had before.
func putParts(path string, undo []state.Change) func(*state.State) error {
	return func(st *state.State) error {
		tokens, err := state.ParsePointer(path)
		if err != nil {
			return err
		}
		n := within(st.Root(), tokens).Node()
		gone := &state.PathError{Path: path, Reason: "it has no place any more"}
		if n == nil {
			return gone
		}
		for i := range undo {
			c := &undo[i]
			part, err := state.ParsePointer(c.Path)
			if err != nil {
				return err
			}
			v := state.Value{}
			if c.Op == state.OpAdd {
				v = st.Adopt(c.To)
				if k, err := strconv.Atoi(part[0]); n.Kind() == state.Array && err == nil && k <= n.Len() {
					n.Splice(k, 0, v)
					continue
				}
			}
			if !edit(n.Value(), part[0], v) {
				return gone
			}
		}
		return nil
	}
}

// without returns an edit of a payload that leaves out a path.
func without(tokens []string) func(state.Value) {
	return func(v state.Value) {
		last := len(tokens) - 1
		edit(within(v, tokens[:last]), tokens[last], state.Value{})
	}
}
