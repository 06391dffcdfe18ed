package browse

import (
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"asof/inspect/ask"
	"asof/inspect/check"
	"asof/replay"
	"asof/replay/workspace"
)

const (
	// maxFacts bounds the streams of which facts are kept.
	maxFacts = 2000
	// maxChecked bounds the events of a stream that the list checks.
	maxChecked = 20_000
	// maxCheckedTogether bounds the events of one check.
	maxCheckedTogether = 100_000
)

// facts are what the list shows of a stream beside its id. They are read in the
// background, for the streams on screen.
type facts struct {
	stream *replay.Stream // with its count and its times; nil: not read yet
	drawn  bool           // spark is known
	spark  string
	held   holding
	broken []string // what is known about the invariants, as text
}

// A holding says whether the invariants of the project hold in a stream.
type holding uint8

const (
	untested holding = iota
	tested           // none is known to be violated, or there are none
	violated
	unsure
)

// A lookup is a question about streams on screen.
type lookup struct {
	purpose
	of []replay.StreamID
}

// begin reports whether the question can be asked. An earlier one continues as long as one
// of its streams is on screen.
func (k *lookup) begin(visible []replay.StreamID) bool {
	if k.busy && slices.ContainsFunc(k.of, func(id replay.StreamID) bool { return slices.Contains(visible, id) }) {
		return false
	}
	k.stop()
	return true
}

// visible lists the streams on screen.
func (l *list) visible(m *Model) (all []replay.StreamID) {
	for i := l.top; i < l.top+l.body(m); i++ {
		if one := l.at(i); one != nil {
			all = append(all, one.ID)
		}
	}
	return all
}

// factsOf returns the facts of a stream. If there are too many, those of streams that are
// not on screen go.
func (l *list) factsOf(id replay.StreamID, visible []replay.StreamID) *facts {
	if l.facts == nil {
		l.facts = map[replay.StreamID]*facts{}
	}
	f := l.facts[id]
	if f == nil {
		if len(l.facts) >= maxFacts {
			for other := range l.facts {
				if !slices.Contains(visible, other) {
					delete(l.facts, other)
				}
			}
		}
		f = &facts{}
		l.facts[id] = f
	}
	return f
}

// describe asks for the facts of the streams on screen that are not known.
func (l *list) describe(m *Model) tea.Cmd {
	visible := l.visible(m)
	var untold, undrawn, unheld []replay.StreamID
	for i, n := l.top, 0; i < l.top+l.body(m); i++ {
		one := l.at(i)
		if one == nil {
			continue
		}
		f := l.factsOf(one.ID, visible)
		if f.stream == nil && one.Events > 0 {
			f.stream = one
		}
		switch {
		case f.stream == nil:
			untold = append(untold, one.ID)
			continue
		case !f.drawn:
			undrawn = append(undrawn, one.ID)
		}
		if f.held != untested {
			continue
		}
		if f.stream.Events <= maxChecked {
			n += int(f.stream.Events)
		}
		if n <= maxCheckedTogether {
			unheld = append(unheld, one.ID)
		}
	}
	return tea.Batch(l.tell(m, visible, untold), l.draw(m, visible, undrawn), l.check(m, visible, unheld))
}

// tell asks for the counts and the times of streams.
func (l *list) tell(m *Model, visible, of []replay.StreamID) tea.Cmd {
	if len(of) == 0 || !l.telling.begin(visible) {
		return nil
	}
	l.telling.of = of
	return m.ask(&l.telling.purpose, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		all, err := m.s.told(ctx, of)
		return noted{}, func() tea.Cmd {
			for i := range all {
				l.factsOf(all[i].ID, visible).stream = &all[i]
			}
			if len(all) < len(of) {
				return nil // one of them is gone, as the next look at the store says
			}
			return l.describe(m)
		}, err
	})
}

