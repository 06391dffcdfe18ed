package why

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"asof/inspect"
	"asof/inspect/past"
	"asof/replay"
	"asof/replay/state"
)

// Options say how far an answer goes.
type Options struct {
	// Depth is how many events to go back. Zero: as long as a value has one input that
	// matters and that another event set.
	Depth int

	// Budget is the time for the tests of one event. Zero: one second.
	Budget time.Duration
}

// Bounds of an answer.
const (
	straightDepth = 8    // events of a chain that does not branch
	mostNodes     = 300  // values whose inputs are looked for
	mostInputs    = 2000 // of one event
	mostMoves     = 300  // events that moved the element of the question, and did no more
)

// An asking is one question.
type asking struct {
	past past.Past
	o    Options
	out  *Answer
	keys []string
	byID map[key][]*Node // a container may have changed below since it was set

	events map[replay.Version]*replay.Event
	causes map[string]causing // by id

	judge func(root state.Value, e *replay.Event) bool // whether a state is good; nil: not asked
	first string                                       // the part of a result to look at first
	cut   bool                                         // inputs are left out that the search did not reach, since it was too long
}

type key struct {
	path, label string
	at          replay.Version
}

// Ask returns where the value at a path comes from, at a moment. A path that is missing
// there, and that no event removed, is a [state.PathError].
func Ask(ctx context.Context, s replay.Subject, at replay.Moment, path string, o Options) (*Answer, error) {
	s = s.Counting()
	a := newAsking(s, at, o)
	p, err := state.ParsePath(path)
	if err != nil {
		return nil, err
	}
	if at.IsStart() {
		return a.out, a.start(ctx, p)
	}
	root, err := a.past.Read(ctx, at)
	if err != nil {
		return nil, err
	}
	if a.out.Account, err = s.Account(ctx); err != nil {
		return nil, err
	}
	if err := a.begin(ctx, root, p); err != nil {
		return nil, err
	}
	return a.out, a.follow(ctx)
}

// start answers a question about the state before the first event.
func (a *asking) start(ctx context.Context, p state.Path) error {
	root, err := replay.InitialState(ctx, a.past.Subject.Fold)
	if err != nil {
		return err
	}
	pointer, err := p.Find(root)
	if err != nil {
		return err
	}
	v, err := state.Lookup(root, pointer)
	a.out.Root = a.node(&Node{Path: pointer, Value: state.Clone(v), Open: true, Asked: a.asked(root, p, pointer)})
	return err
}

// asked returns the path of the question.
func (a *asking) asked(root state.Value, p state.Path, pointer string) *Asked {
	name := pointer
	if p.Keyed() {
		name = p.String()
	}
	return &Asked{Name: name, Path: pointer, Label: a.label(root, pointer)}
}

// begin finds the event that set the value of the question.
func (a *asking) begin(ctx context.Context, root state.Value, p state.Path) error {
	var v state.Value
	pointer, missing := p.Find(root)
	if missing == nil {
		v, missing = state.Lookup(root, pointer)
	} else if len(p.FindAll(root)) > 0 {
		return missing // there are several
	}
	w := &want{path: pointer, deep: v.IsContainer(), absent: v.IsAbsent(), asked: p}
	if err := a.find(ctx, root, a.out.Moment.Version(), []*want{w}); err != nil {
		return err
	}
	w, err := a.unmoved(ctx, w, v)
	if err != nil {
		return err
	}
	if !w.found && v.IsAbsent() {
		return missing
	}
	n := &Node{Path: pointer, Value: state.Clone(v), Open: !w.found, Asked: a.asked(root, p, cmp.Or(pointer, w.then))}
	if p.Keyed() {
		n.Label = n.Asked.Name
		if v.IsAbsent() { // another element is at its index now
			n.Asked.Label = n.Asked.Name
		}
	}
	if w.found {
		n.Path = w.then
		if err := a.setBy(ctx, n, w.at); err != nil {
			return err
		}
	}
	a.out.Root = a.node(n)
	return nil
}

// node adds a node to the answer.
func (a *asking) node(n *Node) *Node {
	k := key{n.Path, n.Label, 0}
	if n.Event != nil {
		k.at = n.Moment.Version()
	} else {
		k.path = "init " + k.path
	}
	for _, have := range a.byID[k] {
		if state.Equal(have.Value, n.Value) {
			return have
		}
	}
	n.ID = len(a.out.Nodes) + 1
	a.byID[k] = append(a.byID[k], n)
	a.out.Nodes = append(a.out.Nodes, n)
	return n
}

// setBy reads the event that set a node.
func (a *asking) setBy(ctx context.Context, n *Node, at replay.Version) error {
	t := a.past.Subject.Timeline
	e := a.events[at]
	if e == nil {
		var err error
		if e, err = inspect.EventAt(ctx, t, replay.Moment{Stream: t.Name}.WithVersion(at)); err != nil {
			return err
		}
		e.Data, e.Meta.Raw = nil, nil
		a.events[at] = e
	}
	n.Moment, n.Event = t.Moment(e), e
	return nil
}

func (a *asking) label(root state.Value, path string) string {
	return state.NewLabeler(root, state.DiffOptions{ArrayKeys: a.keys}).LabelOf(path)
}

