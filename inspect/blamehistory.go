package inspect

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// History yields every event of the interval that changed what is at a path at
// its end, newest first: the events that [Log] gives for the path.
func History(ctx context.Context, s replay.Subject, i replay.Interval, path []string) iter.Seq2[*Entry, error] {
	span, ok := i.Span()
	if !ok {
		return func(func(*Entry, error) bool) {}
	}
	return Log(ctx, s, LogOptions{Span: span, Filter: Filter{Path: path}, Reverse: true, Changes: true})
}

// Gone is what was removed from the state.
type Gone struct {
	From, Moment replay.Moment
	Projection   string
	Path         string // that was asked about
	Paths        []Removal
	Account      replay.Account
}

// A Removal is a path of which the value was last removed by an event, or the
// container that it was in.
type Removal struct {
	Path  string // as it was then
	Value state.Value
	By    *Origin

	order int
}

// Removed answers which event of the interval last removed each path at or below
// path that is not there at its end, the latest first. Every element that was
// taken out of an array is listed, by the index that it had then; asked about one
// path, that is listed even if it is there again.
func Removed(ctx context.Context, s replay.Subject, i replay.Interval, path string) (*Gone, error) {
	tokens, err := state.ParsePointer(path)
	if err != nil {
		return nil, err
	}
	g := &Gone{From: i.From, Moment: i.To, Projection: s.Fold.Reducer.Name(), Path: path}
	last := map[string]Removal{} // of paths that are not of elements
	s = s.Counting()
	p := blaming{s: s, from: i.From}
	n := 0
	err = p.run(ctx, i.To, func(c *state.Change, by *Origin, elem bool) {
		part, ok := touching(c, tokens, path)
		if !ok {
			return
		}
		removals(part, func(at string, v state.Value) {
			n++
			r := Removal{Path: at, Value: v, By: by, order: n}
			if elem && at == c.Path {
				g.Paths = append(g.Paths, r)
			} else {
				last[at] = r
			}
		})
	})
	if err == nil {
		g.Account, err = s.Account(ctx)
	}
	if err != nil {
		return nil, err
	}
	for _, r := range last {
		if r.Path == path || isGone(p.root, r.Path) {
			g.Paths = append(g.Paths, r)
		}
	}
	slices.SortFunc(g.Paths, func(a, b Removal) int { return cmp.Compare(b.order, a.order) })
	return g, nil
}

func isGone(root state.Value, path string) bool {
	tokens, _ := state.ParsePointer(path) // of a change, which has been read
	return within(root, tokens).IsAbsent()
}

// removals calls f with what a change leaves no value for: the whole, or, where a
// container gave way to something else, the parts that this doesn't have.
func removals(c state.Change, f func(path string, v state.Value)) {
	switch {
	case c.Op == state.OpRemove, isAnother(&c):
		f(c.Path, c.From)
	case c.Op == state.OpReplace && c.From.IsContainer():
		leaves(c.From, c.Path, func(path string, v state.Value) bool {
			rest, _ := state.ParsePointer(path[len(c.Path):])
			if len(rest) > 0 && within(c.To, rest).IsAbsent() {
				f(path, v)
			}
			return true
		})
	}
}
