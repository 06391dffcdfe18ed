package browse

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// key handles a key.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" && m.prompt == nil {
		return tea.Quit
	}
	if k.String() == "ctrl+z" {
		return tea.Suspend
	}
	if m.hold(k) {
		return nil
	}
	switch {
	case m.prompt != nil:
		p := m.prompt
		cmd, done := p.key(k)
		if done && m.prompt == p {
			m.prompt = nil
		}
		if done && k.String() == "enter" && p.text != "" {
			m.entered[p.about] = p.text
		}
		return cmd
	case m.help:
		m.help = false
		return nil
	case m.stream != nil:
		m.say("")
		return m.stream.key(m, k)
	}
	m.say("")
	return m.list.key(m, k)
}

// key handles a key of a stream's screen: those of a panel first.
func (s *streamScreen) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if s.panel != nil {
		if cmd, ok := s.panel.key(m, s, name); ok {
			return cmd
		}
	}
	if cmd, ok := s.moveKey(m, name); ok {
		return cmd
	}
	if cmd, ok := s.askKey(m, name); ok {
		return cmd
	}
	switch name {
	case "q":
		return tea.Quit
	case "esc":
		if s.giveUp() {
			m.say("given up")
			return nil
		}
		return m.close()
	case "?":
		m.help = true
	case "tab":
		s.pane = statePane - s.pane
	case "T", "shift+t":
		s.ticks = !s.ticks
	case "z":
		m.utc = !m.utc
		if s.panel != nil && s.panel.again != nil {
			return s.panel.again()
		}
	case "y":
		return m.copy()
	case "R", "shift+r":
		return m.reread()
	}
	return nil
}

// giveUp ends the questions that the user waits for. It reports whether there were any.
func (s *streamScreen) giveUp() (any bool) {
	for _, p := range []*purpose{&s.asking, &s.touching, &s.going, &s.narrowing} {
		if p.busy {
			p.stop()
			any = true
		}
	}
	return any
}

// moveKey handles the keys that move.
func (s *streamScreen) moveKey(m *Model, name string) (tea.Cmd, bool) {
	events, states, _, _ := s.areas(m)
	by, page := 0, events.h
	if s.pane == statePane {
		page = states.h
	}
	switch name {
	case "left", "h":
		return s.step(m, -1), true
	case "right", "l":
		return s.step(m, 1), true
	case "{":
		return s.changed(m, -1), true
	case "}":
		return s.changed(m, 1), true
	case "home", "g":
		return s.goTo(m, s.o.first), true
	case "end", "G", "shift+g":
		return s.goTo(m, s.o.last), true
	case "up", "k":
		by = -1
	case "down", "j":
		by = 1
	case "pgup":
		by = -page
	case "pgdown":
		by = page
	case "enter", "space":
		s.tree.toggle(s.focusRow())
		s.layOut()
		return nil, true
	default:
		return nil, false
	}
	if s.pane == eventsPane {
		return s.step(m, by), true
	}
	s.moveFocus(by)
	return nil, true
}

// moveFocus moves in the state. It passes the lines that stand for members not shown,
// which Enter on their container shows.
func (s *streamScreen) moveFocus(by int) {
	if len(s.tree.rows) == 0 {
		return
	}
	i := min(max(s.focusRow()+by, 0), len(s.tree.rows)-1)
	for i > 0 && i < len(s.tree.rows)-1 && s.tree.rows[i].rest > 0 {
		i += max(min(by, 1), -1)
	}
	if s.tree.rows[i].rest > 0 {
		i = s.tree.row(s.tree.rows[i].path)
	}
	s.choose(s.tree.rows[i].path)
}

// askKey handles the keys that ask something.
func (s *streamScreen) askKey(m *Model, name string) (tea.Cmd, bool) {
	switch name {
	case ":":
		m.askFor(&prompt{label: "go to", about: "17 · head~3 · type:OrderPaid · id:3f2a · 2026-01-26 · yesterday 14:00", enter: func(text string) tea.Cmd {
			if strings.TrimSpace(text) == "" {
				return nil
			}
			return s.goToPoint(m, text)
		}})
	case "/":
		m.askFor(&prompt{label: "search", about: "text in payloads and in the state", enter: func(text string) tea.Cmd {
			if text == "" {
				return nil
			}
			return s.search(m, text)
		}})
	case "n":
		return s.nextFind(m, 1), true
	case "N", "shift+n":
		return s.nextFind(m, -1), true
	case "B", "shift+b":
		m.askFor(&prompt{label: "bad if", about: "JavaScript over state and event, such as state.total < 0", enter: func(text string) tea.Cmd {
			if strings.TrimSpace(text) == "" {
				s.verdict = nil
				s.narrowing.stop()
				return nil
			}
			return s.bisect(m, text)
		}})
	case "x":
		return s.askWhatif(m), true
	case "m":
		return s.mark(m), true
	case "D", "shift+d":
		return s.diff(m), true
	case "b":
		return s.history(m), true
	case "w":
		return s.why(m), true
	case "t":
		return s.trace(m), true
	case "e":
		return s.event(m), true
	case "f":
		return s.byType(m), true
	default:
		return nil, false
	}
	return nil, true
}

// mark marks the current event for a diff.
func (s *streamScreen) mark(m *Model) tea.Cmd {
	r := s.row()
	if r == nil {
		m.say("no event is chosen")
		return nil
	}
	if v := r.version; s.marked != nil && *s.marked == v {
		s.marked = nil
		m.say("mark removed")
	} else {
		s.marked = &v
		m.say(fmt.Sprintf("marked %s; go to another event, then D shows the difference", number(int64(v))))
	}
	return nil
}

// command is the command line that prints what is shown.
func (s *streamScreen) command(m *Model) string {
	if s.panel != nil && s.panel.command != "" {
		return s.panel.command
	}
	point := s.o.stream + "@start"
	if !s.atStart {
		point = s.o.point(s.version())
	}
	if s.focus != "" && s.pane == statePane {
		return m.command("replay", []string{point}, "--path", s.pathName())
	}
	return m.command("replay", []string{point})
}
