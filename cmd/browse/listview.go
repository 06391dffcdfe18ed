package browse

import (
	"fmt"
	"strings"
	"time"

	"asof/replay"
)

// view is the screen of the streams.
func (l *list) view(m *Model) []string {
	h := l.body(m)
	title := m.pen.paint(strong, "asof") + "  " + storeName(m.s.o.Ref.Store)
	count := m.pen.paint(dim, l.count())
	if m.grew {
		count = grewText + count
	}
	lines := []string{sides(title, count, m.w), m.pen.paint(dim, cut(l.heading(m), m.w))}
	for y := range h {
		i := l.top + y
		if l.reverse && l.text == "" {
			i = l.top + h - 1 - y
		}
		one := l.at(i)
		switch {
		case one != nil:
			lines = append(lines, m.pen.line(l.row(m, one, i == l.cur), m.w, i == l.cur))
		case y == 0 && l.length() == 0:
			lines = append(lines, m.pen.paint(dim, l.nothing()))
		default:
			lines = append(lines, "")
		}
	}
	return lines
}

// grewText is shown while the store has events that are not on screen.
const grewText = "the store grew; R reloads it · "

// count says how many streams there are, as far as is known.
func (l *list) count() string {
	switch {
	case l.text != "" && !l.found.done:
		return fmt.Sprintf("%s of %s so far …", number(len(l.found.rows)), number(l.found.looked))
	case l.text != "" && l.found.full:
		return fmt.Sprintf("the first %s matches of %s", number(len(l.found.rows)), counted(l.found.looked, "stream", "streams"))
	case l.text != "":
		return fmt.Sprintf("%s of %s", number(len(l.found.rows)), counted(l.found.looked, "stream", "streams"))
	case l.reverse:
		return "counted from the last"
	case l.rows == 0 && !l.whole:
		return ""
	case !l.whole:
		return fmt.Sprintf("stream %s of more than %s", number(l.cur+1), number(l.rows))
	}
	return fmt.Sprintf("stream %s of %s", number(min(l.cur+1, l.rows)), number(l.rows))
}

// nothing is shown in place of rows.
func (l *list) nothing() string {
	switch {
	case l.text != "" && l.found.done:
		return "no stream matches; Backspace shortens the filter"
	case l.text == "" && l.whole:
		return "the store has no streams"
	case l.page.busy || l.search.busy:
		return "reading …"
	}
	return ""
}

// columns are the widths of the id, the category, the count and the two times.
func (l *list) columns(w int) (id, category, count, clock int) {
	count, clock = 9, len("2006-01-02 15:04")
	if w >= wide {
		clock = len("2006-01-02 15:04:05")
	}
	rest := w - 3 - count - 2
	if w >= 70 {
		rest -= 2*clock + 4 + sparkWidth + 2
	} else {
		clock = 0
	}
	category = min(max(rest/4, 0), 16)
	if w < wide {
		category = 0
	}
	return max(rest-category-1, 8), category, count, clock
}

func (l *list) cells(m *Model, id, category, count, first, last, spark string) string {
	wi, wc, wn, wt := l.columns(m.w)
	line := pad(cut(id, wi), wi) + " "
	if wc > 0 {
		line += pad(cut(category, wc), wc)
	}
	line += padLeft(cut(count, wn), wn)
	if wt > 0 {
		line += "  " + pad(cut(first, wt), wt) + "  " + pad(cut(last, wt), wt) + "  " + spark
	}
	return line
}

func (l *list) heading(m *Model) string {
	first := "first (" + zoneName(m.zone()) + ")"
	return "   " + l.cells(m, "stream", "category", "events", first, "last", "activity")
}

// row is a stream. What is not read yet is blank.
func (l *list) row(m *Model, s *replay.Stream, here bool) string {
	f := l.facts[s.ID]
	if f == nil {
		f = &facts{}
	}
	sign := " "
	if here {
		sign = ">"
	}
	switch f.held {
	case violated:
		sign += m.pen.paint(red, "!")
	case unsure:
		sign += m.pen.paint(yellow, "?")
	case untested, tested:
		sign += " "
	}
	id := clean(string(s.ID))
	if f.stream == nil {
		return sign + " " + l.cells(m, id, "", "…", "", "", "")
	}
	s = f.stream
	zone := m.zone()
	_, _, _, wt := l.columns(m.w)
	first, last := clock(s.FirstTime, zone), clock(s.LastTime, zone)
	first, last = first[:min(wt, len(first))], last[:min(wt, len(last))]
	return sign + " " + l.cells(m, id, clean(s.Category), number(s.Events), first, last, m.pen.paint(cyan, f.spark))
}

// remark is what is known about the invariants in the chosen stream, or about the store.
func (l *list) remark(m *Model) string {
	f := &facts{}
	if one := l.at(l.cur); one != nil && l.facts[one.ID] != nil {
		f = l.facts[one.ID]
	}
	text := strings.Join(f.broken, " · ")
	switch f.held {
	case violated:
		return m.pen.paint(red, "! "+text)
	case unsure:
		return m.pen.paint(yellow, "? "+text)
	case untested, tested:
	}
	for _, n := range l.notes {
		return m.pen.paint(yellow, clean(n.Text))
	}
	return ""
}

// zoneName is the name of a zone, or its offset if it has none.
func zoneName(zone *time.Location) string {
	switch name := zone.String(); name {
	case "", "Local":
		return "UTC" + time.Now().In(zone).Format("-07:00")
	default:
		return clean(name)
	}
}
