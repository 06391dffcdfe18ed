package browse

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"asof/cmd/render"
	"asof/inspect"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// event shows the current event with its payload.
func (s *streamScreen) event(m *Model) tea.Cmd {
	p := &panel{title: "the event", live: true}
	return s.askPanel(m, p, func() finding {
		q := ask.Show{Timeline: s.timeline(m, at(s.version()))}
		p.command = m.command("show", []string{s.o.point(s.version())})
		return func(ctx context.Context, store *workspace.Store, pr printing) (text, error) {
			shown, err := q.Of(ctx, store)
			if err != nil {
				return text{}, err
			}
			return pr.print(func(p *render.Printer) error { p.Shown(shown); return nil })
		}
	})
}

// diff shows what changed from the marked event to the current one, or by the current one.
func (s *streamScreen) diff(m *Model) tea.Cmd {
	p := &panel{title: "the difference", live: true}
	return s.askPanel(m, p, func() finding {
		v := s.version()
		point := at(v)
		if s.marked != nil && *s.marked != v {
			point = between(min(*s.marked, v), max(*s.marked, v))
		}
		p.command = m.command("diff", []string{s.o.stream + "@" + point})
		q := ask.Diff{Timeline: s.timeline(m, point)}
		return func(ctx context.Context, store *workspace.Store, pr printing) (text, error) {
			d, err := q.Of(ctx, store)
			if err != nil {
				return text{}, err
			}
			return pr.print(func(p *render.Printer) error { return p.Diffed(d, render.DiffChanges) })
		}
	})
}

// history lists the events that set the chosen path.
func (s *streamScreen) history(m *Model) tea.Cmd {
	path, here := s.pathName(), s.version()
	if path == "" {
		m.say("choose a path of the state first: Tab, ↑ ↓")
		return nil
	}
	const most = 2000
	p := &panel{title: "history of " + pathText(path), command: m.command("blame", []string{s.o.point(here), path}, "--history")}
	q := ask.History{Blame: ask.Blame{Timeline: s.timeline(m, at(here)), Path: path}, Page: ask.Page{Limit: most}}
	return s.askPanel(m, p, once(func(ctx context.Context, store *workspace.Store, pr printing) (t text, err error) {
		h, err := q.Of(ctx, store)
		if err != nil {
			return t, err
		}
		for _, e := range h.Entries {
			t.row(pr, e.Moment, e.Event, changesText(e.Here, h.Path, pr.w/2))
		}
		if len(h.Entries) < h.Events {
			t.lines = append(t.lines, fmt.Sprintf("… and %s earlier ones", number(h.Events-len(h.Entries))))
		}
		return t, nil
	}))
}

// changesText is what an event did to a path, on one line.
func changesText(changes []state.Change, path string, w int) string {
	if len(changes) != 1 {
		return counted(len(changes), "change", "changes")
	}
	c := &changes[0]
	text := replacedText(c.From, c.To, w/2)
	if c.Name() != path && c.Path != path {
		text = pathText(c.Name()) + "  " + text
	}
	return text
}

// row adds the line of an event, which leads to it.
func (t *text) row(pr printing, m replay.Moment, e *replay.Event, more string) {
	pen := pen{pr.color}
	v := m.Version()
	line := padLeft(number(int64(v)), 9) + "  "
	if !e.Time.IsZero() {
		line += pen.paint(dim, clock(e.Time, pr.o.Zone)) + "  "
	}
	line += clean(e.Type)
	if more != "" {
		line += "  " + more
	}
	if e.Meta.Actor != "" {
		line += "  " + pen.paint(dim, clean(e.Meta.Actor))
	}
	t.places = append(t.places, make([]place, len(t.lines)-len(t.places))...)
	t.lines = append(t.lines, line)
	t.places = append(t.places, place{version: v, ok: true})
}

