package render

import "asof/inspect/why"

// cause prints the input that another event set, and what the wrong value would be with
// its earlier value.
func (p *Printer) cause(c *why.Cause) {
	if c == nil || c.Input == nil {
		return
	}
	v, in := whyView{p: p}, c.Input
	p.text("  ")
	p.put(p.st.strong, "the cause may be "+v.event(in.By))
	if who := clean(in.By.Event.Meta.Actor); who != "" {
		p.text(" by " + who)
	}
	p.text(":")
	p.endText()
	what := v.name(in) + " is " + v.value(in.Value, whyValue)
	p.text("    " + what + " since then; " + v.effect(&why.Node{Path: c.Path, Label: c.Label}, in))
	p.endText()
	for _, in := range c.Or {
		p.text("    or " + p.inputText(c, in))
		p.endTextAt(6)
	}
}

// causeBelow prints a cause under a culprit in a list.
func (p *Printer) causeBelow(c *why.Cause) {
	if c == nil || c.Input == nil {
		return
	}
	p.text("      ← " + p.inputText(c, c.Input))
	p.endTextAt(8)
	for _, in := range c.Or {
		p.text("        or " + p.inputText(c, in))
		p.endTextAt(10)
	}
}

// inputText says which event set an input of a cause, and what would be with its earlier
// value.
func (p *Printer) inputText(c *why.Cause, in *why.Input) safe {
	v := whyView{p: p}
	s := v.event(in.By)
	if who := clean(in.By.Event.Meta.Actor); who != "" {
		s += " by " + who
	}
	switch what := v.name(in); {
	case in.Value.IsAbsent():
		s += " removed " + what
	case in.Parts:
		s += " changed " + what
	default:
		s += " set " + what + " to " + v.value(in.Value, whyValue)
	}
	return s + "; " + v.effect(&why.Node{Path: c.Path, Label: c.Label}, in)
}
