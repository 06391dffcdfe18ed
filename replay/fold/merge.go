package fold

import (
	"context"

	"asof/replay"
	"asof/replay/state"
)

// Merge returns the default reducer, which applies each payload to the state as an
// RFC 7396 merge patch. Its states are a guess at what the application means by
// its events and must be labelled as one. It skips events whose payload is
// unreadable or not an object: such a payload would replace the whole state.
func Merge() replay.Reducer { return merge{} }

type merge struct{}

func (merge) Name() string { return "merge" }

// Identity returns the same for every merge.
func (merge) Identity() (string, bool) { return "merge", true }

// Unread lists all fields but the payload, the only one merge reads.
func (merge) Unread() replay.Fields { return replay.FieldID | replay.FieldTime | replay.FieldMeta }

func (merge) Init(_ context.Context, st *state.State) error {
	st.SetRoot(st.NewObject().Value())
	return nil
}

func (merge) Apply(_ context.Context, st *state.State, e *replay.Event) (handled bool, err error) {
	patch, err := e.Body()
	if err != nil {
		return false, nil // Missed says why
	}
	if patch.Kind() == state.Null {
		return true, nil // an event without data
	}
	if patch.Kind() != state.Object {
		return false, nil
	}
	st.MergePatch(patch)
	return true, nil
}

// Missed says why merge skipped the payload.
func (merge) Missed(e *replay.Event) string {
	v, err := e.Body()
	if err != nil {
		return err.Error()
	}
	return "the payload is a JSON " + v.Kind().String() + ", and merge takes objects"
}

// KeptPayload returns true: merge copies from the payload and never changes it.
func (merge) KeptPayload() bool { return true }
