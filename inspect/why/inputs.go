package why

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"asof/inspect/past"
	"asof/replay"
	"asof/replay/state"
)

// gather makes the inputs of what the handler read, with the events that set them.
func (o *opening) gather(ctx context.Context, w *replay.Watch) error {
	root := o.t.State().Root()
	wants, of := o.collect(root, w)
	whole := o.whole(root)
	err := o.a.find(ctx, whole, o.n.Moment.Version()-1, wants)
	if o.a.judge != nil && errors.Is(err, past.ErrTooLong) { // the latest inputs are enough for a cause
		o.a.cut = true
	} else if err != nil {
		return err
	}
	if err := o.atInit(ctx, wants, of); err != nil {
		return err
	}
	for i, w := range wants {
		in := of[i]
		if o.a.cut && !w.found {
			o.n.Inputs = slices.DeleteFunc(o.n.Inputs, func(one *Input) bool { return one == in })
			continue
		}
		if in.set = w.found; w.found {
			in.at, in.Earlier, in.undo = w.at, w.earlier, w.undo
		}
		if in.undo != nil {
			if v, err := state.Apply(in.Value, in.undo); err == nil {
				in.Earlier = v
			}
		}
		if in.Value.IsAbsent() && !w.found {
			continue // there never was one
		}
		n := &Node{Path: w.path, Value: in.Value, Open: !w.found}
		if w.found {
			n.Path = w.then
			if err := o.a.setBy(ctx, n, w.at); err != nil {
				return err
			}
		}
		n.Label = in.Label
		in.By = o.a.node(n)
	}
	o.n.Inputs = slices.DeleteFunc(o.n.Inputs, func(in *Input) bool {
		return in.By == nil && in.Value.IsAbsent() && in.From != replay.FromAnother
	})
	slices.SortStableFunc(o.n.Inputs, compareInputs)
	return nil
}

// atInit corrects what an event set that was the first of a partition: it found the state
// before the first event there.
func (o *opening) atInit(ctx context.Context, wants []*want, of []*Input) error {
	f := o.a.past.Subject.Fold
	if !f.Partitioned {
		return nil
	}
	f.Partitioned = false
	init, err := replay.InitialState(ctx, f)
	if err != nil {
		return err
	}
	for i, w := range wants {
		if !w.found || !w.whole {
			continue
		}
		tokens, err := state.ParsePointer(of[i].own)
		if err != nil {
			return err
		}
		if w.earlier = state.Within(init, tokens); state.Equal(w.earlier, of[i].Value) {
			w.found, w.earlier = false, state.Value{}
		}
	}
	return nil
}

// whole returns the state of the timeline around the state of the event, as far as paths
// into that one need it.
func (o *opening) whole(root state.Value) state.Value {
	tokens, _ := state.ParsePointer(o.t.Prefix())
	return around(tokens, root)
}

// inputs returns the inputs that a read stands for.
func (o *opening) inputs(root state.Value, r replay.Read) []*Input {
	in := &Input{From: r.From, Path: r.Path, own: r.Path, Parts: r.Parts}
	switch r.From {
	case replay.FromState:
		tokens, err := state.ParsePointer(r.Path)
		if err != nil {
			return nil
		}
		in.Value = state.Clone(state.Within(root, tokens))
		if o.labels == nil {
			o.labels = state.NewLabeler(state.Clone(root), state.DiffOptions{ArrayKeys: o.a.keys})
		}
		in.Path = o.t.Prefix() + r.Path
		if in.Label = o.labels.LabelOf(r.Path); in.Label != "" {
			in.Label = o.t.Prefix() + in.Label
		}
	case replay.FromPayload, replay.FromMetadata, replay.FromLink:
		v := o.tree(r.From)
		if r.Whole {
			return leaves(v, in)
		}
		tokens, err := state.ParsePointer(r.Path)
		if err != nil {
			return nil
		}
		in.Value = state.Clone(state.Within(v, tokens))
	case replay.FromEvent:
		in.Value = fieldOf(o.t.Event(), r.Path)
	}
	return []*Input{in}
}

