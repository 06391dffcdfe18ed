package render

import (
	"cmp"

	"asof/inspect/whatif"
)

// Imagined prints how the state would differ had history been different.
func (p *Printer) Imagined(w *whatif.Result) {
	p.put(p.st.strong, "SIMULATION: "+pointName(w.At)+" ")
	if len(w.Changes) == 0 {
		p.put(p.st.strong, "would not change")
	} else {
		p.put(p.st.strong, "would differ in "+count(int64(len(w.Changes)), "place", "places"))
	}
	if w.Path != "" {
		p.text(" at " + clean(cmp.Or(w.Label, w.Path)))
	}
	p.endText()
	for i, e := range w.Edits {
		p.text("  ")
		if i == 0 {
			p.dim("with")
		}
		p.pad(7)
		p.text(clean(e.Text))
		p.endText()
	}
	p.text("  ")
	p.dim(p.foldedBy(w.Projection) + "; " + count(w.WouldTally.Events, "event", "events") + " instead of " + number(w.Account.Events))
	p.endText()
	if len(w.Changes) > 0 {
		p.changes(w.Changes, 4, len(w.Changes))
	}
	p.dim("  nothing was written")
	p.endText()
}
