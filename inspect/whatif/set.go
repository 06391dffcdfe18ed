package whatif

import (
	"errors"
	"slices"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// An Added is a member that an event got by an edit, and resembles one that it has.
type Added struct {
	At         replay.Moment
	Path, Near string
	Wrote      string // the path as the user wrote it
}

// set sets the part of an event named by the edit.
func (e *Edit) set(in *replay.Event) (*Added, error) {
	parts := partsOf(in)
	path := e.Path
	if e.Keyed.Keyed() {
		pointer, err := e.Keyed.Find(parts)
		if err == nil {
			path, err = state.ParsePointer(pointer)
		}
		if err != nil {
			return nil, err
		}
	}
	err := setInEvent(in, path, e.Value)
	var wrong *EventError
	if errors.As(err, &wrong) && wrong.Path != "" {
		if near := nearPart(parts, path); near != "" {
			wrong.Next = fault.Remedy{For: e.Wrote, Near: []string{near}}
		}
	}
	if err != nil || len(path) < 2 {
		return nil, err
	}
	if near := nearIn(parts, path); near != "" {
		return &Added{At: in.Moment(), Path: inspect.Pointer(path), Near: near, Wrote: e.Wrote}, nil
	}
	return nil, nil
}

// partsOf returns the payload and the metadata of an event as one object.
func partsOf(e *replay.Event) state.Value {
	parts := state.NewObject()
	for name, text := range map[string][]byte{"data": e.Data, "metadata": e.Meta.Raw} {
		if v, err := state.Parse(text); err == nil {
			parts.Set(name, v)
		}
	}
	return parts.Value()
}

// nearIn returns the path in an event that resembles one that it does not have, or "".
func nearIn(parts state.Value, path []string) string {
	_, err := state.Lookup(parts, inspect.Pointer(path))
	if r := fault.RemedyOf(err); err != nil && len(r.Near) > 0 {
		return r.Near[0]
	}
	return ""
}

// nearPart returns the path that may be meant by one that is not part of an event: the same
// in its payload, or one that resembles it.
func nearPart(parts state.Value, path []string) string {
	if path[0] == "data" || path[0] == "metadata" {
		return nearIn(parts, path)
	}
	within := slices.Insert(slices.Clone(path), 0, "data")
	if _, err := state.Lookup(parts, inspect.Pointer(within)); err == nil {
		return inspect.Pointer(within)
	}
	names := []string{"data", "metadata"}
	if len(path) == 1 {
		names = append(names, "type", "revision", "time", "actor", "correlation_id", "causation_id")
	}
	if near := fault.Near(path[0], names, 1); len(near) > 0 {
		return inspect.Pointer(slices.Concat(near, path[1:]))
	}
	return nearIn(parts, within)
}
