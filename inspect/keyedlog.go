package inspect

import (
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// keyedLog follows a path with keys through a log: at each event it means the elements
// that have these keys then. An index together with a key means the element that is there then.
type keyedLog struct {
	was map[replay.StreamID][]valueAt
}

// A valueAt is a value that a path means, and where it is.
type valueAt struct {
	path  string
	value state.Value
}

// touched sets what a step did at the path, and returns which of its changes did it; -1
// for what is of no single one. The state before the first event of a stream is init.
func (k *keyedLog) touched(p state.Path, step *replay.Step, e *Entry, id replay.StreamID, init func() (state.Value, error)) (of []int, err error) {
	if p.Indexed() {
		e.Here, err = k.compared(p, step, id, init)
		of = slices.Repeat([]int{-1}, len(e.Here))
	} else {
		for i := range step.Changes {
			for _, part := range p.Touched(step.Root, &step.Changes[i]) {
				e.Here = append(e.Here, part)
				of = append(of, i)
			}
		}
		e.Here, of = unmoved(e.Here, of, p.FindAll(step.Root))
	}
	if len(e.Here) == 0 || err != nil {
		return nil, err
	}
	e.Label, e.Path = p.String(), e.Here[0].Path
	if now := p.FindAll(step.Root); len(now) == 1 {
		e.Path = now[0]
	}
	return of, nil
}

// unmoved takes an element that was taken out and put in elsewhere for one that stayed:
// only what is different in it was changed. What moved inside an element, which is now at one
// of the paths, did change it.
func unmoved(parts []state.Change, of []int, now []string) ([]state.Change, []int) {
	if len(parts) != 2 || len(now) == 0 {
		return parts, of
	}
	depth := strings.Count(now[0], "/")
	if strings.Count(parts[0].Path, "/") != depth || strings.Count(parts[1].Path, "/") != depth {
		return parts, of
	}
	out, in := &parts[0], &parts[1]
	if out.Op == state.OpAdd {
		out, in = in, out
	}
	if out.Op != state.OpRemove || in.Op != state.OpAdd {
		return parts, of
	}
	changes := differences(valueAt{value: out.From}, valueAt{in.Path, in.To})
	return changes, slices.Repeat([]int{-1}, len(changes))
}

// compared returns how what the path means is different after a step. Only a comparison
// tells where a path has an index: the elements before it may come and go.
func (k *keyedLog) compared(p state.Path, step *replay.Step, id replay.StreamID, init func() (state.Value, error)) (changes []state.Change, err error) {
	was, ok := k.was[id]
	if !ok {
		root, err := init()
		if err != nil {
			return nil, err
		}
		was = placesOf(p, root)
	} else if len(step.Changes) == 0 {
		return nil, nil
	}
	is := placesOf(p, step.Root)
	if k.was == nil {
		k.was = map[replay.StreamID][]valueAt{}
	}
	k.was[id] = is
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(is):
			changes = append(changes, state.Change{Op: state.OpRemove, Path: was[i].path, From: was[i].value})
		case i >= len(was):
			changes = append(changes, state.Change{Op: state.OpAdd, Path: is[i].path, To: is[i].value})
		default:
			changes = append(changes, differences(was[i], is[i])...)
		}
	}
	return changes, nil
}

func placesOf(p state.Path, root state.Value) (all []valueAt) {
	for _, path := range p.FindAll(root) {
		if v, err := state.Lookup(root, path); err == nil {
			all = append(all, valueAt{path, state.Clone(v)})
		}
	}
	return all
}

// differences are the changes from one value to another, at the place of the second.
func differences(was, is valueAt) []state.Change {
	changes := slices.Clone(state.Diff(was.value, is.value, state.DiffOptions{}))
	for i := range changes {
		changes[i].Path = is.path + changes[i].Path
	}
	return changes
}
