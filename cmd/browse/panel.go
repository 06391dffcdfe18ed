package browse

import (
	"bytes"
	"context"
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/workspace"
)

// maxPanel bounds the lines of a panel.
const maxPanel = 20_000

// A panel is an answer over the events and the state.
type panel struct {
	title   string
	lines   []string // styled, and safe
	places  []place  // where each line leads; nil: nowhere
	cur     int      // the chosen line, if there are places
	top     int
	command string
	live    bool           // it is asked again after each step
	again   func() tea.Cmd // asks it again
	enter   func(int) tea.Cmd
	rest    *whatif.Future // of a simulation; nil: not known yet
}

// A place is where a line leads: an event.
type place struct {
	stream  string // empty: the one on screen
	version replay.Version
	ok      bool
}

// A text is the answer of a panel: its lines, and where they lead.
type text struct {
	lines  []string
	places []place
	first  int // the line that is chosen first

	enter   func(int) tea.Cmd // what Enter on a line does; may be nil
	verdict *verdict          // of a bisection
	finds   *finds            // of a search
	rest    *whatif.Future    // of a simulation
}

// A finding answers a question of a panel, in a goroutine: it must not use the model.
type finding func(context.Context, *workspace.Store, printing) (text, error)

// once is the question of a panel that is always the same.
func once(f finding) func() finding { return func() finding { return f } }

// askPanel shows a panel with the answer of a question. The panel that is there stays
// until the answer comes. prepare returns the question about the current event.
func (s *streamScreen) askPanel(m *Model, p *panel, prepare func() finding) tea.Cmd {
	o := s.o
	p.again = func() tea.Cmd {
		question := prepare()
		pr := printing{color: m.pen.color, w: m.w, o: m.s.o}
		pr.o.Zone = m.zone()
		return m.ask(&s.asking, func(ctx context.Context) (noted, func() tea.Cmd, error) {
			var t text
			n, err := m.s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) (err error) {
				t, err = question(ctx, store, pr)
				return err
			})
			t.add(pr, n)
			return n, func() tea.Cmd {
				same := s.panel == p
				p.lines, p.places, p.enter = t.lines, t.places, t.enter
				if t.rest != nil {
					p.rest = t.rest
				}
				if t.verdict != nil {
					s.verdict = t.verdict
					m.say("")
				}
				if t.finds != nil {
					s.find = t.finds
				}
				if !same || t.rest != nil {
					p.cur, p.top = t.first, 0
				}
				p.cur = min(p.cur, max(len(p.lines)-1, 0))
				s.panel = p
				return nil
			}, err
		})
	}
	return p.again()
}

// add adds the remarks about an answer, and cuts what is too long.
func (t *text) add(pr printing, n noted) {
	if len(t.lines) > maxPanel {
		t.lines = append(t.lines[:maxPanel:maxPanel], "… "+counted(len(t.lines)-maxPanel, "more line", "more lines")+"; y copies the command that prints all")
	}
	pen := pen{pr.color}
	for _, one := range n.notices {
		t.lines = append(t.lines, wrapped(pen, dim, "note: "+clean(one.Text), pr.w)...)
	}
	if t.places != nil {
		t.places = append(t.places, make([]place, max(len(t.lines)-len(t.places), 0))...)[:len(t.lines)]
	}
}

// printing prints an answer as the command line does.
type printing struct {
	color bool
	w     int
	o     Options
}

// print returns what a printer prints, line by line.
func (pr printing) print(f func(*render.Printer) error) (text, error) {
	var b bytes.Buffer
	p := render.New(&b, render.Options{Color: pr.color, Width: pr.w, Zone: pr.o.Zone})
	err := errors.Join(f(p), p.Flush())
	return text{lines: strings.Split(strings.TrimRight(b.String(), "\n"), "\n")}, err
}

// key handles the keys of a panel. ok is false if it has none for this.
func (p *panel) key(m *Model, s *streamScreen, name string) (cmd tea.Cmd, ok bool) {
	_, _, a, _ := s.areas(m)
	h := a.h - 1
	switch name {
	case "esc":
		s.panel = nil
		s.asking.stop()
	case "up", "k":
		p.move(-1, h)
	case "down", "j":
		p.move(1, h)
	case "pgup":
		p.move(-h, h)
	case "pgdown":
		p.move(h, h)
	case "home", "g":
		p.move(-len(p.lines), h)
	case "end", "G", "shift+g":
		p.move(len(p.lines), h)
	case "enter":
		return p.open(m, s), true
	default:
		return nil, false
	}
	return nil, true
}

func (p *panel) move(by, h int) {
	last := max(len(p.lines)-1, 0)
	if p.places == nil && p.enter == nil {
		p.top = min(max(p.top+by, 0), max(len(p.lines)-h, 0))
		return
	}
	p.cur = min(max(p.cur+by, 0), last)
	p.top = min(max(p.top, p.cur-h+1), p.cur)
}

// open goes where the chosen line leads.
func (p *panel) open(m *Model, s *streamScreen) tea.Cmd {
	switch {
	case p.enter != nil:
		return p.enter(p.cur)
	case p.cur >= len(p.places) || !p.places[p.cur].ok:
		return nil
	}
	to := p.places[p.cur]
	if to.stream != "" && to.stream != s.o.stream {
		return m.open(to.stream, at(to.version))
	}
	s.panel = nil
	s.types = nil
	return s.goTo(m, to.version)
}

// view is the panel: a line that names it, and its lines.
func (p *panel) view(m *Model, a area) []string {
	keys := "Esc closes"
	if p.places != nil || p.enter != nil {
		keys = "Enter goes there · " + keys
	}
	h := a.h - 1
	p.top = max(min(p.top, len(p.lines)-h), 0)
	if p.places != nil || p.enter != nil {
		p.top = min(max(p.top, p.cur-h+1), p.cur)
	}
	lines := []string{sides(m.pen.paint(strong, "── "+p.title+" ──"), m.pen.paint(dim, keys), a.w)}
	for i := p.top; i < min(p.top+h, len(p.lines)); i++ {
		here := (p.places != nil || p.enter != nil) && i == p.cur
		sign := ""
		if p.places != nil || p.enter != nil {
			if sign = "  "; here {
				sign = "> "
			}
		}
		lines = append(lines, m.pen.line(sign+p.lines[i], a.w, here))
	}
	return fill(lines, a.h)
}

// timeline is the timeline of a question on this screen.
func (s *streamScreen) timeline(m *Model, at string) ask.Timeline {
	return m.s.timeline(s.o.stream, at)
}
