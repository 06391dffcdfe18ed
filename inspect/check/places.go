package check

import (
	"slices"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// A rule that looks at some members of the state only is tested after events that wrote one
// of them. After another event it has the verdict that it had.

// places are the paths that the rules of a set look at.
type places struct {
	all   []state.Place // each once
	rules []placed
}

// placed is where a rule looks.
type placed struct {
	of inspect.Placed // nil: not known
	at []int          // indexes of places
}

// placesOf returns the paths that the rules of a set look at.
func (w *worker) placesOf(set *RuleSet) *places {
	p, ok := w.places[set]
	if !ok {
		p = &places{rules: make([]placed, len(set.Rules))}
		for i, r := range set.Rules {
			of, ok := r.Cond.Predicate.(inspect.Placed)
			if !ok {
				continue
			}
			if all, ok := of.Places(); ok {
				p.rules[i].of = of
				for _, one := range all {
					p.rules[i].at = append(p.rules[i].at, p.index(one))
				}
			}
		}
		w.places[set] = p
	}
	return p
}

func (p *places) index(one state.Place) int {
	if i := slices.IndexFunc(p.all, func(o state.Place) bool { return o.There == one.There && slices.Equal(o.Path, one.Path) }); i >= 0 {
		return i
	}
	p.all = append(p.all, one)
	return len(p.all) - 1
}

// written notes which places the present event wrote, before it is committed.
func (w *worker) written(u *foldedStream, e *replay.Event) {
	u.st.Written(&w.wrote)
	w.at = w.at[:0]
	for _, one := range w.placesOf(u.rules).all {
		w.at = append(w.at, w.wrote.Wrote(one))
	}
	w.row = e.Row != 0
}

// same reports whether the event wrote nothing that a rule looks at.
func (w *worker) same(p *placed) bool {
	return p.of != nil && !w.row && !slices.ContainsFunc(p.at, func(i int) bool { return w.at[i] })
}
