package js

import (
	"context"
	"errors"
	"maps"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/state"
)

// SharedKey is the member for the shared state, in the state of all partitions.
const SharedKey = "$shared"

// SharesState reports whether the projection's partitions share part of their state
// ($initShared or biState, with partitionBy or foreachStream). A single partition
// cannot be folded without the others: see [Script.AllPartitions] and
// [Script.OnePartition].
func (s *Script) SharesState() bool { return s.def.sharesState() }

// AllPartitions folds all partitions of a projection that shares state. Its state is
// an object of the partitions' own states by name, with the shared state under
// [SharedKey].
func (s *Script) AllPartitions() replay.Reducer { return &sharedAll{s} }

// OnePartition also folds all partitions, but its state is that of a single one, as
// its handlers see it: [own, shared].
func (s *Script) OnePartition(name string) replay.Reducer { return &sharedOne{s, name} }

type sharedAll struct{ *Script }

// sharedOne keeps the states of the other partitions in state.State.Beside.
type sharedOne struct {
	*Script
	name string
}

type beside struct {
	begun  bool // the partition has had an event
	others map[string]state.Value
}

// Copy returns a copy to change. The states in it are not changed in place.
func (b *beside) Copy() any { return &beside{b.begun, maps.Clone(b.others)} }

// A slot is the location of a part of the state.
type slot struct {
	st   *state.State
	node *state.Node  // nil: the part is the root of st
	key  string       // if node is an object
	at   int          // if node is an array
	away *state.Value // a part outside the tree of st, made of its nodes
}

func (p slot) get() state.Value {
	switch {
	case p.away != nil:
		return *p.away
	case p.node == nil:
		return p.st.Root()
	case p.node.Kind() == state.Array:
		return p.node.At(p.at)
	}
	return p.node.Get(p.key)
}

func (p slot) set(v state.Value) {
	if v.IsAbsent() {
		v = state.NullValue()
	}
	switch {
	case p.away != nil:
		*p.away = v
	case p.node == nil:
		p.st.SetRoot(v)
	case p.node.Kind() == state.Array:
		p.node.SetAt(p.at, v)
	default:
		p.node.Set(p.key, v)
	}
}

// Identity differs from that of the script, which folds one stream.
func (s *sharedAll) Identity() (id string, ok bool) {
	id, ok = s.Script.Identity()
	return id + " of all partitions", ok
}

func (s *sharedAll) Init(ctx context.Context, st *state.State) error {
	return s.call(ctx, st, nil, func() error {
		shared, err := s.initialShared(st)
		if err != nil {
			return err
		}
		st.SetRoot(st.NewObject().Value())
		st.Root().Node().Set(SharedKey, shared)
		return s.e.settle()
	})
}

func (s *sharedAll) Apply(ctx context.Context, st *state.State, ev *replay.Event) (handled bool, err error) {
	root := st.Root().Node()
	return s.applyShared(ctx, ev, slot{st: st, node: root, key: SharedKey}, func(part string) (own slot, isNew bool) {
		return slot{st: st, node: root, key: part}, root.Get(part).IsAbsent()
	})
}

// Result shapes the state of each partition and leaves out the shared state.
func (s *sharedAll) Result(st *state.State) (state.Value, error) {
	if len(s.def.shape) == 0 {
		return st.Freeze(), nil
	}
	whole, results := st.Root().Node(), state.NewObject()
	var err error
	whole.Each(func(part string, own state.Value) bool {
		if part == SharedKey {
			return true
		}
		one := state.New()
		both := one.NewArray()
		both.Append(one.Adopt(own))
		both.Append(one.Adopt(whole.Get(SharedKey)))
		one.SetRoot(both.Value())
		var r state.Value
		if r, err = s.Script.Result(one); err == nil {
			results.Set(part, r)
		}
		return err == nil
	})
	return results.Value(), err
}

// Identity returns false: a fold cannot continue from the state, which does not
// include those of the other partitions.
func (s *sharedOne) Identity() (id string, ok bool) { return "", false }

// Partial returns true, for the same reason.
func (s *sharedOne) Partial() bool { return true }

func (s *sharedOne) Init(ctx context.Context, st *state.State) error {
	st.Beside = &beside{others: map[string]state.Value{}}
	return s.call(ctx, st, nil, func() error {
		own, err := s.initial(s.def.init, st)
		if err != nil {
			return err
		}
		shared, err := s.initialShared(st)
		if err != nil {
			return err
		}
		st.SetRoot(st.NewArray().Value())
		slot{st: st, node: st.Root().Node()}.set(own)
		st.Root().Node().Append(shared)
		return s.e.settle()
	})
}

