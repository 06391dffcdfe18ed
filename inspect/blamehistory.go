package inspect

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// History yields every event of the interval that changed the value at a path, newest
// first: the events [Log] lists for that path. A path without keys is that at the end of
// the interval; keys mean the elements that have them at each event. Before the first is
// yielded, all are passed to first, oldest first; it may be nil.
func History(ctx context.Context, s replay.Subject, i replay.Interval, path state.Path, first func(*Entry)) iter.Seq2[*Entry, error] {
	span, ok := i.Span()
	if !ok {
		return func(func(*Entry, error) bool) {}
	}
	o := LogOptions{Span: span, Filter: Filter{Keyed: path}, Reverse: true, Changes: true, First: first}
	if !path.Keyed() {
		tokens, err := state.ParsePointer(path.Pointer)
		if err != nil {
			return func(yield func(*Entry, error) bool) { yield(nil, err) }
		}
		o.Filter = Filter{Path: tokens}
	}
	return Log(ctx, s, o)
}

// Gone lists what was removed from the state.
type Gone struct {
	From, Moment replay.Moment
	Projection   string
	Path, Label  string // the path of the question; with keys, resolved at the end
	Paths        []Removal
	Account      replay.Account
}

// A Removal is a path whose value, or a container around it, was last removed by an
// event.
type Removal struct {
	Path  string // the value then
	Label string // with keys of array elements, if it has any
	Value state.Value
	By    *Origin

	order int
}

// Removed returns the paths at or below path that are missing at the end of the
// interval, with the event that last removed each, latest first. It lists every element
// removed from an array, by its index at the time, even if the single path of the
// question exists again. A key in path names the element that has it at each event.
func Removed(ctx context.Context, s replay.Subject, i replay.Interval, path string) (*Gone, error) {
	r := removing{last: map[string]Removal{}}
	var err error
	if r.asked, err = state.ParsePath(path); err != nil {
		return nil, err
	}
	if r.tokens, err = state.ParsePointer(r.asked.Pointer); err != nil {
		return nil, err
	}
	g := &Gone{From: i.From, Moment: i.To, Projection: s.Fold.Reducer.Name(), Path: r.asked.Pointer}
	s = s.Counting()
	p := blaming{s: s, from: i.From, labeled: true}
	err = p.run(ctx, i.To, func(c *state.Change, by *Origin, elem bool) { r.see(p.root, c, by, elem) })
	if err == nil {
		g.Account, err = s.Account(ctx)
	}
	if err != nil {
		return nil, err
	}
	g.Paths = r.gone(p.root)
	if r.asked.Keyed() {
		g.Label = r.asked.String()
		if g.Path, err = r.asked.Find(p.root); err != nil && len(g.Paths) == 0 {
			return nil, err
		}
	}
	return g, nil
}

// removing collects removals.
type removing struct {
	asked  state.Path
	tokens []string // of asked, without keys
	paths  []Removal
	last   map[string]Removal // of paths outside arrays
	n      int
}

func (r *removing) see(root state.Value, c *state.Change, by *Origin, elem bool) {
	var parts []state.Change
	if r.asked.Keyed() {
		parts = r.asked.Touched(root, c)
	} else if part, ok := touching(c, r.tokens, r.asked.Pointer); ok {
		parts = append(parts, part)
	}
	for _, part := range parts {
		removals(part, func(at string, v state.Value) {
			r.n++
			one := Removal{Path: at, Value: v, By: by, order: r.n}
			if c.Label != "" && !isAnother(c) {
				one.Label = c.Label + at[len(c.Path):]
			}
			if elem && (at == c.Path || r.asked.Keyed()) {
				r.paths = append(r.paths, one)
			} else {
				r.last[cmp.Or(one.Label, at)] = one
			}
		})
	}
}

// gone returns the removals of what is missing from the state, latest first.
func (r *removing) gone(root state.Value) []Removal {
	for name, one := range r.last {
		if one.Path == r.asked.Pointer && !r.asked.Keyed() || isGone(root, name) {
			r.paths = append(r.paths, one)
		}
	}
	slices.SortFunc(r.paths, func(a, b Removal) int { return cmp.Compare(b.order, a.order) })
	return r.paths
}

func isGone(root state.Value, path string) bool {
	p, _ := state.ParsePath(path) // of a change, already parsed
	return len(p.FindAll(root)) == 0
}

// removals calls f with the values that a change removes: the whole value or, if
// another container took its place, the parts missing from that one.
func removals(c state.Change, f func(path string, v state.Value)) {
	switch {
	case c.Op == state.OpRemove, isAnother(&c):
		f(c.Path, c.From)
	case c.Op == state.OpReplace && c.From.IsContainer():
		leaves(c.From, c.Path, func(path string, v state.Value) bool {
			rest, _ := state.ParsePointer(path[len(c.Path):])
			if len(rest) > 0 && state.Within(c.To, rest).IsAbsent() {
				f(path, v)
			}
			return true
		})
	}
}
