package render

import (
	"asof/inspect/whatif"
	"asof/replay/state"
)

// Imagined prints how the state would differ had history been different.
func (p *Printer) Imagined(w *whatif.Result) {
	if p.o.JSON {
		p.jsonLine(imaginedJSON(w))
		return
	}
	p.put(p.st.strong, "SIMULATION: "+pointName(w.At)+" ")
	if len(w.Changes) == 0 {
		p.put(p.st.strong, "would be as it is")
	} else {
		p.put(p.st.strong, "would differ in "+count(int64(len(w.Changes)), "place", "places"))
	}
	if w.Path != "" {
		p.text(" at " + clean(w.Path))
	}
	p.newline()
	for i, e := range w.Edits {
		p.text("  ")
		if i == 0 {
			p.dim("with")
		}
		p.pad(7)
		p.text(clean(e.Text))
		p.newline()
	}
	p.text("  ")
	p.dim(p.foldedBy(w.Projection) + "; " + count(w.WouldTally.Events, "event", "events") + " in place of " + number(w.Account.Events))
	p.newline()
	if len(w.Changes) > 0 {
		p.changes(w.Changes, 4, len(w.Changes))
	}
	p.dim("  nothing was written")
	p.newline()
}

func imaginedJSON(w *whatif.Result) state.Value {
	n := state.NewObject()
	n.Set("simulated", state.BoolValue(true))
	n.Set("moment", MomentJSON(w.At))
	n.Set("projection", state.StringValue(w.Projection))
	edits := make([]string, len(w.Edits))
	for i, e := range w.Edits {
		edits[i] = e.Text
	}
	n.Set("edits", jsonTexts(edits))
	n.Set("path", jsonText(w.Path))
	n.Set("changes", ChangesJSON(w.Changes))
	n.Set("state", orNull(w.Would))
	n.Set("events", jsonInt(w.WouldTally.Events))
	n.Set("account", accountJSON(w.Account))
	return n.Value()
}
