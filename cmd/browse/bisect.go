package browse

import (
	"context"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// A verdict says which events of a bisection are good and bad, as far as they were tested.
type verdict struct {
	flips []flip // the first test, and each that came out otherwise than the one before
	to    replay.Version
	more  bool // flips were left out after the last one
}

type flip struct {
	version replay.Version
	bad     bool
}

// maxFlips bounds the flips of a verdict.
const maxFlips = 10_000

// at reports whether the state after an event is bad.
func (v *verdict) at(version replay.Version) (bad, known bool) {
	if version > v.to {
		return false, false
	}
	i, found := slices.BinarySearchFunc(v.flips, version, func(f flip, at replay.Version) int { return compare(f.version, at) })
	if !found {
		i--
	}
	if i < 0 {
		return false, false
	}
	return v.flips[i].bad, true
}

// add adds the test of a later state.
func (v *verdict) add(version replay.Version, bad bool) {
	switch last := len(v.flips) - 1; {
	case v.more:
		return
	case last >= 0 && v.flips[last].bad == bad:
	case len(v.flips) == maxFlips:
		v.more = true
		return
	default:
		v.flips = append(v.flips, flip{version, bad})
	}
	v.to = version
}

// says is where the search is.
func (v *verdict) says() string {
	text := "tested up to " + number(int64(v.to))
	if i := slices.IndexFunc(v.flips, func(f flip) bool { return f.bad }); i >= 0 {
		return text + ": bad at " + number(int64(v.flips[i].version))
	}
	return text + ": good so far"
}

// A trial is a bisection that runs. It is safe for concurrent use.
type trial struct {
	mu    sync.Mutex
	v     verdict
	ended bool
}

func (t *trial) tested(v replay.Version, bad bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.v.add(v, bad)
}

// begin forgets the tests of an earlier attempt: a question is asked again if the store
// moves under it.
func (t *trial) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.v = verdict{}
}

func (t *trial) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

// now is what is known by now.
func (t *trial) now() (v *verdict, ended bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &verdict{flips: slices.Clone(t.v.flips), to: t.v.to, more: t.v.more}, t.ended
}

// bisect finds the first event that made the state bad. The list shows good and bad events
// while it is looked for.
func (s *streamScreen) bisect(m *Model, expr string) tea.Cmd {
	p := &panel{title: "the first bad event", command: m.command("bisect", []string{s.o.stream}, "--bad", expr)}
	s.verdict = nil
	t := &trial{}
	q := ask.Bisect{
		Bisection: ask.Bisection{Timeline: s.timeline(m, upTo(s.o.last))}, Condition: ask.Condition{Bad: expr}, Tested: t.tested,
	}
	question := s.askPanel(m, p, once(func(ctx context.Context, store *workspace.Store, pr printing) (answer text, err error) {
		t.begin()
		defer t.end()
		r, err := q.Of(ctx, store)
		if err != nil {
			return answer, err
		}
		answer, err = pr.print(func(p *render.Printer) error { p.Bisected(r, render.BisectOptions{}); return nil })
		if r.Culprit != nil {
			answer.enter = func(int) tea.Cmd {
				s.panel = nil
				return s.goTo(m, r.After.Version())
			}
		}
		answer.verdict, _ = t.now()
		return answer, err
	}))
	return tea.Batch(question, s.narrow(m, t))
}

// narrow shows what a bisection knows by now, until it ends.
func (s *streamScreen) narrow(m *Model, t *trial) tea.Cmd {
	pause := m.pause
	return m.ask(&s.narrowing, func(ctx context.Context) (noted, func() tea.Cmd, error) {
		select {
		case <-ctx.Done():
			return noted{}, nil, ctx.Err()
		case <-time.After(pause):
		}
		v, ended := t.now()
		return noted{}, func() tea.Cmd {
			if ended || !s.asking.busy {
				return nil
			}
			s.verdict = v
			m.say(v.says())
			return s.narrow(m, t)
		}, nil
	})
}