// tree returns the payload or the metadata of the event.
func (o *opening) tree(from replay.Source) state.Value {
	e := o.t.Event()
	raw := e.Meta.Raw
	switch from {
	case replay.FromPayload:
		v, err := e.Body()
		if err != nil {
			return state.Value{}
		}
		return v
	case replay.FromLink:
		raw = e.LinkMeta()
	}
	v, _, err := state.ParsePayload(raw)
	if err != nil {
		return state.Value{}
	}
	return v
}

// leaves returns an input for each value below that of in that has no parts.
func leaves(v state.Value, in *Input) (all []*Input) {
	if n := v.Node(); n != nil && n.Len() > 0 {
		for i, e := range n.Elems() {
			all = append(all, leaves(e, in.below(string(state.AppendIndex([]byte(in.Path), i))))...)
		}
		n.Each(func(key string, e state.Value) bool {
			all = append(all, leaves(e, in.below(string(state.AppendToken([]byte(in.Path), key))))...)
			return true
		})
		return all
	}
	in.Value = state.Clone(v)
	return []*Input{in}
}

func (in *Input) below(path string) *Input { return &Input{From: in.From, Path: path, own: path} }

// testAll tests the inputs: values first, then containers, from the inside out. A
// container is not tested if something in it matters.
func (o *opening) testAll(ctx context.Context) error {
	if _, ahead := o.a.past.Subject.Fold.Reducer.(replay.Prefetcher); ahead {
		return nil // each test would ask a command
	}
	o.p.end = time.Now().Add(o.a.o.Budget)
	latest := slices.Clone(o.n.Inputs) // if there is no time for all, the early ones are left
	slices.SortStableFunc(latest, func(x, y *Input) int {
		return cmp.Or(o.rank(x.From, x.own)-o.rank(y.From, y.own), cmp.Compare(y.at, x.at))
	})
	var containers []*Input
	for _, in := range latest {
		if in.Value.IsContainer() {
			containers = append(containers, in)
			continue
		}
		if err := o.test(ctx, in); err != nil {
			return err
		}
	}
	slices.SortStableFunc(containers, func(a, b *Input) int { return strings.Count(b.Path, "/") - strings.Count(a.Path, "/") })
	for _, in := range containers {
		if o.isImplied(in) {
			continue
		}
		if err := o.test(ctx, in); err != nil {
			return err
		}
	}
	return o.testAgain(ctx)
}

// testAgain folds the event as it was once more. A test may have changed what the fold keeps
// outside its state, and so the tests after it.
func (o *opening) testAgain(ctx context.Context) error {
	if same, err := o.p.repeats(ctx); err != nil || !same {
		o.keepsData()
	}
	return ctx.Err()
}

// isImplied reports whether smaller parts say what a container would.
func (o *opening) isImplied(in *Input) bool {
	if !in.Value.IsContainer() {
		return false
	}
	return slices.ContainsFunc(o.n.Inputs, func(other *Input) bool {
		if other == in || other.Verdict != Matters || other.Kept || other.From != in.From || !state.HasPrefix(other.Path, in.Path) {
			return false
		}
		if in.Parts && in.From == replay.FromState && in.undo != nil {
			return other.at == in.at && other.set
		}
		return other.Path != in.Path || in.Parts
	})
}

// test puts an input back. If it had no value before, and the handler fails without one or
// has no number any more where it had one, it tries another value.
func (o *opening) test(ctx context.Context, in *Input) error {
	err := o.testWith(ctx, in, in.Earlier)
	if err != nil || in.late || !in.Earlier.IsAbsent() || in.Fails == "" && !in.noNumber() {
		return err
	}
	if in.Fails != "" && in.From == replay.FromState && in.Value.IsContainer() && !in.Parts {
		in.Verdict = Idle // its parts have inputs of their own
		return nil
	}
	without := *in
	in.Instead = another(in.Value)
	err = o.testWith(ctx, in, in.Instead)
	if in.late || without.Fails == "" && (in.Verdict != Matters || in.Fails != "" || in.noNumber()) {
		*in = without
	}
	return err
}

