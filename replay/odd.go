package replay

import "asof/replay/state"

// An OddCount counts the events whose payload is odd but readable, see [state.Oddity].
type OddCount struct {
	KeyTwice  int64 `json:"key_twice,omitempty"`
	NotFinite int64 `json:"not_finite,omitempty"`
}

// Count adds an event.
func (c *OddCount) Count(e *Event) {
	if e.oddity == 0 {
		return
	}
	if e.oddity&state.KeyTwice != 0 {
		c.KeyTwice++
	}
	if e.oddity&state.NotFinite != 0 {
		c.NotFinite++
	}
}
