package audit

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// keyLabels names what events change by the keys of array elements. It follows each
// stream from its first listed event on, and must be given every event from there.
type keyLabels struct {
	each map[replay.StreamID]*state.Labeler
}

// mostLabelers is the maximum number of states that are followed at a time. Another one
// can be followed again from where it is.
const mostLabelers = 1000

// label sets the labels of what an event changed. Root is the state after it, names are
// the array keys of its fold.
func (l *keyLabels) label(e *replay.Event, changes []state.Change, root state.Value, names []string) error {
	one := l.each[e.Stream]
	if one == nil {
		if !state.MayHaveLabels(changes) {
			return nil
		}
		var err error
		if one, err = state.NewLabelerBefore(root, changes, state.DiffOptions{ArrayKeys: names}); err != nil {
			return err
		}
		if l.each == nil || len(l.each) == mostLabelers {
			l.each = map[replay.StreamID]*state.Labeler{}
		}
		l.each[cloneID(e.Stream)] = one
	}
	return one.Label(changes)
}

// A provenStream follows the changes of a stream up to the last event to prove.
type provenStream struct {
	last    replay.Version
	changes *state.Labeler // nil: they cannot be followed
}

// provenStreams returns the streams of proofs, each at its first state.
func (b *openedBundle) provenStreams(ctx context.Context, ps []*Proof) (map[replay.StreamID]*provenStream, error) {
	all := map[replay.StreamID]*provenStream{}
	for _, p := range ps {
		s := all[p.Stream]
		if s == nil {
			s = &provenStream{}
			all[p.Stream] = s
		}
		s.last = max(s.last, p.Version)
	}
	err := b.lines(ctx, fileEnds, func(v state.Value) error {
		stream, _ := textAt(v, "stream")
		if s := all[replay.StreamID(stream)]; s != nil {
			s.changes = state.NewLabeler(state.Clone(get(get(v, "from"), "state")), state.DiffOptions{})
		}
		return nil
	})
	return all, err
}

// label returns a list of changes with labels. It returns the list as it is if it does not
// follow the changes before, which verify reports.
func (s *provenStream) label(list state.Value, version replay.Version) state.Value {
	if s.changes == nil || version > s.last {
		return list
	}
	changes, ok := changesAt(list)
	if !ok || s.changes.Label(changes) != nil {
		s.changes = nil
		return list
	}
	return changesJSON(changes)
}
