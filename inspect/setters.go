package inspect

import (
	"asof/replay"
	"asof/replay/state"
)

// A Setters tracks the event that last set each path of a state, while the caller folds
// the events. [Blame] answers the same with a fold of its own.
type Setters struct {
	marks marks
	root  state.Value
}

// NewSetters starts at the state before the first event.
func NewSetters(init state.Value) *Setters {
	return &Setters{root: init, marks: marks{root: newMark(&Origin{none: HowInit}, state.Clone(init))}}
}

// See takes the next step, whose changes must be filled in. The moment is that of the
// step's event in its timeline.
func (s *Setters) See(step *replay.Step, at replay.Moment) error {
	s.root = step.Root
	if len(step.Changes) == 0 {
		return nil
	}
	by := originOf(at, step.Event)
	for i := range step.Changes {
		if _, err := s.marks.apply(&step.Changes[i], by); err != nil {
			return err
		}
	}
	return nil
}

// Last returns the event that last changed the value at a path or anything inside it. It
// is nil if none did. A path that does not exist is a [state.PathError].
func (s *Setters) Last(path state.Path) (*replay.Event, error) {
	pointer, err := path.Find(s.root)
	if err == nil {
		_, err = state.Lookup(s.root, pointer)
	}
	if err != nil {
		return nil, err
	}
	if by := spotAt(s.root, s.marks.root, pointer).Last(); by != nil {
		return by.Event, nil
	}
	return nil, nil //nolint:nilnil // it is part of the state before the first event
}
