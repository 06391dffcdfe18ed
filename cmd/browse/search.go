package browse

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	tea "charm.land/bubbletea/v2"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// maxFinds bounds the events that a search lists, of each kind.
const maxFinds = 1000

// finds are the events that a search found, in order.
type finds struct {
	text     string
	versions []replay.Version
}

// A hit is an event that a search found.
type hit struct {
	moment  replay.Moment
	event   *replay.Event
	payload bool
	state   bool
}

// search lists the events whose type or payload has a text, and those that brought it into
// the state or took it out.
func (s *streamScreen) search(m *Model, typed string) tea.Cmd {
	last := s.o.last
	in := ask.Log{Timeline: s.timeline(m, upTo(last)), Entries: ask.Entries{Grep: regexp.QuoteMeta(typed), Page: ask.Page{Limit: maxFinds}}}
	of := ask.Log{Timeline: s.timeline(m, upTo(last)), Entries: ask.Entries{Value: typed, Page: ask.Page{Limit: maxFinds}}}
	p := &panel{title: "search for " + clean(typed), command: m.command("log", []string{s.o.stream}, "--grep", regexp.QuoteMeta(typed))}
	here := s.version()
	return s.askPanel(m, p, once(func(ctx context.Context, store *workspace.Store, pr printing) (t text, err error) {
		hits := map[replay.Version]*hit{}
		if err := collect(ctx, store, in, hits, func(h *hit) { h.payload = true }); err != nil {
			return t, err
		}
		if err := collect(ctx, store, of, hits, func(h *hit) { h.state = true }); err != nil {
			return t, err
		}
		f := &finds{text: typed}
		for v := range hits {
			f.versions = append(f.versions, v)
		}
		slices.Sort(f.versions)
		for _, v := range f.versions {
			h := hits[v]
			where := "in the payload"
			if h.state {
				where = cmp.Or(map[bool]string{true: "in the payload and the state"}[h.payload], "in the state")
			}
			if v <= here {
				t.first = len(t.lines)
			}
			t.row(pr, h.moment, h.event, pen{pr.color}.paint(dim, where))
		}
		switch {
		case len(f.versions) == 0:
			t.lines = []string{"in no payload and no state"}
		case len(f.versions) >= maxFinds:
			t.lines = append(t.lines, "… the first "+number(maxFinds)+" of each kind; there may be more")
		}
		t.finds = f
		return t, nil
	}))
}

// collect lists events, and marks them.
func collect(ctx context.Context, store *workspace.Store, q ask.Log, hits map[replay.Version]*hit, mark func(*hit)) error {
	for e, err := range q.Of(ctx, store) {
		if err != nil {
			return err
		}
		v := e.Moment.Version()
		if hits[v] == nil {
			bare := *e.Event
			bare.Data, bare.Meta.Raw = nil, nil
			hits[v] = &hit{moment: e.Moment, event: bare.Clone()}
		}
		mark(hits[v])
	}
	return nil
}

// nextFind moves to the next or previous event that the last search found.
func (s *streamScreen) nextFind(m *Model, by int) tea.Cmd {
	if s.find == nil || len(s.find.versions) == 0 {
		m.say("no search yet; / starts one")
		return nil
	}
	i, here := slices.BinarySearch(s.find.versions, s.version())
	switch {
	case by < 0:
		i--
	case here:
		i++
	}
	if i < 0 || i >= len(s.find.versions) {
		m.say(fmt.Sprintf("no %s event has %s", map[bool]string{true: "earlier", false: "later"}[by < 0], clean(s.find.text)))
		return nil
	}
	m.say(fmt.Sprintf("%s of %s with %s", number(i+1), number(len(s.find.versions)), clean(s.find.text)))
	s.panel, s.types = nil, nil
	return s.goTo(m, s.find.versions[i])
}