// draw asks for the activity of streams.
func (l *list) draw(m *Model, visible, of []replay.StreamID) tea.Cmd {
	if len(of) == 0 || l.telling.busy || !l.drawing.begin(visible) {
		return nil
	}
	l.drawing.of = of
	streams := l.described(of)
	return m.ask(&l.drawing.purpose, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		sparks, err := m.s.sparks(ctx, streams)
		return noted{}, func() tea.Cmd {
			for i, id := range of {
				f := l.factsOf(id, visible)
				f.drawn, f.spark = true, sparks[i]
			}
			return l.describe(m)
		}, err
	})
}

// described returns streams with their counts and times, which are known.
func (l *list) described(of []replay.StreamID) (all []replay.Stream) {
	for _, id := range of {
		all = append(all, *l.facts[id].stream)
	}
	return all
}

// check tests the invariants of the project in streams.
func (l *list) check(m *Model, visible, of []replay.StreamID) tea.Cmd {
	if len(of) == 0 || l.telling.busy || l.drawing.busy || !l.checking.begin(visible) {
		return nil
	}
	l.checking.of = of
	streams := l.described(of)
	return m.ask(&l.checking.purpose, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		found, err := m.s.checked(ctx, streams)
		return noted{}, func() tea.Cmd {
			for id, one := range found {
				f := l.factsOf(id, visible)
				f.held, f.broken = one.held, one.broken
			}
			return l.describe(m)
		}, err
	})
}

// told reads the counts and the times of streams.
func (s *session) told(ctx context.Context, of []replay.StreamID) (all []replay.Stream, err error) {
	_, err = s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
		all = nil
		for one, err := range store.Reader.Streams(ctx, replay.StreamQuery{IDs: of}) {
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

// checked tests the invariants of the project in streams, as the verb check does. A check
// that fails is a remark of its streams.
func (s *session) checked(ctx context.Context, streams []replay.Stream) (map[replay.StreamID]facts, error) {
	found := map[replay.StreamID]facts{}
	set := func(f facts) {
		for _, one := range streams {
			found[one.ID] = f
		}
	}
	add := func(id replay.StreamID, held holding, text string) {
		f := found[id]
		if f.held != violated {
			f.held = held
		}
		f.broken = append(f.broken, text)
		found[id] = f
	}
	_, err := s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
		set(facts{held: tested})
		res, long, err := ask.CheckStore{StoreRef: s.o.Ref, Folding: s.o.How}.Some(ctx, store, streams, maxChecked)
		if err != nil {
			return err
		}
		for _, id := range long {
			add(id, unsure, "too long to check here; run asof check")
		}
		if res == nil {
			return nil
		}
		for i := range res.Invariants {
			findings(&res.Invariants[i], add)
		}
		for _, one := range streams {
			if one.HasGaps() && !store.Info().Sparse {
				add(one.ID, unsure, "events are missing before the first one or in between")
			}
		}
		for _, n := range replay.LostNotices(res.Lost) {
			for _, one := range streams {
				add(one.ID, unsure, clean(n.Text))
			}
		}
		return nil
	})
	var moved *movedError
	if err != nil && ctx.Err() == nil && !errors.As(err, &moved) {
		set(facts{held: unsure, broken: []string{"the invariants could not be checked: " + clean(s.space.Scrub(err.Error()))}})
		err = nil
	}
	return found, err
}

// findings adds what the check of an invariant found, violations first.
func findings(r *check.InvariantResult, add func(replay.StreamID, holding, string)) {
	name := clean(r.Name)
	for _, v := range r.Violations {
		text := name + ": bad since " + at(v.Culprit.Version)
		if v.Recovered {
			text = name + ": bad from " + at(v.Culprit.Version) + ", good at the end"
		}
		add(v.Stream, violated, text)
	}
	for _, e := range r.Errors {
		add(e.Stream, unsure, name+": "+clean(e.Err.Error()))
	}
	for _, u := range r.Unknown {
		add(u.Stream, unsure, name+": "+counted(u.Unread, "payload", "payloads")+" could not be read")
	}
}
