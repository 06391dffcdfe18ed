package cell

import (
	"fmt"

	"asof/replay"
	"asof/replay/state"
)

// PayloadCounts counts the events whose payload is not plain JSON.
type PayloadCounts struct{ Opaque, Twice, NotFinite int64 }

// Add counts an event. It scans every payload but parses only those in which the scan
// finds a fault, so that half a million events take half a second.
func (c *PayloadCounts) Add(e *replay.Event, s *Scanner) {
	if e.Data == nil && e.Opaque == "" {
		return // the payload was not read
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

// Describe returns a phrase for each count that is not zero.
func (c *PayloadCounts) Describe() []string {
	var out []string
	for _, n := range []struct {
		events    int64
		one, many string
	}{
		{c.Opaque, "unreadable payload", "unreadable payloads"},
		{c.Twice, "event with a duplicate key: the last value counts", "events with a duplicate key: the last value counts"},
		{c.NotFinite, "event with NaN or an infinity, which is read as a string", "events with NaN or an infinity, which is read as a string"},
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
