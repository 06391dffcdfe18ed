package cell

import (
	"fmt"

	"asof/replay"
	"asof/replay/state"
)

// PayloadCounts counts the events whose payload is not simply JSON.
type PayloadCounts struct{ Opaque, Twice, NotFinite int64 }

// Add counts an event. Every payload is looked at, but a tree is only made of one
// in which the scan finds a fault: so counting half a million takes half a second.
func (c *PayloadCounts) Add(e *replay.Event, s *Scanner) {
	if e.Data == nil && e.Opaque == "" {
		return // it was not asked for
	}
	odd := state.Oddity(0)
	if e.Opaque == "" && s.Document(e.Data) == nil {
		odd = s.Odd
	} else if _, err := e.Body(); err != nil {
		c.Opaque++
		return
	}
	if odd |= e.Oddity(); odd&state.KeyTwice != 0 {
		c.Twice++
	}
	if odd&state.NotFinite != 0 {
		c.NotFinite++
	}
}

// Told says what was counted, where there was something.
func (c *PayloadCounts) Told() []string {
	var out []string
	for _, n := range []struct {
		events    int64
		one, many string
	}{
		{c.Opaque, "payload that can't be read", "payloads that can't be read"},
		{c.Twice, "event with a key that is there twice: the last value counts", "events with a key that is there twice: the last value counts"},
		{c.NotFinite, "event with NaN or an infinity, which is read as a text", "events with NaN or an infinity, which is read as a text"},
	} {
		switch n.events {
		case 0:
		case 1:
			out = append(out, "1 "+n.one)
		default:
			out = append(out, fmt.Sprintf("%d %s", n.events, n.many))
		}
	}
	return out
}
