package browse

import (
	tea "charm.land/bubbletea/v2"
)

// wheelRows is how far a turn of the wheel goes.
const wheelRows = 3

// mouse handles clicks and the wheel.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	wheel := 0
	switch at.Button {
	case tea.MouseWheelUp:
		wheel = -wheelRows
	case tea.MouseWheelDown:
		wheel = wheelRows
	case tea.MouseLeft:
	default:
		return nil
	}
	_, clicked := msg.(tea.MouseClickMsg)
	_, dragged := msg.(tea.MouseMotionMsg)
	switch {
	case m.prompt != nil || wheel == 0 && !clicked && !dragged:
		return nil
	case m.help:
		m.help = !clicked
		return nil
	case m.stream != nil:
		return m.stream.mouse(m, at.X, at.Y, wheel, clicked)
	case wheel != 0:
		return m.list.move(m, wheel)
	case clicked:
		return m.list.click(m, at.Y)
	}
	return nil
}

// click chooses a stream, and opens the one that is chosen.
func (l *list) click(m *Model, y int) tea.Cmd {
	i := l.top + y - 2
	if l.reverse && l.text == "" {
		i = l.top + l.body(m) - 1 - (y - 2)
	}
	one := l.at(i)
	switch {
	case y < 2 || one == nil:
		return nil
	case i == l.cur:
		return m.open(string(one.ID), "head")
	}
	l.moveTo(m, i)
	return nil
}

// mouse handles a click, a drag on the scrubber or a turn of the wheel.
func (s *streamScreen) mouse(m *Model, x, y, wheel int, clicked bool) tea.Cmd {
	events, states, panel, scrub := s.areas(m)
	switch {
	case scrub.has(x, y) && wheel == 0 && s.outline != nil && s.outline.events > 0:
		s.types = nil
		return s.goToPoint(m, at(newScale(s.outline, scrub.w, s.ticks).version(x-scrub.x)))
	case s.panel != nil && panel.has(x, y):
		if wheel != 0 {
			s.panel.move(wheel, panel.h-1)
		} else if i := s.panel.top + y - panel.y - 1; clicked && y > panel.y && i < len(s.panel.lines) {
			if i == s.panel.cur {
				return s.panel.open(m, s)
			}
			s.panel.cur = i
		}
	case s.panel != nil:
	case events.has(x, y):
		s.pane = eventsPane
		if wheel != 0 {
			return s.step(m, wheel)
		}
		if i := s.top + y - events.y; clicked && i < len(s.rows) {
			s.atStart, s.cur = false, i
			return s.arrived(m)
		}
	case states.has(x, y):
		s.pane = statePane
		if wheel != 0 {
			s.moveFocus(wheel)
		} else if i := s.treeTop + y - states.y - s.head; clicked && i >= s.treeTop && i < len(s.tree.rows) {
			if i == s.focusRow() || s.tree.rows[i].rest > 0 {
				s.tree.toggle(i)
				s.layOut()
			} else {
				s.choose(s.tree.rows[i].path)
			}
		}
	}
	return nil
}
