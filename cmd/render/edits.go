package render

import (
	"strconv"

	"asof/replay/state"
)

// An edit is a change as people read it: one, or an element of an array that moved.
type edit struct {
	state.Change
	moved bool // Path, Label and To are of the element as it was put in
	to    int  // its index now
}

// movedTo says where an element moved.
func (e *edit) movedTo() safe { return safe("moved to index " + strconv.Itoa(e.to)) }

// edits returns changes as people read them: an element that was taken out and put in
// elsewhere moved, and only what differs in it was changed.
func edits(cs []state.Change) []edit {
	cs = state.Spread(cs)
	out, in := map[int]bool{}, map[int]state.Move{}
	for _, m := range state.Moves(cs) {
		out[m.Out], in[m.In] = true, m
	}
	all := make([]edit, 0, len(cs))
	for i := range cs {
		m, moved := in[i]
		switch {
		case out[i]:
		case moved:
			all = append(all, edit{Change: cs[i], moved: true, to: m.To})
			for _, c := range cs[i].Differences(cs[m.Out].From, cs[i].To) {
				all = append(all, edit{Change: c})
			}
		default:
			all = append(all, edit{Change: cs[i]})
		}
	}
	return all
}
