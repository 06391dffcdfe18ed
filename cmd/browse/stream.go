package browse

import (
	"context"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"asof/inspect"
	"asof/replay"
)

const (
	// listAround is how many events are listed before and after one.
	listAround = 150
	// listEdge is how near the end of the listed events more are asked for.
	listEdge = 40
	// keptNodes bounds the values of all states that are kept.
	keptNodes = 400_000
	// smallNodes is the size of a state of which the neighbors are kept as well.
	smallNodes = 4000
	// ahead is how many states are folded before they are looked at.
	ahead = 16
)

// pane is a part of the screen of a stream that has the keys.
type pane int

const (
	eventsPane pane = iota
	statePane
)

// A streamScreen is the screen of a stream.
type streamScreen struct {
	o       *opened
	guessed bool

	rows    []eventRow // some events around the current one
	cur     int        // in rows
	top     int        // the first row on screen
	begins  bool       // rows begin with the first event
	ends    bool       // rows end with the last one
	waiting int        // a step to make when the rows are there
	types   []string   // the listed types; nil: all

	kept    map[replay.Version]*frame
	saved   *saves // to fold from
	shown   *frame // on screen: that of the current event, or the one before it while it is asked for
	initial *frame // before the first event
	atStart bool   // before the first event
	notes   []replay.Notice

	tree    tree
	focus   string // the chosen path
	name    string // of the chosen path, with keys if they are known
	treeTop int
	head    int // lines above the tree
	pane    pane
	blamed  *inspect.Blamed

	outline *outline
	ticks   bool // the scrubber has a tick an event

	touched map[string][]replay.Version // by path
	marked  *replay.Version             // for a diff
	verdict *verdict                    // of a bisection
	find    *finds                      // of a search
	panel   *panel                      // nil: the events and the state

	events, folding, prefetch, blaming, drawing, touching, asking, going, narrowing purpose
}

func newStreamScreen(o *opened) *streamScreen {
	s := &streamScreen{o: o, kept: map[replay.Version]*frame{}, saved: &saves{}, touched: map[string][]replay.Version{}}
	s.atStart = o.start
	return s
}

// stop ends all questions.
func (s *streamScreen) stop() {
	for _, p := range []*purpose{&s.events, &s.folding, &s.prefetch, &s.blaming, &s.drawing, &s.touching, &s.asking, &s.going, &s.narrowing} {
		p.stop()
	}
}

// begin asks for what the screen shows first.
func (s *streamScreen) begin(m *Model) tea.Cmd {
	if s.o.empty {
		s.begins, s.ends = true, true
		return s.fold(m)
	}
	return tea.Batch(s.list(m, s.o.at), s.fold(m))
}

// row is the current event; nil: none, or not known yet.
func (s *streamScreen) row() *eventRow {
	if s.atStart || s.cur < 0 || s.cur >= len(s.rows) {
		return nil
	}
	return &s.rows[s.cur]
}

func (s *streamScreen) pointOf(r *eventRow) string { return at(r.version) }

// version is the current version.
func (s *streamScreen) version() replay.Version {
	if r := s.row(); r != nil {
		return r.version
	}
	return s.o.at
}

// list asks for the events around a version.
func (s *streamScreen) list(m *Model, v replay.Version) tea.Cmd {
	o, types := s.o, s.types
	return m.ask(&s.events, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		rows, err := m.s.events(ctx, o, types, v, listAround, listAround)
		return noted{}, func() tea.Cmd { return s.listed(m, v, rows) }, err
	})
}

// listed takes the events around a version. The current event stays, or becomes the last
// one before it that is listed.
func (s *streamScreen) listed(m *Model, around replay.Version, rows []eventRow) tea.Cmd {
	now := s.version()
	s.rows = rows
	before := 0
	for _, r := range rows {
		if r.version <= around {
			before++
		}
	}
	s.begins = before <= listAround
	s.ends = len(rows)-before < listAround
	i, _ := slices.BinarySearchFunc(rows, now, func(r eventRow, v replay.Version) int { return compare(r.version, v) })
	if i == len(rows) || rows[i].version > now {
		i--
	}
	s.cur = max(i, 0)
	s.scroll(m)
	if by := s.waiting; by != 0 {
		s.waiting = 0
		return s.step(m, by)
	}
	if r := s.row(); r != nil && (s.shown == nil || s.shown.version != r.version) {
		return s.fold(m)
	}
	return nil
}

