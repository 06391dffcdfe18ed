package browse

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/state"
	"asof/replay/workspace"
)

// maxRest bounds the later events that a simulation lists.
const maxRest = 500

// askWhatif asks how the current event is to be changed.
func (s *streamScreen) askWhatif(m *Model) tea.Cmd {
	r := s.row()
	if r == nil {
		m.say("no event is chosen")
		return nil
	}
	v := r.version
	m.askFor(&prompt{
		label: fmt.Sprintf("what if event %s", number(int64(v))), about: "drop · /data/qty=1 · swap 13  (Enter: drop)",
		enter: func(text string) tea.Cmd { return s.whatif(m, v, text) },
	})
	return nil
}

// whatif shows how the state would differ, at the current event and after each step, and
// below it the rest of the timeline: what each later event would change instead.
func (s *streamScreen) whatif(m *Model, v replay.Version, typed string) tea.Cmd {
	kind, arg := whatif.Drop, fmt.Sprint(v)
	switch typed = strings.TrimSpace(typed); {
	case typed == "" || typed == "drop":
	case strings.HasPrefix(typed, "swap "):
		kind, arg = whatif.Swap, fmt.Sprintf("%d:%s", v, strings.TrimSpace(typed[len("swap "):]))
	case !strings.HasPrefix(strings.TrimPrefix(typed, "set "), "/") || !strings.Contains(typed, "="):
		m.fail(workspace.Usagef("write drop, PATH=JSON such as /data/qty=1, or swap VERSION; ↑ recalls the line", "%q changes nothing", typed))
		return nil
	default:
		kind, arg = whatif.Set, fmt.Sprintf("%d:%s", v, strings.TrimPrefix(typed, "set "))
	}
	e, err := ask.ParseEdit(kind, arg)
	if err != nil {
		m.fail(err)
		return nil
	}
	e.Text = "--" + string(kind) + " " + arg
	p := &panel{title: "what if: " + clean(string(kind)+" "+arg) + " · ← → show it at other events", live: true}
	return s.askPanel(m, p, func() finding {
		here := s.version()
		p.command = m.command("whatif", []string{s.o.point(here)}, "--"+string(kind), arg)
		q := ask.Whatif{Timeline: s.timeline(m, at(here)), Edits: []ask.Edit{e}}
		whole := ask.Whatif{Timeline: s.timeline(m, at(s.o.last)), Edits: q.Edits}
		rest := p.rest
		return func(ctx context.Context, store *workspace.Store, pr printing) (t text, err error) {
			r, err := q.Of(ctx, store)
			if err != nil {
				return t, err
			}
			if t, err = pr.print(func(p *render.Printer) error { p.Imagined(r); return nil }); err != nil {
				return t, err
			}
			if rest == nil {
				if rest, err = whole.Rest(ctx, store, maxRest); err != nil {
					return t, err
				}
			}
			t.rest = rest
			t.future(pr, rest, here)
			return t, nil
		}
	})
}

// future lists the later events, with what they would change instead.
func (t *text) future(pr printing, f *whatif.Future, here replay.Version) {
	pen := pen{pr.color}
	other := 0
	for i := range f.Steps {
		if !f.Steps[i].Same() {
			other++
		}
	}
	t.lines = append(t.lines, pen.paint(strong, fmt.Sprintf("From there on, %s of %s would change the state otherwise:",
		number(other), counted(len(f.Steps), "event", "events"))))
	for i := range f.Steps {
		step := &f.Steps[i]
		sign := "  "
		if step.At.Version() == here {
			sign = "▸ "
			t.first = len(t.lines)
		}
		t.row(pr, step.At, step.Event, "")
		line := &t.lines[len(t.lines)-1]
		*line = sign + strings.TrimPrefix(*line, "  ")
		if step.Same() {
			*line = pen.paint(dim, strings.ReplaceAll(strings.ReplaceAll(*line, string(dim), ""), reset, ""))
			continue
		}
		for _, what := range otherwise(step, pr.w/3) {
			t.lines = append(t.lines, "             "+what)
			t.places = append(t.places, place{version: step.At.Version(), ok: true})
		}
	}
	switch {
	case f.Err != nil:
		t.lines = append(t.lines, pen.paint(yellow, "then one of the histories can't be folded: "+clean(f.Err.Error())))
	case f.More:
		t.lines = append(t.lines, pen.paint(dim, "later events are not listed"))
	}
}

// maxOtherwise is how many paths of one event a simulation lists.
const maxOtherwise = 4

// otherwise says what an event would change instead of what it changed.
func otherwise(step *whatif.Step, w int) (lines []string) {
	switch {
	case step.Would == nil:
		return []string{"would not have happened"}
	case step.Was == nil:
		return []string{"did not happen"}
	}
	was, would := byName(step.Was.Changes), byName(step.Would.Changes)
	more := 0
	add := func(line string) {
		if more++; more <= maxOtherwise {
			lines = append(lines, line)
		}
	}
	for _, c := range step.Was.Changes {
		d, both := would[c.Name()]
		switch {
		case !both:
			add(pathText(c.Name()) + "  " + outcomeText(c, w) + ", would not change")
		case c.Op != d.Op || !state.Equal(c.To, d.To) || !state.Equal(c.From, d.From):
			add(pathText(c.Name()) + "  " + outcomeText(c, w) + ", would be " + outcomeText(d, w))
		}
	}
	for _, d := range step.Would.Changes {
		if _, both := was[d.Name()]; !both {
			add(pathText(d.Name()) + "  did not change, would be " + outcomeText(d, w))
		}
	}
	if more > maxOtherwise {
		lines = append(lines, fmt.Sprintf("and %s", counted(more-maxOtherwise, "more path", "more paths")))
	}
	return lines
}

func byName(changes []state.Change) map[string]state.Change {
	all := map[string]state.Change{}
	for _, c := range changes {
		all[c.Name()] = c
	}
	return all
}

// outcomeText is a change of a value, on one line.
func outcomeText(c state.Change, w int) string {
	return replacedText(c.From, c.To, w/2)
}