// follow looks for the inputs of the value, and of those that they come from.
func (a *asking) follow(ctx context.Context) error {
	level := []*Node{a.out.Root}
	for depth := 0; len(level) > 0; depth++ {
		if a.o.Depth > 0 && depth == a.o.Depth {
			return nil
		}
		var next []*Node
		for _, n := range level {
			if n.Open || n.Event == nil || len(a.out.Nodes) > mostNodes {
				continue
			}
			if err := a.open(ctx, n); err != nil {
				return err
			}
			if err := a.madeFrom(ctx, n); err != nil {
				return err
			}
			for _, in := range n.Inputs {
				if in.By != nil && in.By.Event != nil && in.Verdict == Matters && !in.Kept && !slices.Contains(next, in.By) {
					next = append(next, in.By)
				}
			}
		}
		if a.o.Depth == 0 && (len(next) != 1 || depth+1 == straightDepth) {
			return nil
		}
		level = next
	}
	return nil
}

// open finds the inputs of a node.
func (a *asking) open(ctx context.Context, n *Node) error {
	return a.past.Try(ctx, n.Moment, func(t *replay.Trial) error { return a.inputs(ctx, n, t) })
}

// inputs finds the inputs of a node by trying its event.
func (a *asking) inputs(ctx context.Context, n *Node, t *replay.Trial) error {
	n.Open = true
	o := opening{a: a, n: n, t: t, p: probe{t: t}}
	within := func(path string) string {
		if rest, ok := strings.CutPrefix(path, t.Prefix()); ok {
			return rest
		}
		return "" // the value has the state of the partition in it
	}
	if a.judge == nil {
		one := newOut(within(n.Path))
		if p, err := state.ParsePath(within(n.Label)); n.Label != "" && err == nil {
			one.keyed, one.gone = p, n.Value.IsAbsent()
		}
		o.p.outs = []out{one}
		if err := o.run(ctx); err != nil || o.p.outs[0].keyed.Keyed() {
			return err
		}
		n.Label = "" // the element had another key, or there were two
		return nil
	}
	outs := a.outs(n)
	putFirst(outs, a.first)
	if t.Prefix() == "" {
		o.p.judge = func(root state.Value) bool { return a.judge(root, t.Event()) }
	}
	o.p.follows = true
	for _, x := range outs {
		o.p.outs = append(o.p.outs, newOut(within(x.path)))
	}
	return o.run(ctx)
}

// mostOuts is the most parts of a container that are looked at.
const mostOuts = 50

// outs returns the parts of a node's value that its event changed.
func (a *asking) outs(n *Node) (all []out) {
	whole := []out{newOut(n.Path)}
	known := map[string]bool{}
	add := func(path string) {
		if !known[path] {
			known[path] = true
			all = append(all, newOut(path))
		}
	}
	if !n.Value.IsContainer() {
		return whole
	}
	for _, c := range a.past.Changes(n.Moment.Version()) {
		if state.HasPrefix(n.Path, c.Path) {
			return whole
		}
		if !state.HasPrefix(c.Path, n.Path) || len(all) >= mostOuts {
			continue
		}
		if c.Op != state.OpReplace { // which parts the container has
			add(c.Path[:strings.LastIndexByte(c.Path, '/')])
		}
		if c.Op != state.OpRemove {
			add(c.Path)
		}
	}
	if len(all) == 0 {
		return whole
	}
	return all
}

// An opening is the search for the inputs of one node.
type opening struct {
	a *asking
	n *Node
	t *replay.Trial
	p probe

	labels *state.Labeler // of the state before the event
}

func (o *opening) run(ctx context.Context) error {
	w, err := o.p.baseline(ctx)
	if err != nil {
		return err
	}
	if !o.t.Watched() {
		w = o.fieldsOnly()
	}
	if w.Full {
		o.n.Unseen = "the handler reads more than can be followed"
	}
	if err := o.gather(ctx, w); err != nil {
		return err
	}
	if !o.repeats() {
		o.keepsData()
		return nil
	}
	if err := o.testAll(ctx); err != nil {
		return err
	}
	o.n.Inputs = slices.DeleteFunc(o.n.Inputs, o.isImplied)
	for _, in := range o.n.Inputs {
		if in.Verdict == Unknown && in.late {
			o.n.Untested++
		}
	}
	return nil
}

// keepsData says that no verdict is known.
func (o *opening) keepsData() {
	o.n.Unseen = "the fold keeps data outside its state, so inputs cannot be tested"
	for _, in := range o.n.Inputs {
		in.untest()
	}
}

// repeats reports whether a trial had the result that the fold had.
func (o *opening) repeats() bool {
	if n := o.n; o.a.judge == nil && state.HasPrefix(n.Path, o.t.Prefix()) && (n.Asked != nil || !n.Value.IsContainer()) {
		return state.Equal(o.p.outs[0].was, n.Value) // no later event changed it
	}
	changes := o.a.past.Changes(o.n.Moment.Version())
	for _, x := range o.p.outs {
		path := o.t.Prefix() + x.path
		for k := len(changes) - 1; k >= 0; k-- {
			rest, ok := strings.CutPrefix(path, changes[k].Path)
			tokens, err := state.ParsePointer(rest)
			if !ok || err != nil {
				continue
			}
			if !state.Equal(x.was, state.Within(changes[k].To, tokens)) {
				return false
			}
			break
		}
	}
	return true
}

// reason is what an error of a fold says, without the event.
func reason(err error) string {
	var f *replay.FoldError
	if errors.As(err, &f) && f.Err != nil {
		err = f.Err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return text
}

// compareInputs orders inputs: those of the event, then those of the state by event.
func compareInputs(x, y *Input) int {
	rank := func(in *Input) int {
		switch {
		case in.From != replay.FromState:
			return 0
		case in.set:
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.at, y.at))
}
