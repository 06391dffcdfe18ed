package render

import (
	"asof/inspect/whatif"
)

// shrunkMost is the maximum number of remaining events listed in text.
const shrunkMost = 200

// Shrunk prints the minimal events that still produce the bad state.
func (p *Printer) Shrunk(s *whatif.Shrunk, next [][]string) {
	still := " still produce the bad state"
	if len(s.Events) == 1 {
		still = " still produces the bad state"
	}
	p.put(p.st.strong, number(int64(len(s.Events)))+" of "+count(int64(s.Before), "event", "events")+safe(still))
	p.text(": " + clean(s.Predicate))
	p.endText()
	if len(s.Events) == 0 {
		p.text("  the state before the first event is already bad: does the expression allow for an empty state?")
		p.endText()
	}
	t := &table{p: p, indent: 2, lookahead: shrunkMost, fitLast: true, cols: []column{{right: true}, {}, {most: 40}, {most: 24}, {}}}
	for i, e := range s.Events {
		if i == shrunkMost {
			break
		}
		t.add(row{cells: []cell{
			{{paint{}, integer(e.Version)}},
			{{p.st.dim, p.clock(e.Time)}},
			{{p.st.strong, clean(e.Type)}},
			{{paint{}, clean(e.Meta.Actor)}},
			p.summary(e),
		}})
	}
	t.end()
	if n := len(s.Events) - shrunkMost; n > 0 {
		p.text("  ")
		p.dim("… " + count(int64(n), "more event", "more events"))
		p.endText()
	}
	p.text("  their state:")
	p.endText()
	p.pad(4)
	v := tree{p: p, pal: p.st.json, lead: func() { p.pad(4) }, end: changeCols, compact: true}
	v.value(s.State, 0, 2*changeLines)
	p.endText()
	p.text("  " + minimality(s))
	p.dim(p.inZone(p.clocks))
	p.endText()
	p.Next(next)
}

// minimality returns text that says whether the list is known to be minimal.
func minimality(s *whatif.Shrunk) safe {
	how := "minimal: without any one of them the state is not bad"
	switch {
	case s.Stopped == whatif.StopTests:
		how = "may not be minimal: the search ran out of tests (--tests allows more)"
	case s.Stopped == whatif.StopInterrupted:
		how = "may not be minimal: the search was interrupted"
	case !s.Minimal:
		how = "may not be minimal: the same events gave a different state when folded again"
	}
	out := safe(how) + " (" + count(s.Tests, "test", "tests")
	if s.Unresolved > 0 {
		out += ", " + number(s.Unresolved) + " could not be folded or tested"
	}
	return out + ")"
}
