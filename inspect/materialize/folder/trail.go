package folder

import (
	"errors"
	"maps"
	"slices"

	"asof/inspect/parquetfile"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/state"
)

// A trail is the rows of history and changes. A row of history is held back until the next
// event of its stream says how long the state held.
type trail struct {
	history, changes *parquetfile.Rows
	cols, changeCols []query.ExportedColumn // that are no members
	until            [2]int                 // the columns of history with the end of a state
	members          map[string]int         // the columns of history with a member
	held             map[replay.StreamID][]any
}

func newTrail() (*trail, error) {
	history, err := parquetfile.NewRows()
	changes, err2 := parquetfile.NewRows()
	t := &trail{history: history, changes: changes, members: map[string]int{}, held: map[replay.StreamID][]any{}}
	if err := errors.Join(err, err2); err != nil {
		t.close()
		return nil, err
	}
	history.Quoted, changes.Quoted = true, true
	return t, nil
}

func (t *trail) close() {
	if t == nil {
		return
	}
	for _, r := range []*parquetfile.Rows{t.history, t.changes} {
		if r != nil {
			r.Close()
		}
	}
	t.history, t.changes = nil, nil
}

// Begin implements query.Trail.
func (t *trail) Begin(history, changes []query.ExportedColumn) {
	t.cols, t.changeCols = history, changes
	for i, name := range []string{query.UntilPosition, query.UntilTime} {
		t.until[i] = slices.IndexFunc(history, func(c query.ExportedColumn) bool { return c.Name == name })
	}
}

// member is the column of history with a member.
func (t *trail) member(key string) int {
	i, ok := t.members[key]
	if !ok {
		i = len(t.cols) + len(t.members)
		t.members[key] = i
	}
	return i
}

// Step implements query.Trail.
func (t *trail) Step(s *query.TrailStep) error {
	if held := t.held[s.Stream]; held != nil {
		for i, at := range t.until {
			held[at] = parquetfile.ValueOf(s.Since[i])
		}
		if err := t.history.Add(held); err != nil {
			return err
		}
	}
	row := rowOf(s.History, t.cols)
	query.EachMember(s.State, func(key string, v state.Value) {
		at := t.member(key)
		for len(row) <= at {
			row = append(row, nil)
		}
		row[at] = parquetfile.ValueOf(v)
	})
	t.held[s.Stream] = row
	for _, change := range s.Changes {
		if err := t.changes.Add(rowOf(change, t.changeCols)); err != nil {
			return err
		}
	}
	return nil
}

// End implements query.Trail.
func (t *trail) End() error {
	for _, id := range slices.Sorted(maps.Keys(t.held)) {
		if err := t.history.Add(t.held[id]); err != nil {
			return err
		}
	}
	clear(t.held)
	return nil
}

func rowOf(values []state.Value, cols []query.ExportedColumn) []any {
	row := make([]any, len(values), len(values)+8)
	for i, v := range values {
		row[i] = valueOf(v, cols[i].JSON)
	}
	return row
}

// valueOf is a value as a file has it; whole says that it is JSON, also if it is a text.
func valueOf(v state.Value, whole bool) any {
	if whole && !v.IsAbsent() {
		return parquetfile.JSON(state.AppendSorted(nil, v))
	}
	return parquetfile.ValueOf(v)
}
