package check

import (
	"cmp"

	"asof/inspect"
	"asof/replay"
)

// ruleMark holds the findings of one rule in a stream.
type ruleMark struct {
	track       inspect.Track
	first       *replay.Event // a bad first event: no good state is known before it
	culprit     *replay.Event
	turns       int64
	recoveredAt *replay.Moment
	err         error
}

// note records the verdict on the state after an event. Events that do not count,
// because they precede the range, only update the track. Culprit and recovery match
// [Bisect]: the culprit is the first event that made a good state bad. Without one, a
// bad first event takes its place.
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

// envelope returns a copy of an event without payload and metadata.
func envelope(e *replay.Event) *replay.Event {
	c := *e
	c.Data, c.Meta.Raw = nil, nil
	return c.Clone()
}

// found collects the findings of the rules, by invariant.
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
				if err := cmp.Or(m.err, u.err); err != nil { // whichever came first
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
