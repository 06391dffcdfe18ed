package whatif

import (
	"fmt"
	"strings"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// eventParts are the parts of an event that can be set, by their names in the native
// format. Longer pointers lead into data and metadata.
const eventParts = "/data/…, /metadata/…, /type, /revision, /time, /actor, /correlation_id or /causation_id"

// An EventError is an edit that does not apply to an event.
type EventError struct {
	Path   string // RFC 6901; empty: the event as a whole
	Reason string
	Next   fault.Remedy
}

func (e *EventError) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return fmt.Sprintf("%s: %s", e.Path, e.Reason)
}

// Class returns [fault.Usage].
func (e *EventError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*EventError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *EventError) Remedy() fault.Remedy { return e.Next }

// setInEvent sets a part of an event.
func setInEvent(e *replay.Event, path []string, v state.Value) error {
	if len(path) == 0 {
		return &EventError{Reason: "a whole event can't be set", Next: fault.Try("name a part of it: " + eventParts)}
	}
	switch path[0] {
	case "data":
		if e.Opaque != "" && len(path) > 1 {
			return &replay.OpaqueError{At: e.Moment(), Reason: e.Opaque}
		}
		b, err := setInJSON(e.Data, path, v)
		if err == nil {
			e.Data, e.Opaque = b, ""
			*e = *e.Clone() // drop the parsed payload
		}
		return err
	case "metadata":
		b, err := setInJSON(e.Meta.Raw, path, v)
		if err == nil {
			e.Meta.Raw = b
		}
		return err
	}
	if len(path) > 1 {
		return &EventError{Path: inspect.Pointer(path), Reason: "nothing is below /" + path[0], Next: fault.Try("set " + eventParts)}
	}
	return setField(e, path[0], v)
}

// setInJSON sets the member or element at path[1:] of a JSON text. The container
// must exist; the member itself need not.
func setInJSON(text []byte, path []string, v state.Value) ([]byte, error) {
	if len(path) == 1 {
		return state.AppendJSON(nil, v), nil
	}
	root := state.NewObject().Value()
	if len(text) > 0 {
		var err error
		if root, err = state.Parse(text); err != nil {
			return nil, err
		}
	}
	old, err := state.Lookup(root, inspect.Pointer(path[1:]))
	change := state.Change{Op: state.OpReplace, Path: inspect.Pointer(path[1:]), From: old, To: v}
	if err != nil {
		change = state.Change{Op: state.OpAdd, Path: inspect.Pointer(path[1:]), To: v}
	}
	out, err := state.Apply(root, []state.Change{change})
	if err != nil {
		return nil, &EventError{Path: inspect.Pointer(path), Reason: "the event has no such path", Next: fault.Try("look at the whole event").By("show")}
	}
	return state.AppendJSON(nil, out), nil
}

// setField sets a part of an event's envelope.
func setField(e *replay.Event, name string, v state.Value) error {
	texts := map[string]*string{
		"type": &e.Type, "id": &e.ID, "category": &e.Category, "actor": &e.Meta.Actor,
		"correlation_id": &e.Meta.Correlation, "causation_id": &e.Meta.Causation,
	}
	if p, ok := texts[name]; ok {
		switch {
		case v.Kind() == state.String:
			*p = v.Text()
		case v.Kind() == state.Null && name != "type":
			*p = ""
		default:
			return &EventError{Path: "/" + name, Reason: "it must be a string", Next: fault.Try(`quote it: '/` + name + `="text"'`)}
		}
		return nil
	}
	switch name {
	case "revision":
		var n int
		if _, err := fmt.Sscanf(v.Text()+" ", "%d ", &n); err != nil || v.Kind() != state.Number || fmt.Sprint(n) != v.Text() || n < 0 {
			return &EventError{Path: "/revision", Reason: "it must be a whole number"}
		}
		e.Revision = n
	case "time":
		t, err := time.Parse(time.RFC3339Nano, v.Text())
		if err != nil || v.Kind() != state.String {
			return &EventError{Path: "/time", Reason: "it must be a time of RFC 3339", Next: fault.Try(`write it as "2026-03-01T12:00:00Z"`)}
		}
		e.Time = t.UTC()
	default:
		return &EventError{Path: "/" + name, Reason: "this part of an event cannot be set", Next: fault.Try("set " + eventParts)}
	}
	return nil
}

// EventFrom parses an inserted event in the native format: an object with a type, and
// data. The other fields come from its place.
func EventFrom(text []byte) (*replay.Event, error) {
	const form = `write it as {"type": "ItemAdded", "data": {…}}`
	v, err := state.Parse(text)
	if err != nil {
		return nil, &EventError{Reason: err.Error(), Next: fault.Try(form)}
	}
	if v.Kind() != state.Object {
		return nil, &EventError{Reason: "an event is an object, not " + v.Kind().String(), Next: fault.Try(form)}
	}
	e := &replay.Event{Position: replay.NoPosition}
	for _, name := range []string{"type", "data"} {
		if v.Node().Get(name).IsAbsent() {
			return nil, &EventError{Reason: "the event has no " + name, Next: fault.Try(form)}
		}
	}
	v.Node().Each(func(key string, part state.Value) bool {
		switch key {
		case "stream":
			e.Stream = replay.StreamID(part.Text())
		case "version", "position": // its place decides these
		case "data", "metadata":
			if part.Kind() != state.Null || key == "data" {
				err = setInEvent(e, []string{key}, part)
			}
		default:
			if part.Kind() == state.Null {
				return true
			}
			err = setField(e, key, part)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(e.Type) == "" {
		return nil, &EventError{Reason: "the event's type is empty", Next: fault.Try(form)}
	}
	return e, nil
}

// WithBody returns a copy of the event whose data is its current payload, for example
// after an upcaster.
func WithBody(e *replay.Event) *replay.Event {
	c := e.Clone()
	if v, err := e.Body(); err == nil {
		c.Data = state.AppendJSON(nil, v)
	}
	return c
}
