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
	t       *replay.Trial
	outs    []out                       // the result: parts of the state that the event is folded into
	follows bool                        // outs are followed if an edit moves them to another index
	judge   func(root state.Value) bool // see asking
	end     time.Time                   // no more tests from then on
	broken  bool                        // a test was stopped: the next ones may be, too
}

// An out is a part of a result.
type out struct {
	path   string // of the state that the event is folded into
	tokens []string
	keyed  state.Path  // names it by keys of array elements; without any: by path
	gone   bool        // the event removed it
	was    state.Value // the result
}

func newOut(path string) out {
	tokens, _ := state.ParsePointer(path) // of a node or a change
	return out{path: path, tokens: tokens}
}

// pathIn returns where an out is in a state; ok is false if no element has its keys.
func (o *out) pathIn(root state.Value, s shift) (tokens []string, ok bool) {
	if !o.keyed.Keyed() {
		return s.of(o.tokens), true
	}
	all := o.keyed.FindAll(root)
	if len(all) == 0 {
		return nil, false
	}
	tokens, err := state.ParsePointer(all[0])
	return tokens, err == nil
}

// in returns the value of an out in a state, live.
func (o *out) in(root state.Value, s shift) state.Value {
	tokens, ok := o.pathIn(root, s)
	if !ok {
		return state.Value{}
	}
	return state.Within(root, tokens)
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
	err := p.t.Fold(ctx, replay.Otherwise{}, w, func(bool) {
		st := p.t.State()
		for i := range p.outs {
			o := &p.outs[i]
			if o.keyed.Keyed() && !o.named(st.Root()) {
				o.keyed = state.Path{}
			}
			o.was, _ = copyOf(o.in(st.Root(), shift{}))
			p.carried(st, w, o.tokens)
		}
	})
	return w, err
}

// named reports whether the keys of an out name it after the event. A later event may have
// changed them.
func (o *out) named(root state.Value) bool {
	all := o.keyed.FindAll(root)
	return len(all) == 0 && o.gone || len(all) == 1 && all[0] == o.path
}

// repeats folds the event as it was, and reports whether the result is that of the baseline.
func (p *probe) repeats(ctx context.Context) (same bool, err error) {
	err = p.t.Fold(ctx, replay.Otherwise{}, &replay.Watch{Off: true}, func(bool) {
		same = true
		for i := range p.outs {
			same = same && state.Equal(p.outs[i].was, p.outs[i].in(p.t.State().Root(), shift{}))
		}
	})
	return same, err
}

// carried adds the input that the result is, if the event only moved or copied it.
func (p *probe) carried(st *state.State, w *replay.Watch, out []string) {
	v := st.Root()
	for i := 0; ; i++ {
		if n := v.Node(); n != nil {
			at, ok := w.PlaceOf(st, n)
			switch {
			case !ok:
			case i == len(out):
				w.Add(at)
			case i == len(out)-1 || !state.Within(v, out[i:i+1]).IsContainer():
				addPart(w, n, at, out[i])
			}
		}
		if i == len(out) {
			return
		}
		v = state.Within(v, out[i:i+1])
	}
}

// addPart adds the part of a container that was where the result is now.
func addPart(w *replay.Watch, n *state.Node, at replay.Read, token string) {
	switch i, err := strconv.Atoi(token); {
	case n.Kind() == state.Object && n.Wrote(token):
		return
	case n.Kind() == state.Array && err == nil && at.From == replay.FromState:
		if i >= n.Len() {
			break
		}
		if i = n.IndexBefore(i); i < 0 {
			return
		}
		token = strconv.Itoa(i)
	}
	w.Add(at.At(token))
}

// test folds the event with another input, and sets the verdict.
func (p *probe) test(ctx context.Context, in *Input, o replay.Otherwise, fields map[string]state.Value, e edited) error {
	if in.late = p.broken || time.Now().After(p.end); in.late {
		return nil
	}
	w := &replay.Watch{Off: true, Fields: fields}
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
		in.Verdict, in.Fails, in.Kept = Idle, "", false
		p.decide(in, e)
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

// decide sets the verdict from the state after a test.
func (p *probe) decide(in *Input, e edited) {
	root := p.t.State().Root()
	for i := range p.outs {
		o := &p.outs[i]
		is := o.in(root, e.shift)
		if state.Equal(o.was, is) {
			continue
		}
		kept := e.keeps(o, is)
		if kept && p.judge != nil { // the event did the same
			continue
		}
		in.Verdict, in.Kept = Matters, kept
		path, was, is := e.narrow(o.path, o.was, is)
		would, ok := copyOf(is)
		in.Changed, in.Would, in.number = p.t.Prefix()+path, would, was.Kind() == state.Number
		if !ok {
			in.Fails = "the result would be too large, or contain itself"
		}
		if p.judge != nil {
			whole, ok := copyOf(root)
			in.cures = ok && p.judge(whole)
		}
		return
	}
}

// slowTest is how long a failed test takes that was stopped by a limit.
const slowTest = 500 * time.Millisecond

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

// with returns an edit of a payload that gives a path another value; absent: none. The payload
// itself becomes empty.
func with(tokens []string, v state.Value) func(state.Value) {
	return func(payload state.Value) {
		last := len(tokens) - 1
		if last < 0 {
			empty(payload.Node())
			return
		}
		edit(state.Within(payload, tokens[:last]), tokens[last], state.Clone(v))
	}
}

// empty removes all parts of a container.
func empty(n *state.Node) {
	if n == nil {
		return
	}
	if n.Kind() == state.Array {
		n.Truncate(0)
		return
	}
	var keys []string
	n.Each(func(key string, _ state.Value) bool {
		keys = append(keys, key)
		return true
	})
	for _, key := range keys {
		n.Delete(key)
	}
}
