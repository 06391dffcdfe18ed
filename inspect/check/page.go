package check

import (
	"cmp"
	"slices"

	"asof/replay"
)

// A Place identifies a finding, whatever else is found. Findings are listed by invariant:
// the violations, then the streams that could not be tested, then those that are not
// known.
type Place struct {
	Invariant string
	Kind      int // 0: a violation; 1: an error; 2: unknown
	Position  replay.Position
	Stream    replay.StreamID
	Version   replay.Version
}

// after reports whether a place of the same invariant comes after another one.
func (p Place) after(o Place) bool {
	return cmp.Or(cmp.Compare(p.Kind, o.Kind), cmp.Compare(p.Position, o.Position),
		cmp.Compare(p.Stream, o.Stream), cmp.Compare(p.Version, o.Version)) > 0
}

// Page returns the result with no findings but those after a place, or all, and at most
// limit of them; 0 is no limit. If others follow, it returns the place of the last one.
// It returns false if the place is of an invariant that the result does not have.
func (c *Result) Page(after *Place, limit int) (part *Result, cut *Place, ok bool) {
	part = new(Result)
	*part = *c
	part.Invariants = slices.Clone(c.Invariants)
	begun := after == nil
	p := paging{limit: limit}
	for i := range part.Invariants {
		inv := &part.Invariants[i]
		p.after = nil
		switch {
		case !begun && inv.Name == after.Invariant:
			p.after, begun = after, true
		case !begun:
			inv.Violations, inv.Errors, inv.Unknown = nil, nil, nil
			continue
		}
		name := inv.Name
		inv.Violations = pageOf(&p, inv.Violations, func(v Violation) Place {
			return Place{name, 0, v.Culprit.Position, v.Stream, v.Culprit.Version}
		})
		inv.Errors = pageOf(&p, inv.Errors, func(e StreamError) Place { return Place{Invariant: name, Kind: 1, Stream: e.Stream} })
		inv.Unknown = pageOf(&p, inv.Unknown, func(u Unknown) Place { return Place{Invariant: name, Kind: 2, Stream: u.Stream} })
	}
	return part, p.cut, begun
}

// paging takes the findings of a page.
type paging struct {
	limit, taken int
	after        *Place
	last         Place
	cut          *Place // the last one, if others follow
}

// pageOf returns the findings of a page.
func pageOf[F any](p *paging, all []F, place func(F) Place) []F {
	var out []F
	for _, f := range all {
		at := place(f)
		switch {
		case p.after != nil && !at.after(*p.after):
			continue
		case p.limit > 0 && p.taken == p.limit:
			last := p.last
			p.cut = &last
			return out
		}
		p.taken, p.last = p.taken+1, at
		out = append(out, f)
	}
	return out
}
