package inspect

import (
	"asof/replay"
	"asof/replay/state"
)

// A Predicate is a question of yes or no about a state and the event that it is
// the state after. The event is nil before the first one. What is neither yes
// nor no is an error that names the event and the value. It serves one
// goroutine, and changes neither of them.
type Predicate interface {
	Test(st state.Value, e *replay.Event) (holds bool, err error)
}

// A Condition says of a state whether it is bad.
type Condition struct {
	Text      string // as the user wrote it
	Predicate Predicate
	Good      bool // what holds is good; else what holds is bad
}

// Bad reports whether the state after an event is a bad one. A row that was deleted has
// no columns that could be good, so it is never bad for that.
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

// Unread returns the parts of events that the test never looks at.
func (c Condition) Unread() replay.Fields {
	if s, ok := c.Predicate.(replay.Sparing); ok {
		return s.Unread()
	}
	return 0
}

// A Track is the history of good and bad along a timeline, of which it keeps the
// places where the one turned into the other.
type Track struct {
	Bad   bool  // as of the last state tested
	Flips int64 // how often it turned, either way
	Tests int64

	everBad bool
}

// A Turn is what one more test tells.
type Turn uint8

// The turns.
const (
	TurnNone Turn = iota // as before
	TurnBad              // good before, bad now
	TurnGood             // bad before, good now
)

// Add notes the result of the next test.
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

// EverBad reports whether any state was bad.
func (t *Track) EverBad() bool { return t.everBad }
