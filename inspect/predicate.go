package inspect

import (
	"asof/replay"
	"asof/replay/bounds"
	"asof/replay/state"
)

// A Predicate is a yes-or-no question about a state and the event before it. The event
// is nil for the state before the first one. Any other result is an error with the
// event and the value. A Predicate serves one goroutine, and changes neither argument.
type Predicate interface {
	Test(st state.Value, e *replay.Event) (holds bool, err error)
}

// A Condition tells whether a state is bad.
type Condition struct {
	Text      string // as the user wrote it
	Predicate Predicate
	Good      bool // true of a good state; otherwise of a bad one
}

// Bad reports whether the state after an event is bad. A deleted row has no columns
// that could be good, so it is never bad.
func (c Condition) Bad(st state.Value, e *replay.Event) (bool, error) {
	gone := e != nil && e.Row == replay.RowGone && st.Kind() == state.Object && st.Node().Len() == 0
	if gone && c.Good {
		return false, nil
	}
	holds, err := c.Predicate.Test(st, e)
	if gone && err != nil {
		return false, nil
	}
	return holds != c.Good, err
}

// A Reporter is a [Predicate] that can tell what it reads of a state: it has the same answer
// for each state that has the same there, whatever the event.
type Reporter interface {
	// Reads returns what it reads of a state. ok is false if that is not known.
	Reads(st state.Value) (all []replay.Read, ok bool)
}

// A Bounded is a [Predicate] that can tell what it surely gives, given bounds of the states. It
// then does nothing else for any of them: it neither fails nor adds a warning.
type Bounded interface {
	Always(b *bounds.Bounds) (holds, sure bool)
}

// Always reports whether all states within bounds are surely bad, or surely none is. A deleted
// row must not be among them.
func (c Condition) Always(b *bounds.Bounds) (bad, sure bool) {
	if p, ok := c.Predicate.(Bounded); ok && b != nil {
		holds, sure := p.Always(b)
		return holds != c.Good, sure
	}
	return false, false
}

// A Placed is a [Predicate] that looks at some parts of the state only. While they stay the
// same, so does the answer.
type Placed interface {
	// Places returns where they are. ok is false if that is not known.
	Places() (all []state.Place, ok bool)

	// Pass does what a test does besides: it looks for what it must have been tested on.
	Pass(st state.Value, e *replay.Event)
}

// Unread returns the parts of events that the test never reads.
func (c Condition) Unread() replay.Fields {
	if s, ok := c.Predicate.(replay.Sparing); ok {
		return s.Unread()
	}
	return 0
}

// A Track follows good and bad along a timeline, and keeps the places where one turned
// into the other.
type Track struct {
	Bad   bool  // after the last state tested
	Flips int64 // number of changes, either way
	Tests int64

	everBad bool
}

// A Turn is the result of one more test.
type Turn uint8

// The turns.
const (
	TurnNone Turn = iota // as before
	TurnBad              // good before, bad now
	TurnGood             // bad before, good now
)

// Add records the result of the next test.
func (t *Track) Add(bad bool) Turn {
	turn := TurnNone
	if t.Tests > 0 && bad != t.Bad {
		t.Flips++
		turn = TurnGood
		if bad {
			turn = TurnBad
		}
	}
	t.Tests++
	t.Bad = bad
	t.everBad = t.everBad || bad
	return turn
}

// Again records that the results of the next n tests are that of the last one.
func (t *Track) Again(n int64) { t.Tests += n }

// EverBad reports whether any state was bad.
func (t *Track) EverBad() bool { return t.everBad }
