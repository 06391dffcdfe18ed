package render

import (
	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

const (
	bodyLines = 1000 // maximum lines of a payload or of metadata
	bodyCols  = 2000 // maximum width of such a line
)

// Shown prints one complete event and its effect.
func (p *Printer) Shown(s *inspect.Shown) {
	const col = 16
	e := s.Event
	p.put(p.st.strong, pointName(s.Moment)+"  "+clean(e.Type))
	p.endText()
	if string(e.Stream) != s.Moment.Stream {
		p.field("stream", col, pointName(e.Moment()))
	}
	p.field("id", col, clean(e.ID))
	p.field("time", col, p.exactTime(e.Time))
	if e.NoTime != "" {
		p.field("time", col, "can't be read: "+clean(e.NoTime))
	}
	p.field("category", col, clean(e.Category))
	if e.Position != replay.NoPosition {
		p.field("position", col, integer(e.Position))
	}
	if e.Revision != 0 {
		p.field("revision", col, integer(int64(e.Revision)))
	}
	p.field("actor", col, clean(e.Meta.Actor))
	p.field("correlation", col, clean(e.Meta.Correlation))
	p.field("causation", col, clean(e.Meta.Causation))
	data, opaque := p.events.Payload(e)
	if opaque != "" {
		p.field("payload", col, "can't be read: "+clean(opaque))
	} else {
		p.body("payload", col, data)
	}
	if e.Meta.Raw != nil {
		p.body("metadata", col, p.events.Metadata(e))
	}
	p.newline()
	p.effect(s)
}

// body prints a labelled value.
func (p *Printer) body(name safe, col int, v state.Value) {
	p.label(name, col)
	t := tree{p: p, pal: p.st.json, lead: func() { p.pad(col) }, end: bodyCols, compact: true}
	t.value(v, 0, bodyLines)
	p.newline()
}

// effect prints what the event did to the state.
func (p *Printer) effect(s *inspect.Shown) {
	p.text("  ")
	p.dim("changes (" + p.foldedBy(s.Projection) + ")")
	p.newline()
	switch {
	case s.FoldError != nil:
		p.text("    ")
		p.put(p.st.failed, clean(s.FoldError.Error()))
		p.newline()
	case !s.Handled && len(s.Changes) == 0:
		p.text("    ")
		p.dim("(no handler for " + clean(s.Event.Type) + ")")
		p.newline()
	default:
		p.patch(s.Changes, len(s.Changes))
	}
}

// foldedBy names the fold. A merge that the user didn't ask for guesses what the events
// mean, and is always called a guess.
func (p *Printer) foldedBy(projection string) safe {
	if p.o.Guessed && projection == "merge" {
		return "state by merge; no projection given"
	}
	return "state by " + clean(projection)
}