// noNumber reports whether a test ended with null where the event's result is a number: a
// script has calculated with a value that is missing.
func (in *Input) noNumber() bool {
	return in.Verdict == Matters && in.Would.Kind() == state.Null && in.number
}

// shiftOf returns which elements move if an input gets another value.
func (o *opening) shiftOf(in *Input, tokens []string, v state.Value) shift {
	last := len(tokens) - 1
	switch {
	case in.undo != nil && in.Value.Kind() == state.Array:
		return shiftOf(tokens, in.undo)
	case in.undo != nil || last < 0 || !v.IsAbsent() || state.Within(o.t.State().Root(), tokens[:last]).Kind() != state.Array:
		return shift{}
	}
	return shiftOf(tokens[:last], []state.Change{{Op: state.OpRemove, Path: "/" + tokens[last]}})
}

// testWith gives an input another value; absent: none.
func (o *opening) testWith(ctx context.Context, in *Input, v state.Value) error {
	var x replay.Otherwise
	tokens, err := state.ParsePointer(in.own)
	if in.From != replay.FromEvent && err != nil {
		return err
	}
	var fields map[string]state.Value
	var e edited
	switch in.From {
	case replay.FromState:
		e = o.edited(in, tokens, v)
		if x.State = put(in.own, v); in.undo != nil {
			x.State = putParts(in.own, in.undo)
		}
	case replay.FromPayload:
		if x.Body = with(tokens, v); len(tokens) == 0 && !v.IsContainer() && o.t.Watched() {
			x.Body, fields = nil, map[string]state.Value{"data": v}
		}
	case replay.FromMetadata:
		if x.Meta = with(tokens, v); len(tokens) == 0 && !v.IsContainer() {
			x.Meta, fields = nil, map[string]state.Value{"metadata": v}
		}
	case replay.FromEvent:
		fields = map[string]state.Value{in.Path: v}
	default:
		return nil
	}
	return o.p.test(ctx, in, x, fields, e)
}

// edited returns what a test changes that gives an input of the state another value.
func (o *opening) edited(in *Input, tokens []string, v state.Value) edited {
	e := edited{own: tokens, was: in.Value, now: v}
	if o.p.follows {
		e.shift = o.shiftOf(in, tokens, v)
	}
	if in.undo == nil {
		return e
	}
	part, err := state.ParsePointer(in.undo[0].Path)
	if err != nil || len(in.undo) > 1 {
		e.own = nil // more than one part
		return e
	}
	e.own = append(slices.Clip(tokens), part...)
	e.was, e.now = state.Within(in.Value, part), in.undo[0].To
	if in.undo[0].Op == state.OpAdd {
		e.was = state.Value{}
	}
	return e
}

// fieldOf returns a field of an event, as a handler reads it; absent if it has none.
func fieldOf(e *replay.Event, name string) state.Value {
	number := func(n int64) state.Value { return state.NumberValue(strconv.FormatInt(n, 10)) }
	texts := map[string]string{
		"type": e.Type, "stream": string(e.Stream), "category": e.Category, "id": e.ID,
		"actor": e.Meta.Actor, "correlationId": e.Meta.Correlation, "causationId": e.Meta.Causation,
	}
	switch text := texts[name]; {
	case text != "":
		return state.StringValue(text)
	case name == "version":
		return number(int64(e.Version))
	case name == "position" && e.Position != replay.NoPosition:
		return number(int64(e.Position))
	case name == "revision":
		return number(int64(e.Revision))
	case name == "time" && !e.Time.IsZero():
		return state.StringValue(e.Time.UTC().Format(time.RFC3339Nano))
	}
	return state.Value{}
}
