package wire

import (
	"strconv"
	"time"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/state"
)

// Shrunk is a smallest set of events that still gives the bad state.
type Shrunk struct {
	Stream       string     `json:"stream"`
	Predicate    string     `json:"predicate"`
	Projection   string     `json:"projection"`
	At           Moment     `json:"at"`
	EventsBefore int        `json:"events_before"`
	Events       []Event    `json:"events"`
	State        Value      `json:"state"`
	Minimal      bool       `json:"minimal"`
	Stopped      *string    `json:"stopped"` // why the search ended before the result was known to be minimal
	Tests        int64      `json:"tests"`
	Unresolved   int64      `json:"unresolved"`
	Account      Account    `json:"account"`
	Next         [][]string `json:"next,omitzero"` // commands to try, as arguments
}

// NewShrunk converts s.
func NewShrunk(s *whatif.Shrunk) Shrunk {
	stopped := string(s.Stopped)
	return Shrunk{
		Stream: s.Stream, Predicate: s.Predicate, Projection: s.Projection, At: NewMoment(s.At), EventsBefore: s.Before,
		Events: events(s.Events), State: Value(s.State), Minimal: s.Minimal, Stopped: text(&stopped), Tests: s.Tests,
		Unresolved: s.Unresolved, Account: NewAccount(s.Account),
	}
}

// EventLines returns events in the native format, one per line. The lines are a store
// that asof reads.
func EventLines(all []*replay.Event) []byte {
	var b []byte
	var bodies Bodies
	for _, e := range all {
		one := bodies.Event(e)
		b = append(Append(b, &one), '\n')
	}
	return b
}

// CloudEvents returns events as a batch of CloudEvents 1.0, with the extensions that
// asof reads. The standard defines the format, not the contract.
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
	if id == "" { // required in a CloudEvent
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
