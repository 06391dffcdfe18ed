package replay

import (
	"context"

	"asof/replay/bounds"
	"asof/replay/state"
)

// A Checkpoint is a state to resume from, with the counts up to it.
type Checkpoint struct {
	Version   Version // of the last event folded
	Chain     Chain   // over the events folded, see [Event.Chain]
	State     state.Value
	Events    int64            // folded events
	Unread    int64            // folded events whose payload could not be read
	Unhandled map[string]int64 // unhandled events by type
	Odd       OddCount

	FirstUnread *OpaqueError // the error of the first unread event
	Gapless     bool         // the versions of the folded events have no gap

	Stretch Stretch // the events before it
}

// A Stretch is some events in a row, and what they may have changed.
type Stretch struct {
	First     bool    // no event comes before it
	After, To Version // the first event is later than After
	Touched   state.Touched
	Bounds    *bounds.Bounds // of the state before it and the state after each event; nil: not known
}

// Snapshots are checkpoints of one timeline under one fold, kept between runs.
// They are a cache: a checkpoint that can't be read or written counts as missing.
type Snapshots interface {
	// Of reports whether the snapshots belong to t itself, not to an equal timeline.
	Of(t *Timeline) bool

	// Nearest returns the last checkpoint at or before v, or nil. The checkpoint is
	// verified against the events that the store holds now, as far as it reads them.
	Nearest(ctx context.Context, v Version) *Checkpoint

	// Before returns the stretch of events that ends with the checkpoint at v. ok is
	// false if it is not known. It is verified as [Snapshots.Nearest] does.
	Before(ctx context.Context, v Version) (s Stretch, ok bool)

	// Record returns a recorder for the states folded from a checkpoint, or from the
	// start if it is nil. The recorder receives them in order, without a gap.
	Record(from *Checkpoint) Recorder
}

// A Recorder receives the state after each event and keeps some of the states. take
// returns the checkpoint, whose state is live; the call is not free. kept says that the
// state was kept: the stretch of the next one begins there.
type Recorder interface {
	Folded(take func() Checkpoint) (kept bool)
}

// An Identifier is a Reducer or an [Upcaster] with an identity: equal identities
// do the same to the same events. ok is false if the result may depend on more than
// the state and the event; folding then cannot resume from a kept state.
type Identifier interface {
	Identity() (id string, ok bool)
}

// A Sparing is a Reducer that never looks at some parts of events.
type Sparing interface{ Unread() Fields }

// Identity returns the identity of the fold, see [Identifier].
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

// A Fingerprinter is a Reader that can recognize its store in a later run.
type Fingerprinter interface {
	// Fingerprint identifies the store and its content. ok is false if nothing about
	// the store should be cached.
	Fingerprint() (f Fingerprint, ok bool)
}

// A Fingerprint identifies a store and its content.
type Fingerprint struct {
	Store   string // identifies the store and how it is read
	Path    string // path of the store, for people
	Content string // equal values mean equal events; empty if unknown
}

// A Witness is a Reader that can tell within a run whether its store is what it was.
type Witness interface {
	// Witness identifies what the reader sees of its store: equal values mean equal
	// events. It is empty if unknown; other values do not mean other events.
	Witness(ctx context.Context) (string, error)
}