func (s *sharedOne) Apply(ctx context.Context, st *state.State, ev *replay.Event) (handled bool, err error) {
	root := st.Root().Node()
	b, ok := st.Beside.(*beside)
	if !ok {
		return false, &replay.FoldError{At: ev.Moment(), By: s.Name(), Err: errors.New("the states of the other partitions are missing")}
	}
	var away state.Value
	other := ""
	handled, err = s.applyShared(ctx, ev, slot{st: st, node: root, at: 1}, func(part string) (own slot, isNew bool) {
		if part == s.name {
			isNew, b.begun = !b.begun, true
			return slot{st: st, node: root, at: 0}, isNew
		}
		was, known := b.others[part]
		if known {
			away = st.Adopt(was)
		}
		other = part
		return slot{st: st, away: &away}, !known
	})
	if err == nil && handled && !away.IsAbsent() {
		b.others[other] = state.Clone(away)
	}
	return handled, err
}

// applyShared folds an event into the state of its partition and the shared state.
func (s *Script) applyShared(
	ctx context.Context, ev *replay.Event, shared slot, ownOf func(part string) (own slot, isNew bool),
) (handled bool, err error) {
	if s.e.clockRead {
		if err := s.setClock(ev); err != nil {
			return false, err
		}
	}
	f, ok := s.handler(ev)
	part := ""
	if ok {
		part, ok, err = s.Partition(ev)
	}
	if !ok || err != nil {
		s.e.effects, s.e.spoiled = s.e.effects[:0], false
		return false, err
	}
	own, isNew := ownOf(part)
	err = s.call(ctx, shared.st, ev, func() error {
		if part == SharedKey {
			return errors.New("a partition cannot be named " + SharedKey + ", the name of the shared state")
		}
		both, err := s.both(own, shared, isNew)
		if err != nil {
			return err
		}
		if f == nil {
			return s.takeBody(own, ev)
		}
		v, err := f(goja.Undefined(), both, s.e.event.obj)
		if err != nil {
			return err
		}
		return s.takeBoth(own, shared, both, v)
	})
	return err == nil, err
}

// both returns what the handlers of a partition get, [own, shared]. $created may
// replace either.
func (s *Script) both(own, shared slot, isNew bool) (*goja.Object, error) {
	if !isNew {
		return s.e.rt.NewArray(s.inScript(own), s.inScript(shared)), nil
	}
	v, err := s.initial(s.def.init, own.st)
	if err != nil {
		return nil, err
	}
	own.set(v)
	first := goja.Undefined()
	if !v.IsAbsent() {
		first = s.inScript(own)
	}
	both := s.e.rt.NewArray(first, s.inScript(shared))
	return both, s.callCreated(both)
}

// inScript returns a part of the state as the script sees it.
func (s *Script) inScript(p slot) goja.Value {
	if s.e.reads != nil {
		s.e.noteSlot(p)
	}
	if v := p.get(); v.IsContainer() {
		return s.e.wrap(v.Node(), p.st, nil)
	} else if !v.IsAbsent() {
		return s.e.scalar(v, "state", false)
	}
	return goja.Null()
}

// takeBoth puts in the state what a handler left in both or returned instead. A
// shared part that is null or undefined leaves the previous one.
func (s *Script) takeBoth(own, shared slot, both *goja.Object, v goja.Value) error {
	if v != nil && v != goja.Undefined() {
		o, ok := v.(*goja.Object)
		if !ok || o.ClassName() != "Array" {
			return errors.New("a handler of shared state must return [state, shared] or nothing")
		}
		both = o
	}
	err := s.e.guard(func() {
		s.put(own, both.Get("0"))
		if v := both.Get("1"); v != nil && v != goja.Undefined() && v != goja.Null() {
			s.put(shared, v)
		}
	})
	if err != nil {
		return err
	}
	return s.e.settle()
}

// put makes a script's value a part of the state, unless it already is that part.
func (s *Script) put(p slot, v goja.Value) {
	if o, ok := v.(*goja.Object); ok {
		if w := wrapperOf(o); w != nil && w.n == p.get().Node() {
			return
		}
	}
	r, _ := s.e.final(v, p.st, "", 0)
	p.set(r)
}
