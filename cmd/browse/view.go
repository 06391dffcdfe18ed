package browse

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View is the screen.
func (m *Model) View() (v tea.View) {
	defer func() {
		if bug := recover(); bug != nil {
			m.panicked = bug
			v = tea.NewView("")
			if m.leave != nil {
				go m.leave()
			}
		}
	}()
	v = tea.NewView(strings.Join(m.screen(), "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	return v
}

// screen is all lines of the screen, each at most as wide as it is.
func (m *Model) screen() []string {
	if m.w < 20 || m.h < leastHeight {
		return fill([]string{cut("the terminal is too small", m.w)}, m.h)
	}
	var lines []string
	switch {
	case m.help:
		lines = m.keys()
	case m.stream != nil:
		lines = m.stream.view(m)
	default:
		lines = m.list.view(m)
	}
	bottom := m.bottom()
	lines = append(fill(lines, m.h-len(bottom)), bottom...)
	for i := range lines {
		lines[i] = cut(lines[i], m.w)
	}
	return lines
}

// maxError is how many rows an error may cover: its end often says the most.
const maxError = 4

// bottom is what stands below a screen: what went wrong, or the last line.
func (m *Model) bottom() []string {
	if !m.failed || m.prompt != nil || m.moved != "" {
		return []string{m.lastLine()}
	}
	lines := strings.Split(ansi.Wrap(m.status, m.w, ""), "\n")
	if len(lines) > maxError {
		lines = append(lines[:maxError-1], strings.Join(lines[maxError-1:], " "))
	}
	for i := range lines {
		lines[i] = m.pen.paint(red, cut(lines[i], m.w))
	}
	return lines
}

// lastLine is a prompt, a remark, or what the keys are.
func (m *Model) lastLine() string {
	switch {
	case m.prompt != nil:
		return m.prompt.view(m.pen, m.w)
	case m.moved != "":
		return m.pen.paint(yellow, cut(m.moved+"; R reloads it", m.w))
	case m.status != "":
		return cut(m.status, m.w)
	case m.busy():
		return m.pen.paint(dim, "reading …")
	case m.stream == nil && (m.list.text != "" || m.list.typing):
		return sides(m.pen.paint(strong, "filter ")+clean(m.list.text)+"▏", m.list.remark(m), m.w)
	case m.stream == nil && m.list.remark(m) != "":
		return cut(m.list.remark(m), m.w)
	case m.stream == nil:
		return m.pen.paint(dim, cut("type to filter · Enter opens · ? keys · q quits", m.w))
	}
	for _, n := range m.stream.notes {
		return sides(m.pen.paint(yellow, clean(n.Text)), m.pen.paint(dim, "? keys"), m.w)
	}
	return m.pen.paint(dim, cut("← → step · { } change of the path · Tab state · : go to · ? keys · q quits", m.w))
}

// busy reports whether a question that the screen waits for is asked.
func (m *Model) busy() bool {
	if m.opening.busy {
		return true
	}
	s := m.stream
	return s != nil && (s.asking.busy || s.touching.busy || s.going.busy)
}

// keys are all keys on one screen.
func (m *Model) keys() []string {
	all := listKeys
	if m.stream != nil {
		all = streamKeys
	}
	lines := []string{m.pen.paint(strong, "keys") + m.pen.paint(dim, "  any key closes this")}
	width := 0
	for _, b := range all {
		width = max(width, ansi.StringWidth(b.keys))
	}
	for _, b := range all {
		lines = append(lines, cut(m.pen.paint(cyan, pad(b.keys, width))+"  "+b.does, m.w))
	}
	return lines
}
