package store

import (
	"fmt"

	"asof/replay"
	"asof/replay/state"
)

// payloadCounts counts the events whose payload is not simply JSON.
type payloadCounts struct{ opaque, twice, notFinite int64 }

// add counts an event. Every payload is looked at, but a tree is only made of one
// in which the scan finds a fault: so counting half a million takes half a second.
func (c *payloadCounts) add(e *replay.Event, s *jsonScanner) {
	if e.Data == nil && e.Opaque == "" {
		return // it was not asked for
	}
	odd := state.Oddity(0)
	if e.Opaque == "" && s.document(e.Data) == nil {
		odd = s.odd
	} else if _, err := e.Body(); err != nil {
		c.opaque++
		return
	}
	if odd |= e.Oddity(); odd&state.KeyTwice != 0 {
		c.twice++
	}
	if odd&state.NotFinite != 0 {
		c.notFinite++
	}
}

// told says what was counted, where there was something.
func (c *payloadCounts) told() []string {
	var out []string
	for _, n := range []struct {
		events    int64
		one, many string
	}{
		{c.opaque, "payload that can't be read", "payloads that can't be read"},
		{c.twice, "event with a key that is there twice: the last value counts", "events with a key that is there twice: the last value counts"},
		{c.notFinite, "event with NaN or an infinity, which is read as a text", "events with NaN or an infinity, which is read as a text"},
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
