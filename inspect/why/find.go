package why

import (
	"context"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// A finding looks for the last event that set each want.
type finding struct {
	wants []*want
	trail *trail
	gone  []*gone // of wants that the trail does not have
}

// find looks for the last event up to a version that set each want. root is the state
// after it.
func (a *asking) find(ctx context.Context, root state.Value, upTo replay.Version, wants []*want) error {
	f := &finding{wants: wants}
	var there []*want
	for _, w := range wants {
		if g := newGone(root, w); g != nil {
			f.gone = append(f.gone, g)
		} else {
			there = append(there, w)
		}
	}
	f.trail = newTrail(root, there)
	return a.past.Back(ctx, upTo, f)
}

// Open reports whether a want is left.
func (f *finding) Open() bool {
	return slices.ContainsFunc(f.wants, func(w *want) bool { return !w.found })
}

// May reports whether events that touched these paths may have set a want that is left.
func (f *finding) May(touched *state.Touched) bool {
	return f.trail.may(touched.Root()) ||
		slices.ContainsFunc(f.gone, func(g *gone) bool { return !g.want.found && g.may(touched.Root()) })
}

// may reports whether a want that is left may have been set. The trail knows which indexes
// the elements had after the events.
func (t *trail) may(at state.TouchedAt) bool {
	if at.Set() {
		return t.open()
	}
	for _, w := range t.wants {
		if !w.found && (w.parts && at.Parts() || w.deep && at.Below()) {
			return true
		}
	}
	if !at.Below() {
		return false
	}
	for token, kid := range t.kids {
		if kid.may(at.Part(token)) {
			return true
		}
	}
	return false
}

// open reports whether a want is left.
func (t *trail) open() bool {
	if slices.ContainsFunc(t.wants, func(w *want) bool { return !w.found }) {
		return true
	}
	for _, kid := range t.kids {
		if kid.open() {
			return true
		}
	}
	return false
}

// See takes the changes of an event back.
func (f *finding) See(v replay.Version, _ *replay.Event, changes []state.Change) {
	for i := len(changes) - 1; i >= 0; i-- {
		f.trail.back(&changes[i], v)
	}
	for _, g := range f.gone {
		if !g.want.found {
			g.back(changes, v)
		}
	}
}

// unmoved follows a value that is named by keys past the events that only moved its element: it
// returns what it was set by before.
func (a *asking) unmoved(ctx context.Context, w *want, v state.Value) (*want, error) {
	for range mostMoves {
		if !w.found || !w.asked.Keyed() || v.IsAbsent() {
			return w, nil
		}
		var n Node
		if err := a.setBy(ctx, &n, w.at); err != nil {
			return nil, err
		}
		var before *want
		err := a.past.Try(ctx, n.Moment, func(t *replay.Trial) error {
			prefix, err := state.ParsePointer(t.Prefix())
			if err != nil {
				return err
			}
			root := around(prefix, t.State().Root())
			all := w.asked.FindAll(root)
			if len(all) != 1 {
				return nil
			}
			if was, err := state.Lookup(root, all[0]); err != nil || !state.Equal(was, v) {
				return nil
			}
			before = &want{path: all[0], deep: w.deep, asked: w.asked}
			return a.find(ctx, root, w.at-1, []*want{before})
		})
		if err != nil || before == nil {
			return w, err
		}
		w = before
	}
	return w, nil
}
