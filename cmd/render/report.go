package render

import (
	"asof/inspect/ask"
	"asof/inspect/bisect"
)

// Reported prints what a page has, and where it is.
func (p *Printer) Reported(r *ask.Reported) {
	p.put(p.st.strong, clean(r.File))
	p.text(" has " + count(int64(len(r.Entries)), "event", "events") + " of " + clean(r.Stream) + " (" + sizeText(r.Bytes) + ")")
	p.endText()
	for i := range r.Findings {
		b := r.Findings[i].Bisect
		switch b.Verdict {
		case bisect.Found:
			p.text("  " + pointName(b.After) + " " + clean(b.Culprit.Type) + " is the first bad event: " + clean(b.Predicate))
		case bisect.AlwaysBad:
			p.text("  bad from the start of the range on: " + clean(b.Predicate))
		case bisect.NeverBad:
			p.text("  never bad: " + clean(b.Predicate))
		case bisect.Inconclusive:
			p.text("  not known whether it is ever bad: " + clean(b.Predicate))
		}
		p.endText()
	}
	p.dim("  It opens with a double click and needs no network.")
	p.endText()
}
