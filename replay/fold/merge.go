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
//
// The versions of a row, see [replay.RowChange], are no guess. Merge sets their
// columns: NULL is a value, and a column of JSON is replaced. The state of a row that
// is deleted is an object without columns.
func Merge() replay.Reducer { return &merge{} }

type merge struct{ rows bool }

// IsGuess reports whether the states of r are a guess: r is merge, and has folded no
// versions of rows.
func IsGuess(r replay.Reducer) bool {
	m, ok := r.(*merge)
	return ok && !m.rows
}

func (*merge) Name() string { return "merge" }

// Identity returns the same for every merge.
func (*merge) Identity() (string, bool) { return "merge", true }

// Unread lists all fields but the payload, the only one merge reads.
func (*merge) Unread() replay.Fields { return replay.FieldID | replay.FieldTime | replay.FieldMeta }

func (*merge) Init(_ context.Context, st *state.State) error {
	st.SetRoot(st.NewObject().Value())
	return nil
}

func (m *merge) Apply(_ context.Context, st *state.State, e *replay.Event) (handled bool, err error) {
	if e.Row != replay.NoRow {
		m.rows = true
		return setRow(st, e), nil
	}
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
func (*merge) Missed(e *replay.Event) string {
	v, err := e.Body()
	if err != nil {
		return err.Error()
	}
	return "the payload is a JSON " + v.Kind().String() + "; merge needs an object"
}

// KeptPayload returns true: merge copies from the payload and never changes it.
func (*merge) KeptPayload() bool { return true }

// setRow applies the version of a row and reports whether its payload could be read.
func setRow(st *state.State, e *replay.Event) bool {
	row := st.Root().Node()
	if row == nil || row.Kind() != state.Object {
		row = st.NewObject()
		st.SetRoot(row.Value())
	}
	var columns *state.Node
	if e.Row != replay.RowGone {
		v, err := e.Body()
		if err != nil || v.Kind() != state.Object {
			return false
		}
		columns = v.Node()
	}
	if e.Row != replay.RowSet {
		row.DeleteBut(columns)
	}
	if columns != nil {
		st.SetMembers(row, columns)
	}
	return true
}
