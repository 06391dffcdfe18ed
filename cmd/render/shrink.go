package render

import (
	"strconv"
	"time"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/state"
)

// shrunkMost is how many of the events that are left are listed in text.
const shrunkMost = 200

// Shrunk prints the fewest events that still give the bad state.
func (p *Printer) Shrunk(s *whatif.Shrunk, next []string) {
	if p.o.JSON {
		p.jsonLine(shrunkJSON(s))
		return
	}
	still := " still give the bad state"
	if len(s.Events) == 1 {
		still = " still gives the bad state"
	}
	p.put(p.st.strong, number(int64(len(s.Events)))+" of "+count(int64(s.Before), "event", "events")+safe(still))
	p.text(": " + clean(s.Predicate))
	p.newline()
	if len(s.Events) == 0 {
		p.text("  the state before the first event is bad already: does the expression speak of a state that is there?")
		p.newline()
	}
	t := &table{p: p, indent: 2, ahead: shrunkMost, fit: true, cols: []column{{right: true}, {}, {most: 40}, {most: 24}, {}}}
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
		p.newline()
	}
	p.text("  they alone give")
	p.newline()
	p.pad(4)
	v := tree{p: p, pal: p.st.json, lead: func() { p.pad(4) }, end: changeCols, compact: true}
	v.value(s.State, 0, 2*changeLines)
	p.newline()
	p.text("  " + minimality(s))
	p.newline()
	p.Next(next)
}

// minimality says how small the list is known to be.
func minimality(s *whatif.Shrunk) safe {
	how := "none can be left out: without any one of them the state is not bad"
	switch {
	case s.Stopped == whatif.StopTests:
		how = "there may be fewer: the search ended when its tests were used up (--tests allows more)"
	case s.Stopped == whatif.StopInterrupted:
		how = "there may be fewer: the search was interrupted"
	case !s.Minimal:
		how = "there may be fewer: folded again, the same events gave another state"
	}
	out := safe(how) + " (" + count(s.Tests, "test", "tests")
	if s.Unresolved > 0 {
		out += ", " + number(s.Unresolved) + " could not be folded or judged"
	}
	return out + ")"
}

func shrunkJSON(s *whatif.Shrunk) state.Value {
	n := state.NewObject()
	n.Set("stream", state.StringValue(s.Stream))
	n.Set("predicate", state.StringValue(s.Predicate))
	n.Set("projection", state.StringValue(s.Projection))
	n.Set("at", MomentJSON(s.At))
	n.Set("events_before", jsonInt(int64(s.Before)))
	events := state.NewArray()
	for _, e := range s.Events {
		events.Append(EventJSON(e))
	}
	n.Set("events", events.Value())
	n.Set("state", orNull(s.State))
	n.Set("minimal", state.BoolValue(s.Minimal))
	n.Set("stopped", jsonText(string(s.Stopped)))
	n.Set("tests", jsonInt(s.Tests))
	n.Set("unresolved", jsonInt(s.Unresolved))
	n.Set("account", accountJSON(s.Account))
	return n.Value()
}

// EventLines are events in the native form, one a line, which is a store again.
func EventLines(events []*replay.Event) []byte {
	var b []byte
	for _, e := range events {
		b = append(state.AppendSorted(b, EventJSON(e)), '\n')
	}
	return b
}

// CloudEvents are events as a batch of CloudEvents 1.0, with the extensions that
// a store of them is read by.
func CloudEvents(events []*replay.Event) []byte {
	all := state.NewArray()
	for _, e := range events {
		all.Append(cloudEventJSON(e))
	}
	return append(state.AppendIndent(nil, all.Value(), "  ", false), '\n')
}

func cloudEventJSON(e *replay.Event) state.Value {
	n := state.NewObject()
	text := func(name, s string) {
		if s != "" {
			n.Set(name, state.StringValue(s))
		}
	}
	text("specversion", "1.0")
	id := e.ID
	if id == "" { // which a CloudEvent may not be without
		id = string(e.Stream) + "@" + strconv.FormatInt(int64(e.Version), 10)
	}
	text("id", id)
	text("source", "urn:asof:shrink")
	text("type", e.Type)
	text("subject", string(e.Stream))
	if !e.Time.IsZero() {
		text("time", e.Time.UTC().Format(time.RFC3339Nano))
	}
	text("sequence", strconv.FormatInt(int64(e.Version), 10))
	text("sequencetype", "Integer")
	text("category", e.Category)
	if e.Position != replay.NoPosition {
		text("position", strconv.FormatInt(int64(e.Position), 10))
	}
	if e.Revision != 0 {
		n.Set("revision", jsonInt(int64(e.Revision)))
	}
	text("correlationid", e.Meta.Correlation)
	text("causationid", e.Meta.Causation)
	if e.Meta.Actor != "" {
		text("authtype", "unknown")
		text("authid", e.Meta.Actor)
	}
	text("datacontenttype", "application/json")
	data, _ := new(bodies).payload(e)
	n.Set("data", data)
	return n.Value()
}
