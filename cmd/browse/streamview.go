package browse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"asof/replay"
	"asof/replay/state"
)

// wide is the width from which the events and the state are side by side.
const wide = 100

// leastHeight is the smallest screen that is laid out.
const leastHeight = 10

// An area is a rectangle of the screen.
type area struct{ x, y, w, h int }

func (a area) has(x, y int) bool { return x >= a.x && x < a.x+a.w && y >= a.y && y < a.y+a.h }

// areas divides the screen: two lines on top, the scrubber of two lines and a line at the
// bottom; in between the events and the state, or a panel.
func (s *streamScreen) areas(m *Model) (events, states, panel, scrub area) {
	h := max(m.h-5, 2)
	panel = area{0, 2, m.w, h}
	scrub = area{0, 2 + h, m.w, 2}
	if m.w >= wide {
		left := m.w * 2 / 5
		return area{0, 2, left, h}, area{left + 1, 2, m.w - left - 1, h}, panel, scrub
	}
	top := max(h/3, 2)
	return area{0, 2, m.w, top}, area{0, 2 + top + 1, m.w, h - top - 1}, panel, scrub
}

// view is the screen of a stream.
func (s *streamScreen) view(m *Model) []string {
	events, states, panel, scrub := s.areas(m)
	lines := []string{s.title(m), s.eventLine(m)}
	switch {
	case s.panel != nil:
		lines = append(lines, s.panel.view(m, panel)...)
	case m.w >= wide:
		left, right := s.eventLines(m, events), s.stateLines(m, states)
		for i := range left {
			lines = append(lines, left[i]+m.pen.paint(dim, "│")+right[i])
		}
	default:
		lines = append(lines, s.eventLines(m, events)...)
		lines = append(lines, m.pen.paint(dim, strings.Repeat("─", m.w)))
		lines = append(lines, s.stateLines(m, states)...)
	}
	return append(lines, s.scrubber(m, scrub)...)
}

// title names the store and the stream, and where in it the screen is.
func (s *streamScreen) title(m *Model) string {
	left := m.pen.paint(strong, "asof") + "  " + storeName(m.s.o.Ref.Store) + "  " + m.pen.paint(strong, clean(s.o.stream))
	where := "before the first event"
	if s.o.empty {
		where = "no events"
	} else if !s.atStart {
		where = "event " + number(int64(s.version()))
		if s.outline != nil {
			where += fmt.Sprintf(" · %s of %s", number(int(s.outline.index(s.version())+0.5)+1), number(s.outline.events))
		}
	}
	if m.grew {
		where = grewText + where
	}
	return sides(left, where, m.w)
}

// eventLine is the current event, and how the state was made.
func (s *streamScreen) eventLine(m *Model) string {
	fold := "state by " + clean(s.o.fold)
	if s.guessed {
		fold = "state by merge; no projection given"
	}
	if s.types != nil {
		fold = "only " + clean(strings.Join(s.types, ", ")) + " (f) · " + fold
	}
	fold = m.pen.paint(dim, fold)
	f := s.shown
	if s.atStart || f == nil || f.event == nil || s.stale() {
		return sides("", fold, m.w)
	}
	text := m.pen.paint(strong, clean(f.event.Type))
	for _, part := range []string{clock(f.event.Time, m.zone()), zoneIf(f.event.Time, m.zone()), clean(f.event.Meta.Actor)} {
		if part != "" {
			text += "  " + part
		}
	}
	switch {
	case s.folding.busy:
		text += m.pen.paint(dim, "  …")
	case f.err != nil:
		text += "  " + m.pen.paint(red, s.shown.failure())
	case f.unread != "":
		text += "  " + m.pen.paint(yellow, "payload can't be read: "+clean(f.unread))
	case !f.handled:
		text += "  " + m.pen.paint(yellow, "no handler for it")
	}
	return sides(text, fold, m.w)
}

// stale reports whether the state that is shown is that of another event and stays so: that
// of the current one could not be read.
func (s *streamScreen) stale() bool {
	switch {
	case s.shown == nil || s.folding.busy || s.o.empty:
		return false
	case s.atStart:
		return s.shown != s.initial
	}
	return s.shown.version != s.version()
}

// failure says in a few words that a fold failed at the event, or before it.
func (f *frame) failure() string {
	var failed *replay.FoldError
	if errors.As(f.err, &failed) && (failed.At.IsStart() || failed.At.Version() < f.version) {
		return "not reached by the fold"
	}
	return "fails to fold"
}

