package inspect

import (
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// touching returns the part of a change that is at a path or below it, if any. For a
// change of a value around the path, that is the value at the path.
func touching(c *state.Change, tokens []string, path string) (state.Change, bool) {
	if state.HasPrefix(c.Path, path) {
		return *c, true
	}
	if !state.HasPrefix(path, c.Path) {
		return state.Change{}, false
	}
	rest := tokens[strings.Count(c.Path, "/"):]
	part := state.Change{Op: state.OpReplace, Path: path, From: state.Within(c.From, rest), To: state.Within(c.To, rest)}
	switch {
	case part.From.IsAbsent() && part.To.IsAbsent():
		return state.Change{}, false
	case part.From.IsAbsent():
		part.Op = state.OpAdd
	case part.To.IsAbsent():
		part.Op = state.OpRemove
	}
	return part, true
}

// A trail follows the value that is at a path at the end of a history back to where it
// was before, when elements of the arrays around it were inserted or removed.
//
// It takes two passes. The first records, in order, the changes that moved elements;
// going back over them from the end gives the place to start from. The second follows
// the value. A path that is missing at the end, or that no element moved under, is
// followed by name.
type trail struct {
	path   []string // where the value is now, in the second pass
	name   string   // path as a pointer
	unborn bool     // the element it is, or is in, does not exist yet
	moves  []move
	events int   // seen by the second pass
	of     []int // for each change touched last returned, the change of the event

	// First pass.
	marks marks
	root  state.Value // updated by each event
	end   []string
}

// A move is a change that inserted, removed or replaced an array element.
type move struct {
	event  int // counted from the start of the pass
	change int // of that event
	array  []string
	at     int
	op     state.Op
	born   []string // the path of the value when this move created it
}

// canMove reports whether a path may lead through an array.
func canMove(path []string) bool {
	return slices.ContainsFunc(path, func(t string) bool { _, ok := elemIndex(t); return ok })
}

// newTrail follows a path by name, until [trail.look] is called.
func newTrail(path []string) *trail {
	return &trail{path: path, end: path, name: Pointer(path)}
}

// begin starts the first pass with the state before the first event.
func (t *trail) begin(init state.Value) {
	t.root = init
	t.marks.root = newMark(nil, state.Clone(init))
}

// note records a step of the first pass.
func (t *trail) note(step *replay.Step) error {
	t.root = step.Root
	for i := range step.Changes {
		c := &step.Changes[i]
		elem, err := t.marks.apply(c, nil)
		if err != nil {
			return err
		}
		if !elem || c.Op == state.OpReplace && !isAnother(c) {
			continue
		}
		if array, at, ok := t.above(c.Path); ok {
			t.moves = append(t.moves, move{event: t.events, change: i, array: array, at: at, op: c.Op})
		}
	}
	t.events++
	return nil
}

// above splits the path of an element, if the followed path may be in the same array.
func (t *trail) above(path string) (array []string, at int, ok bool) {
	tokens, err := state.ParsePointer(path)
	if err != nil || len(tokens) > len(t.end) {
		return nil, 0, false
	}
	for i, tok := range tokens {
		_, moves := elemIndex(t.end[i])
		if at, ok = elemIndex(tok); tok != t.end[i] && (!ok || !moves) {
			return nil, 0, false
		}
	}
	return tokens[:len(tokens)-1], at, ok
}

// look ends the first pass: it goes back over the moves to where the value was at
// first.
func (t *trail) look() {
	t.events = 0
	t.marks = marks{}
	if state.Within(t.root, t.end).IsAbsent() {
		t.moves = nil
	}
	t.root = state.Value{}
	path := slices.Clone(t.end)
	for i := len(t.moves) - 1; i >= 0; i-- {
		m := &t.moves[i]
		at, ok := m.under(path)
		switch {
		case !ok:
		case m.op != state.OpRemove && at == m.at:
			m.born = path
			t.unborn = true
			t.moves = t.moves[i:]
			return
		case m.op == state.OpAdd && at > m.at:
			setIndex(path, len(m.array), at-1)
		case m.op == state.OpRemove && at >= m.at:
			setIndex(path, len(m.array), at+1)
		}
	}
	t.set(path)
}

func (t *trail) set(path []string) { t.path, t.name = path, Pointer(path) }

// under returns the index of a path in the array of the move.
func (m *move) under(path []string) (int, bool) {
	k := len(m.array)
	if len(path) <= k || !slices.Equal(path[:k], m.array) {
		return 0, false
	}
	return elemIndex(path[k])
}

// touched takes a step of the second pass and returns its changes of the followed
// value.
func (t *trail) touched(changes []state.Change) []state.Change {
	var out []state.Change
	t.of = t.of[:0]
	for i := range changes {
		c := &changes[i]
		if len(t.moves) > 0 && t.moves[0].event == t.events && t.moves[0].change == i {
			born := t.pass(&t.moves[0])
			t.moves = t.moves[1:]
			if !born {
				continue // another element came or went
			}
		}
		if t.unborn {
			continue
		}
		if part, ok := touching(c, t.path, t.name); ok {
			out = append(out, part)
			t.of = append(t.of, i)
		}
	}
	t.events++
	return out
}

// pass follows the value past a move, and reports whether the move created it.
func (t *trail) pass(m *move) (born bool) {
	if t.unborn {
		if m.born != nil {
			t.set(m.born)
			t.unborn = false
		}
		return !t.unborn
	}
	at, ok := m.under(t.path)
	if !ok || at < m.at || m.op == state.OpReplace {
		return false
	}
	path := slices.Clone(t.path)
	if m.op == state.OpAdd {
		setIndex(path, len(m.array), at+1)
	} else {
		setIndex(path, len(m.array), at-1)
	}
	t.set(path)
	return false
}

func setIndex(path []string, k, at int) { path[k] = string(state.AppendIndex(nil, at)[1:]) }
