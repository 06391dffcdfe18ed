package inspect

import (
	"asof/replay"
	"asof/replay/state"
)

// keyedLog follows a path with keys through a log: at each event it means the elements
// that have the keys then.
type keyedLog struct {
	one  bool        // the log is of one state
	seen bool        // an event changed what the path means
	root state.Value // updated by each event
}

// touched sets the step's changes at the path.
func (k *keyedLog) touched(p state.Path, step *replay.Step, e *Entry) (of []int) {
	k.root = step.Root
	for i := range step.Changes {
		for _, part := range p.Touched(step.Root, &step.Changes[i]) {
			e.Here = append(e.Here, part)
			of = append(of, i)
		}
	}
	if len(e.Here) == 0 {
		return nil
	}
	k.seen = true
	e.Label, e.Path = p.String(), e.Here[0].Path
	if now := p.FindAll(step.Root); len(now) == 1 {
		e.Path = now[0]
	}
	return of
}

// absent returns an error if the path never matched in the history of one state.
func (k *keyedLog) absent(p state.Path) error {
	if !p.Keyed() || !k.one || k.seen || k.root.IsAbsent() {
		return nil
	}
	_, err := p.Find(k.root)
	return err
}
