package browse

import (
	"context"
	"iter"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"

	"asof/replay"
)

// A list is the screen of the streams. It holds the pages near what is on screen. Its
// rows are counted from the end that was read last: from the first stream, or from the
// last.
type list struct {
	pages   map[int]streamPage
	befores []replay.StreamID // befores[i] is the stream before page i, as far as pages were reached
	reverse bool              // rows are counted from the last stream
	rows    int               // that are known to exist
	whole   bool              // there are no more
	cur     int
	top     int // the lowest row on screen
	want    int // a row to go to when its page is there; 0: none

	text   string // the filter
	typing bool   // keys are part of the filter, even if it is empty
	found  matches

	facts map[replay.StreamID]*facts
	notes []replay.Notice // of the store, shown while there is nothing to say of a stream

	page, search               purpose
	telling, drawing, checking lookup
}

// reset forgets all pages.
func (l *list) reset() {
	for _, p := range l.purposes() {
		p.stop()
	}
	*l = list{
		text: l.text, typing: l.typing,
		page: l.page, search: l.search, telling: l.telling, drawing: l.drawing, checking: l.checking,
	}
}

// purposes are those of all questions of the list.
func (l *list) purposes() []*purpose {
	return []*purpose{&l.page, &l.search, &l.telling.purpose, &l.drawing.purpose, &l.checking.purpose}
}

// length is how many rows there are to move in.
func (l *list) length() int {
	if l.text != "" {
		return len(l.found.rows)
	}
	return l.rows
}

// at is a row; nil: it was not read yet.
func (l *list) at(i int) *replay.Stream {
	if l.text != "" {
		if i >= 0 && i < len(l.found.rows) {
			return &l.found.rows[i]
		}
		return nil
	}
	p, ok := l.pages[i/pageRows]
	if i < 0 || !ok || i%pageRows >= len(p.rows) {
		return nil
	}
	return &p.rows[i%pageRows]
}

// load asks for what the screen needs and does not have.
func (l *list) load(m *Model) tea.Cmd { return tea.Batch(l.loadRows(m), l.describe(m)) }

// loadRows asks for the first page near the screen that is not there. Pages far from it
// are dropped.
func (l *list) loadRows(m *Model) tea.Cmd {
	if l.text != "" {
		if !l.search.busy && !l.found.done {
			return l.find(m)
		}
		return nil
	}
	if l.page.busy {
		return nil
	}
	if l.befores == nil {
		l.befores, l.pages = []replay.StreamID{""}, map[int]streamPage{}
	}
	first, last := max(l.top/pageRows-1, 0), (l.top+m.h)/pageRows+1
	for n := range l.pages {
		if n < first-1 || n > last+1 {
			delete(l.pages, n)
		}
	}
	for n := first; n <= last && n < len(l.befores); n++ {
		if _, ok := l.pages[n]; !ok {
			return l.read(m, n)
		}
	}
	return nil
}

// read asks for a page.
func (l *list) read(m *Model, n int) tea.Cmd {
	after, reverse := l.befores[n], l.reverse
	return m.ask(&l.page, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		p, err := m.s.streams(ctx, after, reverse)
		return noted{}, func() tea.Cmd {
			l.pages[n] = p
			if after == "" {
				l.notes = p.notes
			}
			l.rows = max(l.rows, n*pageRows+len(p.rows))
			if !p.more {
				l.whole = true
			} else if n+1 == len(l.befores) {
				l.befores = append(l.befores, p.rows[len(p.rows)-1].ID)
			}
			if l.want > 0 {
				l.moveTo(m, l.want)
			}
			return l.load(m)
		}, err
	})
}

// body is how many rows are on screen.
func (l *list) body(m *Model) int { return max(m.h-3, 1) }

// move moves by rows, down the screen.
func (l *list) move(m *Model, by int) tea.Cmd {
	if l.reverse && l.text == "" {
		by = -by
	}
	l.moveTo(m, l.cur+by)
	return l.load(m)
}

