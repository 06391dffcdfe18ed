package check

import (
	"cmp"

	"asof/inspect"
	"asof/replay"
)

// ruleMark is what one rule has found in a unit.
type ruleMark struct {
	track       inspect.Track
	first       *replay.Event // bad, and nothing good is known before it
	culprit     *replay.Event
	turns       int64
	recoveredAt *replay.Moment
	err         error
}

// note takes in what the state after an event is. What does not count, because
// it was before what is asked about, is only followed. Culprit and recovery are
// those of [Bisect]: an event that turned good into bad, and what came after it.
// Only where there is none does a first event that is bad stand for it.
func (m *ruleMark) note(e *replay.Event, bad, isFirst, counts bool) {
	turn := m.track.Add(bad)
	switch {
	case !counts:
	case turn == inspect.TurnBad:
		m.turns++
		m.recoveredAt = nil
		if m.culprit == nil {
			m.culprit = envelope(e)
		}
	case bad && isFirst:
		m.first = envelope(e)
	case turn == inspect.TurnGood && (m.culprit != nil || m.first != nil):
		at := e.Moment()
		m.recoveredAt = &at
	}
}

// envelope keeps an event without payload and metadata.
func envelope(e *replay.Event) *replay.Event {
	c := *e
	c.Data, c.Meta.Raw = nil, nil
	return c.Clone()
}

// found gathers what the rules found, by invariant.
func (w *worker) found() []InvariantResult {
	out := make([]InvariantResult, len(w.plan.Invariants))
	for id, s := range w.streams {
		for _, u := range s.units {
			for i := range u.marks {
				m, inv := &u.marks[i], &out[u.rules.Rules[i].Invariant]
				if !s.counted {
					inv.Streams++
				}
				if u.unread > 0 {
					inv.Unknown = append(inv.Unknown, Unknown{id, u.unread, u.firstUnread})
				}
				if err := cmp.Or(m.err, u.err); err != nil { // the one that came first
					inv.Errors = append(inv.Errors, StreamError{id, err})
				}
				if m.culprit != nil || m.first != nil {
					inv.Violations = append(inv.Violations, m.violation(id))
				}
			}
		}
	}
	return out
}

func (m *ruleMark) violation(id replay.StreamID) Violation {
	v := Violation{Stream: id, Culprit: m.culprit, Turns: m.turns, Recovered: !m.track.Bad, RecoveredAt: m.recoveredAt}
	if v.Culprit == nil {
		v.Culprit, v.FromStart, v.Turns = m.first, true, 1
	}
	return v
}
