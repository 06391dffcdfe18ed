package why

import (
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A gone looks for the event that removed a value from an array. The array has other elements at
// its indexes before each event, so a copy of it is taken back from event to event until the path
// leads to something again.
type gone struct {
	want *want
	path state.Path
	base []string // the members around the first array of the path
	stem string   // base as a JSON pointer
	v    state.Value
}

// newGone returns a search for what a want in a state was; nil if the want has a value, or if its
// path leads through no array.
func newGone(root state.Value, w *want) *gone {
	if !w.absent || w.found {
		return nil
	}
	p := w.asked
	if !p.Keyed() {
		p = state.Path{Pointer: w.path}
	}
	stem, ok := p.Stem(root)
	if !ok {
		return nil
	}
	base, err := state.ParsePointer(stem)
	if err != nil {
		return nil
	}
	return &gone{want: w, path: p, base: base, stem: stem, v: state.Clone(state.Within(root, base))}
}

// may reports whether events that touched these paths may have removed the value.
func (g *gone) may(at state.TouchedAt) bool {
	for _, token := range g.base {
		if at = at.Part(token); at.Set() {
			return true
		}
	}
	return at.Below() || at.Parts()
}

// back takes the changes of the event at a version back.
func (g *gone) back(changes []state.Change, v replay.Version) {
	touched := false
	for i := range slices.Backward(changes) {
		touched = g.undo(changes[i:i+1]) || touched
	}
	if !touched {
		return
	}
	root := around(g.base, g.v)
	all := g.path.FindAll(root)
	if len(all) == 0 {
		return
	}
	w := g.want
	w.found, w.at, w.then = true, v, all[0]
	was, _ := state.Lookup(root, all[0])
	w.earlier = state.Clone(was)
}

// undo takes one change back, and reports whether it is one of the value at the base.
func (g *gone) undo(one []state.Change) bool {
	c := one[0]
	if rest, below := strings.CutPrefix(c.Path, g.stem); below && (rest == "" || rest[0] == '/') {
		c.Path = rest
		v, err := state.ApplyInPlace(g.v, state.Invert([]state.Change{c}))
		if g.v = v; err != nil || c.From.IsAbsent() && rest == "" {
			g.v = state.Value{}
		}
		return true
	}
	if !state.HasPrefix(g.stem, c.Path) {
		return false
	}
	tokens, _ := state.ParsePointer(c.Path)
	g.v = state.Clone(state.Within(c.From, g.base[len(tokens):]))
	return true
}

// around returns a state that has a value at a path, and nothing else.
func around(path []string, v state.Value) state.Value {
	for _, token := range slices.Backward(path) {
		n := state.NewObject()
		n.Set(token, v)
		v = n.Value()
	}
	return v
}
