package inspect

import (
	"asof/replay"
	"asof/replay/state"
)

// labels labels changes in a log with the keys of array elements. It follows each state
// from its first listed event.
type labels struct {
	of   func(*replay.Event) []string // array keys of the event's fold
	each map[replay.StreamID]*state.Labeler
}

// mostLabelers is the maximum number of states followed at a time. A dropped one can be
// followed again from its present state.
const mostLabelers = 1000

// follow passes over an unlisted event.
func (l *labels) follow(id replay.StreamID, step *replay.Step) error {
	if one := l.each[id]; one != nil {
		return one.Label(step.Changes)
	}
	return nil
}

// label labels an entry of the state with that id.
func (l *labels) label(id replay.StreamID, e *Entry, root state.Value, of []int) error {
	one := l.each[id]
	if one == nil {
		if !state.MayHaveLabels(e.Changes) {
			return nil
		}
		var err error
		if one, err = state.NewLabelerBefore(root, e.Changes, state.DiffOptions{ArrayKeys: l.of(e.Event)}); err != nil {
			return err
		}
		if l.each == nil || len(l.each) == mostLabelers {
			l.each = map[replay.StreamID]*state.Labeler{}
		}
		l.each[id] = one
	}
	if err := one.Label(e.Changes); err != nil {
		return err
	}
	for i := range e.Here {
		here, c := &e.Here[i], &state.Change{}
		if of[i] >= 0 {
			c = &e.Changes[of[i]]
		}
		switch {
		case len(here.Path) < len(c.Path):
		case c.Label != "":
			here.Label = c.Label + here.Path[len(c.Path):]
		case here.Op != state.OpRemove:
			here.Label = one.LabelOf(here.Path)
		}
	}
	if e.Label == "" && e.Path != "" {
		e.Label = one.LabelOf(e.Path)
	}
	return nil
}