func zoneIf(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return zoneName(zone)
}

// scroll keeps the current event on screen.
func (s *streamScreen) scroll(m *Model) {
	events, _, _, _ := s.areas(m)
	s.top = min(max(s.top, s.cur-events.h+1), max(s.cur, 0))
	s.top = max(min(s.top, len(s.rows)-events.h), 0)
}

// eventLines are the events around the current one.
func (s *streamScreen) eventLines(m *Model, a area) []string {
	var lines []string
	wide := 1
	for _, r := range s.rows {
		wide = max(wide, len(number(int64(r.version))))
	}
	for y := range a.h {
		i := s.top + y
		if i >= len(s.rows) {
			break
		}
		here := i == s.cur && !s.atStart
		lines = append(lines, m.pen.line(s.eventRow(m, &s.rows[i], here, wide, a.w), a.w, here && s.pane == eventsPane))
	}
	if len(s.rows) == 0 && s.events.busy {
		lines = append(lines, m.pen.paint(dim, pad("reading …", a.w)))
	}
	for len(lines) < a.h {
		lines = append(lines, strings.Repeat(" ", a.w))
	}
	return lines
}

// eventRow is an event: signs, version, time, type, actor.
func (s *streamScreen) eventRow(m *Model, r *eventRow, here bool, wide, w int) string {
	sign := " "
	if here {
		sign = ">"
	}
	sign += s.signs(m, r.version)
	text := sign + padLeft(number(int64(r.version)), wide) + "  "
	if !r.time.IsZero() {
		layout := "01-02 15:04:05"
		if w >= 60 {
			layout = "2006-01-02 15:04:05"
		}
		text += m.pen.paint(dim, r.time.In(m.zone()).Format(layout)) + "  "
	}
	typ := clean(r.typ)
	if r.stream != "" {
		typ = clean(r.stream) + "  " + typ
	}
	room := w - ansi.StringWidth(text)
	text += cut(typ, room)
	if actor := clean(r.actor); actor != "" && room-ansi.StringWidth(typ) > ansi.StringWidth(actor)+2 {
		text += "  " + m.pen.paint(dim, actor)
	}
	return text
}

// signs say what is known of an event: good or bad in a bisection, marked for a diff, one
// that changed the chosen path.
func (s *streamScreen) signs(m *Model, v replay.Version) string {
	verdict, mark := " ", " "
	if s.verdict != nil {
		switch bad, known := s.verdict.at(v); {
		case known && bad:
			verdict = m.pen.paint(red, "✗")
		case known:
			verdict = m.pen.paint(green, "✓")
		}
	}
	if s.marked != nil && *s.marked == v {
		mark = m.pen.paint(yellow, "m")
	} else if _, ok := slices.BinarySearch(s.touched[s.pathName()], v); ok && s.pathName() != "" {
		mark = m.pen.paint(yellow, "•")
	}
	return verdict + mark
}

// stateLines are what the event changed, and the state after it.
func (s *streamScreen) stateLines(m *Model, a area) []string {
	var lines []string
	if s.stale() {
		return padded(m, []string{m.pen.paint(dim, "the state here was not read; R reloads it")}, a)
	}
	if s.shown == nil {
		if s.folding.busy {
			lines = append(lines, m.pen.paint(dim, "folding …"))
		}
		return padded(m, lines, a)
	}
	lines = s.changeLines(m, a)
	if s.shown.err != nil {
		text := "fold failed: " + clean(m.s.space.Scrub(s.shown.err.Error()))
		lines = append(wrapped(m.pen, red, text, a.w), m.pen.paint(dim, "the state "+s.shown.reached+":"))
	}
	lines = lines[:min(len(lines), a.h-1)]
	s.head = len(lines)
	room := a.h - s.head
	at := s.focusRow()
	s.treeTop = min(max(s.treeTop, at-room+1), at)
	s.treeTop = max(min(s.treeTop, len(s.tree.rows)-room), 0)
	gutter := 0
	for _, r := range s.tree.rows[s.treeTop:min(s.treeTop+room, len(s.tree.rows))] {
		if r.has {
			gutter = max(gutter, len(number(int64(r.by))))
		}
	}
	gutter = max(gutter, len(number(int64(s.o.last))))
	for y := range room {
		i := s.treeTop + y
		if i >= len(s.tree.rows) {
			break
		}
		here := i == at
		lines = append(lines, m.pen.line(s.treeLine(m, &s.tree.rows[i], here, gutter, a.w), a.w, here && s.pane == statePane))
	}
	return padded(m, lines, a)
}

