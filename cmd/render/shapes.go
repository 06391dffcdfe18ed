package render

import (
	"strconv"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// The functions of this file make the shapes that all verbs share. What a
// dialect does not have is null.

// MomentJSON is {"stream","version","position","time","event_id","event_type"},
// all but the stream null before the first event.
func MomentJSON(m replay.Moment) state.Value {
	n := state.NewObject()
	n.Set("stream", state.StringValue(m.Stream))
	if m.IsStart() {
		m = replay.Moment{Position: replay.NoPosition}
		n.Set("version", state.NullValue())
	} else {
		n.Set("version", jsonInt(int64(*m.Version)))
	}
	n.Set("position", jsonPosition(m.Position))
	n.Set("time", jsonTime(m.Time))
	n.Set("event_id", jsonText(m.EventID))
	n.Set("event_type", jsonText(m.EventType))
	return n.Value()
}

// EventJSON is {"stream","category","version","position","id","type","revision",
// "time","actor","correlation_id","causation_id","data","metadata"}. Data is what
// the store holds, whatever an upcaster made of it; when that can't be read as
// JSON, data is null and "opaque" says why.
func EventJSON(e *replay.Event) state.Value { return eventJSON(e, new(bodies)).Value() }

// EventHeadJSON is [EventJSON] without data and metadata.
func EventHeadJSON(e *replay.Event) state.Value { return eventJSON(e, nil).Value() }

// eventJSON reads the payload by way of b, and leaves it out without one.
func eventJSON(e *replay.Event, b *bodies) *state.Node {
	n := state.NewObject()
	n.Set("stream", state.StringValue(string(e.Stream)))
	n.Set("category", jsonText(e.Category))
	n.Set("version", jsonInt(int64(e.Version)))
	n.Set("position", jsonPosition(e.Position))
	n.Set("id", jsonText(e.ID))
	n.Set("type", jsonText(e.Type))
	n.Set("revision", state.NullValue())
	if e.Revision != 0 {
		n.Set("revision", jsonInt(int64(e.Revision)))
	}
	n.Set("time", jsonTime(e.Time))
	n.Set("actor", jsonText(e.Meta.Actor))
	n.Set("correlation_id", jsonText(e.Meta.Correlation))
	n.Set("causation_id", jsonText(e.Meta.Causation))
	if b == nil {
		return n
	}
	data, opaque := b.payload(e)
	n.Set("data", data)
	if opaque != "" {
		n.Set("opaque", state.StringValue(opaque))
	}
	n.Set("metadata", b.metadata(e))
	return n
}

// bodies reads what events hold. A tree that it returns is valid until the same
// part of the next event is read.
type bodies struct{ data, meta state.Parser }

// payload returns the payload as it is stored, or null and why it can't be read.
func (b *bodies) payload(e *replay.Event) (data state.Value, opaque string) {
	if e.Opaque != "" {
		return state.NullValue(), e.Opaque
	}
	v, _, err := b.data.ParsePayload(e.Data) // not the body, which may be upcast
	if err != nil {
		return state.NullValue(), err.Error()
	}
	return v, ""
}

// metadata returns all of the metadata; as a string if, against the contract of
// a reader, it isn't JSON.
func (b *bodies) metadata(e *replay.Event) state.Value {
	if e.Meta.Raw == nil {
		return state.NullValue()
	}
	v, _, err := b.meta.ParsePayload(e.Meta.Raw)
	if err != nil {
		return state.StringValue(string(e.Meta.Raw))
	}
	return v
}

// ChangeJSON is {"op","path","from","to"}: from is null for an add, to for a
// remove.
func ChangeJSON(c state.Change) state.Value {
	n := state.NewObject()
	n.Set("op", state.StringValue(string(c.Op)))
	n.Set("path", state.StringValue(c.Path))
	n.Set("from", orNull(c.From))
	n.Set("to", orNull(c.To))
	return n.Value()
}

// ChangesJSON is the array of [ChangeJSON].
func ChangesJSON(cs []state.Change) state.Value {
	n := state.NewArray()
	for _, c := range cs {
		n.Append(ChangeJSON(c))
	}
	return n.Value()
}

func orNull(v state.Value) state.Value {
	if v.IsAbsent() {
		return state.NullValue()
	}
	return v
}

// jsonText is null for text that is not there.
func jsonText(s string) state.Value {
	if s == "" {
		return state.NullValue()
	}
	return state.StringValue(s)
}

func jsonTexts(ss []string) state.Value {
	n := state.NewArray()
	for _, s := range ss {
		n.Append(state.StringValue(s))
	}
	return n.Value()
}

func jsonInt(i int64) state.Value { return state.NumberValue(strconv.FormatInt(i, 10)) }

func jsonPosition(p replay.Position) state.Value {
	if p == replay.NoPosition {
		return state.NullValue()
	}
	return jsonInt(int64(p))
}

func jsonTime(t time.Time) state.Value {
	if t.IsZero() {
		return state.NullValue()
	}
	return state.StringValue(t.UTC().Format(time.RFC3339Nano))
}
