package report

import (
	"strconv"
	"strings"

	"asof/replay/state"
)

// A hider replaces what a redaction erased in states and changes. Equal texts become equal
// ones, and different names stay different, so changes still lead from state to state. The
// nil hider replaces nothing.
type hider struct {
	text  func(string) string
	names map[string]string // of members, by what they were
}

func newHider(text func(string) string) *hider {
	if text == nil {
		return nil
	}
	return &hider{text, map[string]string{}}
}

// name replaces the name of a member.
func (h *hider) name(was string) string {
	now := h.text(was)
	if now == was {
		return was
	}
	if known, ok := h.names[was]; ok {
		return known
	}
	if n := len(h.names); n > 0 {
		now += " " + strconv.Itoa(n+1)
	}
	h.names[was] = now
	return now
}

// value returns a copy of a value with other texts in it.
func (h *hider) value(v state.Value) state.Value {
	switch v.Kind() {
	case state.String:
		return state.StringValue(h.text(v.Text()))
	case state.Array:
		to := state.NewArray()
		for _, e := range v.Node().Elems() {
			to.Append(h.value(e))
		}
		return to.Value()
	case state.Object:
		to := state.NewObject()
		v.Node().Each(func(k string, e state.Value) bool {
			to.Set(h.name(k), h.value(e))
			return true
		})
		return to.Value()
	case state.Absent, state.Null, state.Bool, state.Number:
	}
	return v
}

// change returns a change between states with other texts in them. A label with one of
// these goes: the path is enough.
func (h *hider) change(c state.Change) state.Change {
	if h == nil {
		return c
	}
	c.From, c.To = h.value(c.From), h.value(c.To)
	if tokens, err := state.ParsePointer(c.Path); err == nil {
		var b strings.Builder
		for _, t := range tokens {
			b.Write(state.AppendToken(nil, h.name(t)))
		}
		c.Path = b.String()
	}
	if c.Label != "" && h.text(c.Label) != c.Label {
		c.Label = ""
	}
	return c
}

// shown returns a copy of a state as the page shows it.
func (c *collector) shown(root state.Value) state.Value {
	if c.hidden == nil {
		return state.Clone(root)
	}
	return c.hidden.value(root)
}
