package state

import (
	"slices"
	"strings"
)

// A Move is an element of an array that was taken out and put in again elsewhere: two
// changes with the same label.
type Move struct {
	Out, In int // the indexes of the two changes
	To      int // the index of the element in the array after all changes
}

// Spread returns labeled changes with each replacement of an array element by one with
// another key as two: the first is taken out, the second put in.
func Spread(changes []Change) []Change {
	var out []Change
	for i := range changes {
		c := &changes[i]
		old, differs := replacedKey(c)
		if differs && out == nil {
			out = slices.Clone(changes[:i])
		}
		switch {
		case differs:
			out = append(out, Change{Op: OpRemove, Path: c.Path, From: c.From, Label: old},
				Change{Op: OpAdd, Path: c.Path, To: c.To, Label: c.Label})
		case out != nil:
			out = append(out, *c)
		}
	}
	if out == nil {
		return changes
	}
	return out
}

// replacedKey returns the label of the element that a change replaces, if it has another
// key than the new one.
func replacedKey(c *Change) (label string, differs bool) {
	steps := parseSteps(c.Label)
	if c.Op != OpReplace || len(steps) == 0 || c.From.Kind() != Object {
		return "", false
	}
	last := steps[len(steps)-1].key
	if last == nil || last.fit(c.From.n.Get(last.name)) > 0 {
		return "", false
	}
	k, ok := keyOf(last.name, c.From.n.Get(last.name))
	if !ok {
		return "", false
	}
	return Path{steps: append(steps[:len(steps)-1:len(steps)-1], pathStep{key: &k})}.String(), true
}

// maxMoving bounds the changes that moves are looked for in: the time grows with its square.
const maxMoving = 2000

// Moves returns the moves among labeled changes of one event or one diff, in the order of
// the changes that put the elements in. It returns none of more than [maxMoving] changes.
func Moves(changes []Change) []Move {
	if len(changes) > maxMoving {
		return nil
	}
	var moves []Move
	out := map[string]int{} // label → the change that took the element out, or put it in
	for i := range changes {
		c := &changes[i]
		if _, _, ok := element(c); !ok || c.Op == OpReplace || !strings.HasSuffix(c.Label, "]") {
			continue
		}
		other, again := out[c.Label]
		if !again {
			out[c.Label] = i
			continue
		}
		delete(out, c.Label)
		if changes[other].Op == c.Op {
			continue
		}
		m := Move{Out: other, In: i}
		if c.Op == OpRemove {
			m.Out, m.In = i, other
		}
		if to, ok := endsAt(changes, m.In); ok {
			m.To = to
			moves = append(moves, m)
		}
	}
	slices.SortFunc(moves, func(a, b Move) int { return a.In - b.In })
	return moves
}

// element divides the path of an array element.
func element(c *Change) (array string, at int, ok bool) {
	i := strings.LastIndexByte(c.Path, '/')
	if i < 0 {
		return "", 0, false
	}
	at, ok = arrayIndex(c.Path[i+1:])
	return c.Path[:i], at, ok
}

// endsAt returns the index, after all changes, of the element that a change adds. ok is
// false if its array moved later, so that paths no longer say which it is.
func endsAt(changes []Change, added int) (at int, ok bool) {
	array, at, _ := element(&changes[added])
	for i := added + 1; i < len(changes); i++ {
		c := &changes[i]
		in, n, isElement := element(c)
		switch {
		case !isElement || c.Op == OpReplace:
		case in == array && c.Op == OpRemove && n < at:
			at--
		case in == array && c.Op == OpAdd && n <= at:
			at++
		case strings.HasPrefix(array, in+"/"):
			return 0, false
		}
	}
	return at, true
}

// Differences returns the changes from one value to another, both at the same place of a
// state.
func (c *Change) Differences(from, to Value) []Change {
	inner := slices.Clone(LabeledDiff(from, to, DiffOptions{}))
	for i := range inner {
		inner[i].Label = c.Name() + inner[i].Name()
		inner[i].Path = c.Path + inner[i].Path
	}
	return inner
}