// why shows where the value at the chosen path comes from.
func (s *streamScreen) why(m *Model) tea.Cmd {
	p := &panel{title: "why", live: true}
	if s.pathName() == "" {
		m.say("choose a path of the state first: Tab, ↑ ↓")
		return nil
	}
	path := s.pathName()
	p.title = "why " + pathText(path)
	return s.askPanel(m, p, func() finding {
		p.command = m.command("why", []string{s.o.point(s.version()), path})
		q := ask.Why{Timeline: s.timeline(m, at(s.version())), Path: path}
		return func(ctx context.Context, store *workspace.Store, pr printing) (text, error) {
			a, err := q.Of(ctx, store)
			if err != nil {
				return text{}, err
			}
			return pr.print(func(p *render.Printer) error { p.Why(a, render.WhyOptions{}); return nil })
		}
	})
}

// trace shows what caused the current event, and what it caused, across streams.
func (s *streamScreen) trace(m *Model) tea.Cmd {
	r := s.row()
	if r == nil {
		m.say("no event is chosen")
		return nil
	}
	stream, v := cmp.Or(r.stream, s.o.stream), r.version
	if r.stream != "" && s.shown != nil && s.shown.event != nil {
		v = s.shown.event.Version // that of its own stream
	}
	p := &panel{title: "cause and effect", command: m.command("trace", []string{stream + "@" + at(v)}, "--all")}
	q := ask.Trace{StoreRef: m.s.o.Ref, Stream: stream, At: at(v)}
	return s.askPanel(m, p, once(func(ctx context.Context, store *workspace.Store, pr printing) (t text, err error) {
		traced, err := q.Of(ctx, store)
		if err == nil {
			err = ask.NoteLost(ctx, store)
		}
		if err != nil {
			return t, err
		}
		t.causes(pr, traced.Root, 0)
		if len(traced.Other) > 0 {
			t.places = append(t.places, place{})
			t.lines = append(t.lines, "also of the same correlation:")
		}
		for _, other := range traced.Other {
			t.causes(pr, other, 0)
		}
		return t, nil
	}))
}

// causes adds an event and what it caused.
func (t *text) causes(pr printing, c *inspect.Caused, depth int) {
	pen := pen{pr.color}
	e := c.Event
	line := strings.Repeat("  ", min(depth, 40))
	if c.Missing != "" {
		t.lines = append(t.lines, line+pen.paint(dim, "caused by "+clean(c.Missing)+", which is not in the store"))
		t.places = append(t.places, place{})
	}
	name := clean(e.Type)
	if c.Asked {
		t.first = len(t.lines)
		name = pen.paint(strong, name) + "  ← this event"
	}
	if !e.Time.IsZero() {
		name += "  " + pen.paint(dim, clock(e.Time, pr.o.Zone))
	}
	t.lines = append(t.lines, fmt.Sprintf("%s%s@%d  %s", line, clean(string(e.Stream)), e.Version, name))
	t.places = append(t.places, place{stream: string(e.Stream), version: e.Version, ok: true})
	for _, one := range c.Caused {
		t.causes(pr, one, depth+1)
	}
}

// byType lists the types of the timeline. Enter lists only the events of one.
func (s *streamScreen) byType(m *Model) tea.Cmd {
	if s.types != nil {
		s.types = nil
		m.say("all events are listed")
		return s.list(m, s.version())
	}
	if s.outline == nil {
		m.say("the events are still being counted")
		return nil
	}
	var names []string
	for name := range s.outline.types {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(s.outline.types[b], s.outline.types[a]), cmp.Compare(a, b))
	})
	p := &panel{title: "types: Enter lists only the events of one"}
	for _, name := range names {
		p.lines = append(p.lines, padLeft(number(s.outline.types[name]), 9)+"  "+clean(name))
	}
	if s.outline.others > 0 {
		p.lines = append(p.lines, padLeft(number(s.outline.others), 9)+"  of other types")
	}
	p.enter = func(i int) tea.Cmd {
		if i >= len(names) {
			return nil
		}
		s.panel, s.types = nil, []string{names[i]}
		m.say("f lists all events again")
		return s.list(m, s.version())
	}
	p.command = m.command("info", nil)
	s.panel = p
	return nil
}
