package wire

import (
	"strconv"
	"time"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/state"
)

// Shrunk is the fewest events that still give the bad state.
type Shrunk struct {
	Stream       string  `json:"stream"`
	Predicate    string  `json:"predicate"`
	Projection   string  `json:"projection"`
	At           Moment  `json:"at"`
	EventsBefore int     `json:"events_before"`
	Events       []Event `json:"events"`
	State        Value   `json:"state"`
	Minimal      bool    `json:"minimal"`
	Stopped      *string `json:"stopped"` // why it is not known whether there are fewer
	Tests        int64   `json:"tests"`
	Unresolved   int64   `json:"unresolved"`
	Account      Account `json:"account"`
}

// NewShrunk is s as JSON.
func NewShrunk(s *whatif.Shrunk) Shrunk {
	stopped := string(s.Stopped)
	return Shrunk{
		Stream: s.Stream, Predicate: s.Predicate, Projection: s.Projection, At: NewMoment(s.At), EventsBefore: s.Before,
		Events: events(s.Events), State: Value(s.State), Minimal: s.Minimal, Stopped: text(&stopped), Tests: s.Tests,
		Unresolved: s.Unresolved, Account: NewAccount(s.Account),
	}
}

// EventLines are events in the native form, one a line, which is a store again.
func EventLines(all []*replay.Event) []byte {
	var b []byte
	var bodies Bodies
	for _, e := range all {
		one := bodies.Event(e)
		b = append(Append(b, &one), '\n')
	}
	return b
}

// CloudEvents are events as a batch of CloudEvents 1.0, with the extensions that a
// store of them is read by. It is not a part of the contract but of that standard.
func CloudEvents(all []*replay.Event) []byte {
	batch := state.NewArray()
	for _, e := range all {
		batch.Append(cloudEvent(e))
	}
	return append(state.AppendIndent(nil, batch.Value(), "  ", false), '\n')
}

func cloudEvent(e *replay.Event) state.Value {
	n := state.NewObject()
	set := func(name, s string) {
		if s != "" {
			n.Set(name, state.StringValue(s))
		}
	}
	set("specversion", "1.0")
	id := e.ID
	if id == "" { // which a CloudEvent may not be without
		id = string(e.Stream) + "@" + strconv.FormatInt(int64(e.Version), 10)
	}
	set("id", id)
	set("source", "urn:asof:shrink")
	set("type", e.Type)
	set("subject", string(e.Stream))
	if !e.Time.IsZero() {
		set("time", e.Time.UTC().Format(time.RFC3339Nano))
	}
	set("sequence", strconv.FormatInt(int64(e.Version), 10))
	set("sequencetype", "Integer")
	set("category", e.Category)
	if e.Position != replay.NoPosition {
		set("position", strconv.FormatInt(int64(e.Position), 10))
	}
	if e.Revision != 0 {
		n.Set("revision", state.NumberValue(strconv.Itoa(e.Revision)))
	}
	set("correlationid", e.Meta.Correlation)
	set("causationid", e.Meta.Causation)
	if e.Meta.Actor != "" {
		set("authtype", "unknown")
		set("authid", e.Meta.Actor)
	}
	set("datacontenttype", "application/json")
	data, _ := new(Bodies).Payload(e)
	n.Set("data", data)
	return n.Value()
}
