package inspect

import (
	"asof/replay"
	"asof/replay/state"
)

// A Marking marks a state, event by event, as [Blame] does.
type Marking struct{ marks *marks }

// NewMarking starts with the state before the first event.
func NewMarking(init state.Value) Marking {
	return Marking{&marks{root: newMark(&Origin{none: HowInit}, state.Clone(init))}}
}

// Mark takes one event.
func (m Marking) Mark(at replay.Moment, step *replay.Step) error {
	by := originOf(at, step.Event)
	for i := range step.Changes {
		if _, err := m.marks.apply(&step.Changes[i], by); err != nil {
			return err
		}
	}
	return nil
}
