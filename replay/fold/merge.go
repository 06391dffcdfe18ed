package fold

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// Merge is the reducer for when there is no other: each payload is an RFC 7396
// merge patch on the state. What it gives is a guess at what the application
// means by its events, and has to be labelled as one. An event whose payload is
// no object, or can't be read, is stepped over: it would replace the whole state.
func Merge() replay.Reducer { return merge{} }

type merge struct{}

func (merge) Name() string { return "merge" }

// Identity says that all merges are the same.
func (merge) Identity() (string, bool) { return "merge", true }

// Unread says that merge looks at payloads alone.
func (merge) Unread() replay.Fields { return replay.FieldID | replay.FieldTime | replay.FieldMeta }

func (merge) Init(_ context.Context, st *state.State) error {
	st.SetRoot(st.NewObject().Value())
	return nil
}

func (merge) Apply(_ context.Context, st *state.State, e *replay.Event) (handled bool, err error) {
	patch, err := e.Body()
	if err != nil {
		return false, nil // it says nothing: see Missed
	}
	if patch.Kind() == state.Null {
		return true, nil // there is nothing to take
	}
	if patch.Kind() != state.Object {
		return false, nil
	}
	st.MergePatch(patch)
	return true, nil
}

// Missed says what a payload is that is no object: merge takes whatever it can
// read.
func (merge) Missed(e *replay.Event) string {
	v, err := e.Body()
	if err != nil {
		return err.Error()
	}
	return "the payload is a JSON " + v.Kind().String() + ", and merge takes objects"
}

// KeptPayload says that merge copies what it takes.
func (merge) KeptPayload() bool { return true }
