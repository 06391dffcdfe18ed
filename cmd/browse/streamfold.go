package browse

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"asof/inspect"
	"asof/replay"
)

// fold shows the state at the current event, and asks for it if it is not kept.
func (s *streamScreen) fold(m *Model) tea.Cmd {
	if s.atStart {
		return s.foldStart(m)
	}
	v := s.version()
	if f, ok := s.kept[v]; ok {
		s.folding.stop()
		s.show(f)
		return tea.Batch(s.blame(m), s.foldAhead(m))
	}
	return s.frames(m, &s.folding, v, v)
}

// frames asks for the states of a part of the timeline.
func (s *streamScreen) frames(m *Model, p *purpose, from, to replay.Version) tea.Cmd {
	o, keep := s.o, s.saved
	return m.ask(p, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		all, n, err := m.s.frames(ctx, o, keep, from, to)
		return n, func() tea.Cmd {
			s.keep(all, n)
			draw := s.draw(m)
			if f, ok := s.kept[s.version()]; ok && (s.shown != f || p == &s.folding) && !s.atStart {
				s.show(f)
				return tea.Batch(draw, s.blame(m), s.foldAhead(m))
			}
			return draw
		}, err
	})
}

// foldAhead folds the neighbors of the current event before they are asked for, if the
// states are small.
func (s *streamScreen) foldAhead(m *Model) tea.Cmd {
	v := s.version()
	if s.shown == nil || s.shown.nodes > smallNodes || s.prefetch.busy || s.o.many || s.shown.err != nil {
		return nil
	}
	if _, ok := s.kept[v+4]; !ok && v+4 <= s.o.last {
		return s.frames(m, &s.prefetch, v+1, min(v+ahead, s.o.last))
	}
	if _, ok := s.kept[v-4]; !ok && v-4 >= s.o.first {
		return s.frames(m, &s.prefetch, max(v-ahead, s.o.first), v-1)
	}
	return nil
}

// foldStart shows the state before the first event.
func (s *streamScreen) foldStart(m *Model) tea.Cmd {
	if s.initial != nil {
		s.show(s.initial)
		return nil
	}
	o := s.o
	return m.ask(&s.folding, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		f, n, err := m.s.initial(ctx, o)
		return n, func() tea.Cmd {
			s.initial = f
			if s.atStart {
				s.show(f)
			}
			return s.draw(m)
		}, err
	})
}

// keep adds states to those kept. The farthest ones go if there are too many.
func (s *streamScreen) keep(all []*frame, n noted) {
	for _, f := range all {
		s.kept[f.version] = f
	}
	s.notes, s.guessed = n.notices, n.guessed
	total := 0
	for _, f := range s.kept {
		total += f.nodes + 16
	}
	v := s.version()
	for total > keptNodes && len(s.kept) > 1 {
		var far *frame
		for _, f := range s.kept {
			if f.version != v && (far == nil || distance(f.version, v) > distance(far.version, v)) {
				far = f
			}
		}
		if far == nil {
			return
		}
		total -= far.nodes + 16
		delete(s.kept, far.version)
	}
}

func distance(a, b replay.Version) replay.Version { return max(a-b, b-a) }

// show shows a state.
func (s *streamScreen) show(f *frame) {
	s.shown = f
	s.layOut()
}

// layOut lays out the state that is shown, with the gutter if it is known.
func (s *streamScreen) layOut() {
	if s.shown == nil {
		return
	}
	var blamed *inspect.Blamed
	if b := s.blamed; b != nil && !b.Moment.IsStart() && !s.atStart && b.Moment.Version() == s.shown.version {
		blamed = b
	}
	s.tree.build(s.shown.state, s.shown.changes, blamed)
	s.follow(blamed != nil)
}

// blame asks for the gutter, when no step follows at once.
func (s *streamScreen) blame(m *Model) tea.Cmd {
	f, o, pause := s.shown, s.o, m.pause
	if f == nil || f.err != nil || s.blamed != nil && !s.blamed.Moment.IsStart() && s.blamed.Moment.Version() == f.version {
		return nil
	}
	return m.ask(&s.blaming, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		select {
		case <-ctx.Done():
			return noted{}, nil, ctx.Err()
		case <-time.After(pause):
		}
		b, err := m.s.blame(ctx, o, f.version)
		var moved *movedError
		if err != nil && !errors.As(err, &moved) {
			return noted{}, nil, nil //nolint:nilerr // the state is shown without the gutter
		}
		return noted{}, func() tea.Cmd {
			s.blamed = b
			s.layOut()
			return nil
		}, err
	})
}

// draw asks for the outline of the timeline, once there is a state to look at. Only now
// later answers are compared with all that was read. What is on screen is therefore read
// again, if the store grew until then or nothing tells that it is the same.
func (s *streamScreen) draw(m *Model) tea.Cmd {
	o := s.o
	if s.outline != nil || s.drawing.busy || o.empty {
		return nil
	}
	return m.ask(&s.drawing, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		out, n, err := m.s.outline(ctx, o)
		return n, func() tea.Cmd {
			s.outline = out
			if !n.grew && !n.unsure {
				return nil
			}
			return s.readAgain(m)
		}, err
	})
}

// readAgain reads what is on screen again. Questions of the user go on.
func (s *streamScreen) readAgain(m *Model) tea.Cmd {
	at := s.version()
	for _, p := range []*purpose{&s.events, &s.folding, &s.prefetch, &s.blaming} {
		p.stop()
	}
	clear(s.kept)
	clear(s.touched)
	s.saved, s.initial, s.blamed = &saves{}, nil, nil
	cmds := []tea.Cmd{s.list(m, at), s.fold(m)}
	if s.panel != nil && s.panel.again != nil {
		cmds = append(cmds, s.panel.again())
	}
	return tea.Batch(cmds...)
}
