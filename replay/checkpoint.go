package replay

import (
	"context"

	"asof/replay/state"
)

// A Checkpoint is a state to go on from, with what was counted on the way to it.
type Checkpoint struct {
	Version   Version // of the last event folded
	Chain     Chain   // over the events folded, see [Event.Chain]
	State     state.Value
	Events    int64            // that were folded
	Unread    int64            // of them, those whose payload could not be read
	Unhandled map[string]int64 // events that no handler took, by type
	Odd       OddCount

	FirstUnread *OpaqueError // of these, the first
	Gapless     bool         // their versions have no gap: they are so many up to Version
}

// Snapshots are checkpoints of one timeline under one way of folding it, kept
// from run to run. They are a cache: what can't be read or written is as if it
// were not there.
type Snapshots interface {
	// Of reports whether they are of this very timeline.
	Of(t *Timeline) bool

	// Nearest returns the last checkpoint at or before v, or nil. It is proved to
	// be of the events that the store holds now, as far as they are read here.
	Nearest(ctx context.Context, v Version) *Checkpoint

	// Record returns who is to be shown the states that are folded from a
	// checkpoint on, nil being the start. They are shown in order, without a gap.
	Record(from *Checkpoint) Recorder
}

// A Recorder is shown the state after each event, and keeps some of them. take
// returns the checkpoint, whose state is live; it costs something.
type Recorder interface {
	Folded(take func() Checkpoint)
}

// An Identifier is a Reducer or an [Upcaster] that knows what it is: equal
// identities do the same to the same events. ok is false where what it does may
// depend on more than the state and the event, so that it can't go on from a
// state that was kept.
type Identifier interface {
	Identity() (id string, ok bool)
}

// A Sparing is a Reducer that never looks at some parts of events.
type Sparing interface{ Unread() Fields }

// Identity returns what the fold does to events, see [Identifier].
func (f Fold) Identity() (id string, ok bool) {
	r, ok := f.Reducer.(Identifier)
	if !ok {
		return "", false
	}
	id, ok = r.Identity()
	if f.Partitioned {
		id += " by partition"
	}
	if !ok || f.Upcaster == nil {
		return id, ok
	}
	u, ok := f.Upcaster.(Identifier)
	if !ok {
		return "", false
	}
	up, ok := u.Identity()
	return id + " after " + up, ok
}

// Unread returns the parts of events that the fold never looks at.
func (f Fold) Unread() Fields {
	if s, ok := f.Reducer.(Sparing); ok && f.Upcaster == nil && !f.Partitioned {
		return s.Unread()
	}
	return 0
}

// A Fingerprinter is a Reader that knows its store again at another time.
type Fingerprinter interface {
	// Fingerprint identifies the store and what it holds. ok is false where
	// nothing of it should be kept.
	Fingerprint() (f Fingerprint, ok bool)
}

// A Fingerprint tells stores, and what they hold, apart.
type Fingerprint struct {
	Store   string // which store it is, and how it is read
	Path    string // of the store, for people
	Content string // as long as it is equal the events are; empty: that can't be told
}