// moveTo moves to a row, or as near as there are rows. It remembers where it was to go.
func (l *list) moveTo(m *Model, i int) {
	l.want = 0
	if most := max(l.length()-1, 0); i > most {
		if i = most; l.text == "" && !l.whole {
			l.want = most + 1
		}
	}
	l.cur = max(i, 0)
	h := l.body(m)
	l.top = min(max(l.top, l.cur-h+1), l.cur)
}

// edge goes to the first or the last stream.
func (l *list) edge(m *Model, last bool) tea.Cmd {
	if l.text != "" {
		l.moveTo(m, 0)
		if last {
			l.moveTo(m, l.length()-1)
		}
		return nil
	}
	if last != l.reverse {
		l.reset()
		l.reverse = last
	}
	l.moveTo(m, 0)
	return l.load(m)
}

// typed changes the filter.
func (l *list) typed(m *Model, text string) tea.Cmd {
	l.search.stop()
	l.text, l.cur, l.top, l.want, l.found = text, 0, 0, 0, matches{text: text}
	m.say("")
	return l.load(m)
}

// find looks for the streams that match the filter.
func (l *list) find(m *Model) tea.Cmd {
	text := l.text
	var mu sync.Mutex // of next and stop
	var next func() (matches, error, bool)
	stop := func() {}
	var step func(context.Context) (noted, func() tea.Cmd, error)
	step = func(ctx context.Context) (noted, func() tea.Cmd, error) {
		mu.Lock()
		defer mu.Unlock()
		if next == nil {
			next, stop = iter.Pull2(m.s.filter(ctx, text))
			context.AfterFunc(ctx, func() { // nobody asks for the rest
				mu.Lock()
				defer mu.Unlock()
				stop()
			})
		}
		found, err, ok := next()
		if !ok || err != nil || found.done {
			stop()
		}
		if !ok {
			return noted{}, nil, ctx.Err()
		}
		return noted{}, func() tea.Cmd {
			l.found = found
			if found.done {
				return l.describe(m)
			}
			l.search.busy = true
			return tea.Batch(l.search.command(ctx, step), l.describe(m))
		}, err
	}
	return m.ask(&l.search, step)
}

// command is the command that lists what is on screen.
func (l *list) command(m *Model) string {
	if l.text != "" {
		return m.command("streams", []string{"*" + strings.Join(strings.Split(l.text, ""), "*") + "*"})
	}
	if l.reverse {
		return m.command("streams", nil, "--reverse")
	}
	return m.command("streams", nil)
}

// key handles a key of the list.
func (l *list) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	h := l.body(m)
	switch k.String() {
	case "up":
		return l.move(m, -1)
	case "down":
		return l.move(m, 1)
	case "pgup":
		return l.move(m, -h)
	case "pgdown":
		return l.move(m, h)
	case "home":
		return l.edge(m, false)
	case "end":
		return l.edge(m, true)
	case "enter":
		if s := l.at(l.cur); s != nil {
			return m.open(string(s.ID), "head")
		}
		return nil
	case "ctrl+r":
		return m.reread()
	case "ctrl+y":
		return m.copy()
	case "esc":
		if l.text == "" && !l.typing {
			return tea.Quit
		}
		l.typing = false
		return l.typed(m, "")
	case "ctrl+u":
		return l.typed(m, "")
	case "backspace":
		if l.typing = l.text != ""; l.typing {
			return l.typed(m, withoutLast(l.text))
		}
		return nil
	}
	if l.text == "" && !l.typing {
		if cmd, ok := l.letter(m, k.Text); ok {
			return cmd
		}
	}
	if text := typed(l.text, k.Text); text != l.text {
		return l.typed(m, text)
	}
	return nil
}

// letter handles the letters that are commands while there is no filter.
func (l *list) letter(m *Model, text string) (tea.Cmd, bool) {
	switch text {
	case "q":
		return tea.Quit, true
	case "?":
		m.help = true
	case "/":
		l.typing = true
	case "R":
		return m.reread(), true
	case "y":
		return m.copy(), true
	case "z":
		m.utc = !m.utc
	default:
		return nil, false
	}
	return nil, true
}