func compare(a, b replay.Version) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// step moves by events.
func (s *streamScreen) step(m *Model, by int) tea.Cmd {
	if len(s.rows) == 0 {
		if s.events.busy {
			s.waiting += by
		}
		return nil
	}
	i := s.cur + by
	if s.atStart {
		if by < 0 {
			return nil
		}
		i, s.atStart = by-1, false
	}
	if i < 0 && s.begins {
		if s.cur == 0 && s.types == nil {
			s.atStart = true
		}
		i = 0
	}
	if i >= len(s.rows) && s.ends {
		i = len(s.rows) - 1
	}
	if i < 0 || i >= len(s.rows) {
		s.waiting += by
		if s.events.busy {
			return nil
		}
		return s.list(m, s.version())
	}
	s.cur = i
	s.scroll(m)
	return tea.Batch(s.arrived(m), s.more(m))
}

// more asks for more events if the current one is near the end of those listed.
func (s *streamScreen) more(m *Model) tea.Cmd {
	near := s.cur < listEdge && !s.begins || s.cur >= len(s.rows)-listEdge && !s.ends
	if !near || s.events.busy || len(s.rows) == 0 {
		return nil
	}
	return s.list(m, s.version())
}

// arrived asks for what is shown of the current event.
func (s *streamScreen) arrived(m *Model) tea.Cmd {
	cmds := []tea.Cmd{s.fold(m)}
	if s.panel != nil && s.panel.again != nil && s.panel.live {
		cmds = append(cmds, s.panel.again())
	}
	return tea.Batch(cmds...)
}

// goTo moves to a version, wherever it is.
func (s *streamScreen) goTo(m *Model, v replay.Version) tea.Cmd {
	s.atStart = false
	if i, ok := slices.BinarySearchFunc(s.rows, v, func(r eventRow, v replay.Version) int { return compare(r.version, v) }); ok {
		s.cur = i
		s.scroll(m)
		return tea.Batch(s.arrived(m), s.more(m))
	}
	s.o.at, s.rows, s.cur, s.waiting = v, nil, 0, 0
	return tea.Batch(s.list(m, v), s.arrived(m))
}

// goToPoint moves to a point as it is typed.
func (s *streamScreen) goToPoint(m *Model, text string) tea.Cmd {
	o := s.o
	return m.ask(&s.going, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		v, start, n, err := m.s.resolve(ctx, o.stream, text)
		return n, func() tea.Cmd {
			m.say("")
			for _, one := range n.notices {
				m.say(clean(one.Text))
			}
			switch {
			case start:
				return s.goToStart(m)
			case v > o.last:
				m.say("that event is newer than what was read; R reloads the store")
				return nil
			}
			return s.goTo(m, v)
		}, err
	})
}

func (s *streamScreen) goToStart(m *Model) tea.Cmd {
	s.types = nil
	cmd := s.goTo(m, s.o.first)
	s.atStart = true
	return tea.Batch(cmd, s.arrived(m))
}

// changed moves to the previous or next event that changed the chosen path.
func (s *streamScreen) changed(m *Model, by int) tea.Cmd {
	path := s.pathName()
	if path == "" {
		return s.step(m, by)
	}
	if all, ok := s.touched[path]; ok {
		return s.toTouched(m, all, path, by)
	}
	o, v := s.o, s.version()
	return m.ask(&s.touching, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		all, err := m.s.touched(ctx, o, path, v)
		return noted{}, func() tea.Cmd {
			if len(s.touched) > 8 {
				clear(s.touched)
			}
			s.touched[path] = all
			return s.toTouched(m, all, path, by)
		}, err
	})
}

func (s *streamScreen) toTouched(m *Model, all []replay.Version, path string, by int) tea.Cmd {
	v := s.version()
	i, here := slices.BinarySearch(all, v)
	switch {
	case by < 0 && !s.atStart:
		i--
	case here && !s.atStart:
		i++
	case s.atStart && by < 0:
		i = -1
	case s.atStart:
		i = 0
	}
	if i < 0 || i >= len(all) {
		m.say(fmt.Sprintf("no %s event changed %s", map[bool]string{true: "earlier", false: "later"}[by < 0], pathText(path)))
		return nil
	}
	m.say(fmt.Sprintf("change %s of %s to %s", number(i+1), number(len(all)), pathText(path)))
	s.types = nil
	return s.goTo(m, all[i])
}

// resized lays the screen out again.
func (s *streamScreen) resized(m *Model) tea.Cmd {
	s.scroll(m)
	if s.panel != nil && s.panel.again != nil {
		return s.panel.again()
	}
	return nil
}
