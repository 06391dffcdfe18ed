package js

import (
	"asof/replay"
	"asof/replay/state"
)

// Reads returns what a test reads of a state: any state that has the same there has the same
// answer. ok is false if the expression may look at the event, or at anything else, or if it
// fails on the state.
func (p *Predicate) Reads(st state.Value) (all []replay.Read, ok bool) {
	if _, same := p.Identity(); !same || namesEvent().MatchString(p.src.text) {
		return nil, false
	}
	w := &replay.Watch{}
	if st.IsContainer() {
		w.Place(st.Node(), replay.Read{From: replay.FromState})
	} else {
		w.Add(replay.Read{From: replay.FromState})
	}
	if p.e == nil && p.start() != nil {
		return nil, false
	}
	p.e.reads = w
	defer func() { p.e.reads = nil }()
	if _, err := p.test(st, nil); err != nil || w.Full {
		return nil, false
	}
	if p.mentions != nil {
		p.mentions.reads(w)
	}
	return w.Reads(), true
}

// reads adds the members of the state that are looked for, and those with similar names.
func (m *Mentions) reads(w *replay.Watch) {
	for _, one := range m.all {
		if one.root != "state" || one.seen.Load() {
			continue
		}
		at := replay.Read{From: replay.FromState}
		for _, key := range one.keys {
			around := at
			around.Parts = true
			w.Add(around)
			at = at.At(key)
			w.Add(at)
		}
	}
}