func padded(m *Model, lines []string, a area) []string {
	for i := range lines {
		lines[i] = m.pen.line(lines[i], a.w, false)
	}
	for len(lines) < a.h {
		lines = append(lines, strings.Repeat(" ", a.w))
	}
	return lines[:a.h]
}

// wrapped is text in a style, over several lines of a width.
func wrapped(p pen, st style, text string, w int) []string {
	var lines []string
	for _, l := range strings.Split(ansi.Wrap(text, max(w, 10), ""), "\n") {
		lines = append(lines, p.paint(st, l))
	}
	return lines[:min(len(lines), 4)]
}

// changeLines list what the event changed, in at most a third of the area.
func (s *streamScreen) changeLines(m *Model, a area) []string {
	changes := s.shown.changes
	most := max(a.h/3, 1)
	var lines []string
	for i := range changes {
		if len(lines) == most-1 && len(changes) > most {
			lines = append(lines, m.pen.paint(dim, fmt.Sprintf("  … %s more (e shows the event)", number(len(changes)-i))))
			break
		}
		lines = append(lines, changeLine(m.pen, &changes[i], a.w))
	}
	if len(changes) == 0 && !s.atStart && s.shown.err == nil && s.shown.event != nil {
		lines = append(lines, m.pen.paint(dim, "it changed nothing"))
	}
	return lines
}

// changeLine is a change on one line.
func changeLine(p pen, c *state.Change, w int) string {
	name := pathText(c.Name())
	room := max((w-ansi.StringWidth(name)-8)/2, 8)
	switch c.Op {
	case state.OpAdd:
		return p.paint(green, "+ "+name) + "  " + valueText(c.To, 2*room)
	case state.OpRemove:
		return p.paint(red, "- "+name) + "  " + p.paint(dim, "was ") + valueText(c.From, 2*room-4)
	}
	return p.paint(yellow, "~ "+name) + "  " + replacedText(c.From, c.To, room)
}

// pathText is a path as people read it.
func pathText(path string) string {
	if path == "" {
		return "the state"
	}
	return clean(path)
}

// treeLine is a line of the state: the event that set it, a sign if this event did, the
// key and the value.
func (s *streamScreen) treeLine(m *Model, r *treeRow, here bool, gutter, w int) string {
	by := strings.Repeat(" ", gutter)
	if r.has {
		by = padLeft(number(int64(r.by)), gutter)
	}
	sign := ">"
	if !here {
		sign = " "
	}
	indent := strings.Repeat("  ", r.depth)
	head := m.pen.paint(dim, by) + sign
	if r.rest > 0 {
		return head + "  " + indent + m.pen.paint(dim, fmt.Sprintf("… %s more (Enter shows some)", number(r.rest)))
	}
	st, mark := markStyle(r.mark)
	head += m.pen.paint(st, string(mark)) + " " + indent
	key := r.key
	if r.path == "" {
		key = "state"
	}
	text := head + m.pen.paint(cyan, key)
	if r.value.IsContainer() && r.value.Node().Len() > 0 {
		fold := "▸"
		if r.open {
			fold = "▾"
		}
		text = head + fold + " " + m.pen.paint(cyan, key)
	}
	room := w - ansi.StringWidth(text) - 2
	value := valueText(r.value, max(room, 4))
	if r.mark == '+' || r.mark == '~' {
		value = m.pen.paint(strong, value)
	}
	return text + "  " + value
}

func markStyle(mark byte) (style, rune) {
	switch mark {
	case '+':
		return green, '+'
	case '~':
		return yellow, '~'
	case ' ':
		return "", ' '
	}
	return dim, '·'
}

// focusRow is the line of the chosen path.
func (s *streamScreen) focusRow() int { return s.tree.row(s.focus) }

// pathName is the chosen path, with the keys of array elements if they are known.
func (s *streamScreen) pathName() string { return s.name }

// choose chooses a path.
func (s *streamScreen) choose(path string) {
	s.focus, s.name = path, path
	if b := s.blamed; b != nil && path != "" {
		if label := b.Labels()(path); label != "" {
			s.name = label
		}
	}
}
