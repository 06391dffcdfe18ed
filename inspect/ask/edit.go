package ask

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
	"asof/replay/workspace"
)

// An Edit is one change to a history.
type Edit struct {
	Kind    whatif.EditKind `json:"kind" jsonschema:"drop, set, insert or swap"`
	Version replay.Version  `json:"version,omitempty" jsonschema:"version of the event to drop, set or swap, or to insert after"`
	Events  string          `json:"events,omitempty" jsonschema:"the events to drop, instead of version: a point such as type:CouponApplied, or a range A..B"`
	First   bool            `json:"first,omitempty" jsonschema:"insert before the first event"`
	Other   replay.Version  `json:"other,omitempty" jsonschema:"version of the event to swap with"`
	Path    string          `json:"path,omitempty" jsonschema:"the part of the event to set: a JSON pointer such as /data/qty"`
	Value   json.RawMessage `json:"value,omitempty" jsonschema:"the new value"`
	Event   json.RawMessage `json:"event,omitempty" jsonschema:"the event to insert: an object with type and data"`
	File    string          `json:"file,omitempty" jsonschema:"a file with the event to insert"`

	Text string `json:"-"` // as the user wrote it; empty: built from the other fields
}

// Check rejects an invalid edit.
func (e Edit) Check() error {
	_, err := e.inline()
	return err
}

// of returns the edit, with the event read from its file.
func (e Edit) of(ctx context.Context, w *workspace.Workspace) (whatif.Edit, error) {
	out, err := e.inline()
	if err != nil || e.File == "" {
		return out, err
	}
	text, err := w.ReadScript(ctx, e.File)
	if err != nil {
		return out, err
	}
	if out.Event, err = whatif.EventFrom([]byte(text)); err != nil {
		return out, fmt.Errorf("%s: %w", e.File, err)
	}
	return out, nil
}

// inline returns the edit without the event of its file.
func (e Edit) inline() (out whatif.Edit, err error) {
	out = whatif.Edit{Kind: e.Kind, Text: e.text(), At: e.Version, First: e.First, Other: e.Other, Wrote: e.Path}
	switch e.Kind {
	case whatif.Drop:
		if e.Events != "" {
			_, err = replay.ParseRange(e.Events, replay.Env{Now: time.Now()})
		}
	case whatif.Swap:
		if e.Version == e.Other {
			err = workspace.Usagef("name two versions, such as 12 and 13", "an event cannot be swapped with itself")
		}
	case whatif.Set:
		if err = checkPath(e.Path); err != nil {
			return out, err
		}
		if p := pathOf(e.Path); p.Keyed() {
			out.Keyed = p
		} else {
			out.Path, _ = state.ParsePointer(p.Pointer)
		}
		if out.Value, err = state.Parse(e.Value); err != nil {
			err = workspace.Usagef(`write JSON, such as 5 or "text"`, "the value of %s cannot be read: %v", e.Path, err)
		}
	case whatif.Insert:
		switch {
		case e.File != "" && e.Event != nil:
			err = workspace.Usagef("give one of them", "an event and a file with an event")
		case e.File == "":
			out.Event, err = whatif.EventFrom(e.Event)
		}
	default:
		err = workspace.Usagef("the edits are drop, set, insert and swap", "unknown edit %q", e.Kind)
	}
	return out, err
}

// text is how the answer describes the edit.
func (e Edit) text() string {
	if e.Text != "" {
		return e.Text
	}
	switch e.Kind {
	case whatif.Set:
		return fmt.Sprintf("set %d:%s=%s", e.Version, e.Path, e.Value)
	case whatif.Swap:
		return fmt.Sprintf("swap %d:%d", e.Version, e.Other)
	case whatif.Insert:
		if e.First {
			return "insert after:start"
		}
		return fmt.Sprintf("insert after:%d", e.Version)
	}
	if e.Events != "" {
		return string(e.Kind) + " " + e.Events
	}
	return fmt.Sprintf("%s %d", e.Kind, e.Version)
}

// ParseEdit parses an edit of a kind: 23, a point or a range drops events;
// 25:/data/qty=1 sets a part of one; after:28:FILE or after:start:FILE inserts the
// event in a file; 12:13 swaps two.
func ParseEdit(kind whatif.EditKind, text string) (e Edit, err error) {
	switch kind {
	case whatif.Set:
		e, err = parseSet(text)
	case whatif.Insert:
		e, err = parseInsert(text)
	case whatif.Swap:
		e, err = parseSwap(text)
	default:
		if e.Version, err = parseVersion(text); err != nil {
			e.Events = text
			_, err = replay.ParseRange(text, replay.Env{Now: time.Now()})
		}
	}
	e.Kind = kind
	return e, err
}

func parseVersion(text string) (replay.Version, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, workspace.Usagef("write a number such as 23", "%q is not a version", text)
	}
	return replay.Version(n), nil
}

func parseSwap(text string) (e Edit, err error) {
	a, b, ok := strings.Cut(text, ":")
	if !ok || a == b {
		return e, workspace.Usagef("write two versions, such as 12:13", "%q is not two versions", text)
	}
	if e.Version, err = parseVersion(a); err == nil {
		e.Other, err = parseVersion(b)
	}
	return e, err
}

func parseSet(text string) (e Edit, err error) {
	const form = "write VERSION:PATH=JSON, such as '25:/data/qty=1'"
	version, rest, ok := strings.Cut(text, ":")
	if !ok {
		next := fault.Try(form)
		if n := strings.IndexByte(text, '/'); n > 0 && strings.Trim(text[:n], "0123456789") == "" {
			next = fault.Remedy{For: text, Near: []string{text[:n] + ":" + text[n:]}}
		}
		return e, workspace.Usage(next, "%q has no version", text)
	}
	if e.Version, err = parseVersion(version); err != nil {
		return e, err
	}
	// A member name can contain an =, and JSON cannot end early: the right = is the
	// first one followed by JSON.
	for i := 0; i < len(rest); i++ {
		if rest[i] != '=' {
			continue
		}
		if _, err := state.Parse([]byte(rest[i+1:])); err != nil {
			continue
		}
		e.Path, e.Value = rest[:i], json.RawMessage(rest[i+1:])
		return e, checkPath(e.Path)
	}
	if path, value, ok := strings.Cut(rest, "="); ok {
		quoted := fmt.Sprintf("%s:%s=%q", version, path, value)
		return e, workspace.Usage(fault.Remedy{Text: "text needs quotes", For: text, Near: []string{quoted}}, "%q is not JSON", value)
	}
	return e, workspace.Usagef(form, "%q has no value", text)
}

func parseInsert(text string) (e Edit, err error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[0] != "after" || parts[2] == "" {
		return e, workspace.Usagef("write after:VERSION:FILE, such as after:30:event.json", "%q lacks a version or a file", text)
	}
	if e.First = parts[1] == "start"; !e.First {
		if e.Version, err = parseVersion(parts[1]); err != nil {
			return e, err
		}
	}
	e.File = parts[2]
	return e, nil
}
