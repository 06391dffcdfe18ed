package why

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A probe folds one event again and again, to see what its result depends on.
type probe struct {
	t      *replay.Trial
	outs   []out // the result: parts of the state that the event is folded into
	before []int // of outs that count parts: how many there were before the event
	result []state.Value
	judge  func(root state.Value) bool // see asking
	end    time.Time                   // no more tests from then on
	broken bool                        // a test was stopped: the next ones may be, too
}

// An out is a part of a result.
type out struct {
	path   string // of the state that the event is folded into
	tokens []string
	parts  bool       // how many parts the event adds to the container or removes
	was    state.Kind // of the result
}

func newOut(path string, parts bool) out {
	tokens, _ := state.ParsePointer(path) // of a node or a change
	return out{path: path, tokens: tokens, parts: parts}
}

// count notes how many parts there are before the event.
func (p *probe) count(root state.Value, s shift) {
	p.before = p.before[:0]
	for i := range p.outs {
		n := 0
		if v := state.Within(root, s.of(p.outs[i].tokens)); v.IsContainer() {
			n = v.Node().Len()
		}
		p.before = append(p.before, n)
	}
}

// of returns the value of an out in a state after the event, live.
func (p *probe) of(root state.Value, i int, s shift) state.Value {
	o := &p.outs[i]
	v := state.Within(root, s.of(o.tokens))
	if !o.parts || !v.IsContainer() {
		return v
	}
	return state.NumberValue(strconv.Itoa(v.Node().Len() - p.before[i]))
}

// A shift says which elements an edit took out of an array or put into it, so that those
// after them have other indexes.
type shift struct {
	array []string
	moves []moved
}

type moved struct{ at, by int }

// shiftOf returns the shift of an edit that undoes changes of an array's elements.
func shiftOf(array []string, undo []state.Change) (s shift) {
	s.array = array
	for _, c := range undo {
		i, err := strconv.Atoi(strings.TrimPrefix(c.Path, "/"))
		switch {
		case err != nil:
		case c.Op == state.OpAdd:
			s.moves = append(s.moves, moved{i, 1})
		case c.Op == state.OpRemove:
			s.moves = append(s.moves, moved{i + 1, -1})
		}
	}
	return s
}

// of returns where the element at a path is after the edit.
func (s shift) of(tokens []string) []string {
	k := len(s.array)
	if len(s.moves) == 0 || len(tokens) <= k || !slices.Equal(tokens[:k], s.array) {
		return tokens
	}
	i, err := strconv.Atoi(tokens[k])
	if err != nil {
		return tokens
	}
	for _, m := range s.moves {
		if i >= m.at {
			i += m.by
		}
	}
	tokens = slices.Clone(tokens)
	tokens[k] = strconv.Itoa(i)
	return tokens
}

// baseline folds the event as it was, and returns what its handler read.
func (p *probe) baseline(ctx context.Context) (*replay.Watch, error) {
	w := &replay.Watch{}
	p.count(p.t.State().Root(), shift{})
	err := p.t.Fold(ctx, replay.Otherwise{}, w, func(bool) {
		st := p.t.State()
		p.result = make([]state.Value, len(p.outs))
		for i := range p.outs {
			p.result[i], _ = copyOf(p.of(st.Root(), i, shift{}), 0)
			p.outs[i].was = p.result[i].Kind()
			p.carried(st, w, p.outs[i].tokens)
		}
	})
	return w, err
}

// repeats folds the event as it was, and reports whether the result is that of the baseline.
func (p *probe) repeats(ctx context.Context) (same bool, err error) {
	p.count(p.t.State().Root(), shift{})
	err = p.t.Fold(ctx, replay.Otherwise{}, &replay.Watch{Off: true}, func(bool) {
		same = true
		for i := range p.outs {
			same = same && state.Equal(p.result[i], p.of(p.t.State().Root(), i, shift{}))
		}
	})
	return same, err
}

// carried adds the input that the result is, if the event only moved or copied it.
func (p *probe) carried(st *state.State, w *replay.Watch, out []string) {
	v := st.Root()
	for i := 0; ; i++ {
		if n := v.Node(); n != nil {
			if at, ok := w.PlaceOf(st, n); ok && (i == len(out) || n.Kind() != state.Object || !n.Wrote(out[i])) {
				for _, token := range out[i:] {
					at = at.At(token)
				}
				w.Add(at)
			}
		}
		if i == len(out) {
			return
		}
		v = state.Within(v, out[i:i+1])
	}
}

// test folds the event with another input, and sets the verdict.
func (p *probe) test(ctx context.Context, in *Input, o replay.Otherwise, fields map[string]state.Value, s shift) error {
	if in.late = p.broken || time.Now().After(p.end); in.late {
		return nil
	}
	w := &replay.Watch{Off: true, Fields: fields}
	unfit := false
	if edit := o.State; edit != nil {
		o.State = func(st *state.State) error {
			err := edit(st)
			unfit = err != nil
			p.count(st.Root(), s)
			return err
		}
	} else {
		p.count(p.t.State().Root(), s)
	}
	began := time.Now()
	var others []different
	cures := false
	err := p.t.Fold(ctx, o, w, func(bool) {
		in.Verdict, in.Fails = Idle, ""
		others = p.others(s)
		if len(others) > 0 && p.judge != nil {
			whole, ok := copyOf(p.t.State().Root(), 0)
			cures = ok && p.judge(whole)
		}
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case unfit: // the place for the earlier value is gone
	case err != nil:
		in.Verdict, in.Fails = Matters, reason(err)
		p.broken = time.Since(began) > slowTest
	default:
		return p.decide(ctx, in, others, cures)
	}
	return nil
}

// A different is a result of a test that is not that of the baseline.
type different struct {
	out   int
	would state.Value
	ok    bool // it does not contain itself
}

// others returns what is different in the state after a test, up to the first value.
func (p *probe) others(s shift) (all []different) {
	root := p.t.State().Root()
	for i := range p.outs {
		if state.Equal(p.result[i], p.of(root, i, s)) {
			continue
		}
		a := different{out: i}
		a.would, a.ok = copyOf(state.Within(root, s.of(p.outs[i].tokens)), 0)
		if all = append(all, a); !p.outs[i].parts {
			break
		}
	}
	return all
}

// decide sets the verdict of a test. A container that a handler replaced is the same though
// the event adds more or fewer parts to what was there before.
func (p *probe) decide(ctx context.Context, in *Input, others []different, cures bool) error {
	for _, a := range others {
		o := &p.outs[a.out]
		if o.parts && a.ok {
			same := false
			p.count(p.t.State().Root(), shift{})
			err := p.t.Fold(ctx, replay.Otherwise{}, &replay.Watch{Off: true}, func(bool) {
				same = state.Equal(a.would, state.Within(p.t.State().Root(), o.tokens))
			})
			if err != nil {
				return err
			}
			if same {
				continue
			}
		}
		in.Verdict, in.Changed, in.Would, in.cures = Matters, p.t.Prefix()+o.path, a.would, cures
		if !a.ok {
			in.Fails = "the result would contain itself"
		}
		return nil
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
		if !edit(state.Within(st.Root(), tokens[:last]), tokens[last], v) {
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
		n := state.Within(st.Root(), tokens).Node()
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

// with returns an edit of a payload that gives a path another value; absent: none.
func with(tokens []string, v state.Value) func(state.Value) {
	return func(payload state.Value) {
		last := len(tokens) - 1
		edit(state.Within(payload, tokens[:last]), tokens[last], state.Clone(v))
	}
}
