package render

import (
	"slices"

	"asof/inspect/check"
	"asof/inspect/mine"
	"asof/replay/state"
)

// Mined prints the invariants that a history suggests.
func (p *Printer) Mined(r *mine.Result, next [][]string) {
	if len(r.Targets) == 0 {
		p.put(p.st.strong, "nothing was mined")
		p.text(": the store has no streams")
		p.endText()
	}
	zone := p.inZone(hasTimes(r))
	for i := range r.Targets {
		if i > 0 {
			p.newline()
		}
		p.minedTarget(&r.Targets[i], zone)
		zone = ""
	}
	if r.Untaken > 0 {
		p.newline()
		p.text(count(r.Untaken, "stream is left out: no projection applies to it", "streams are left out: no projection applies to them"))
		p.endText()
	}
	p.Next(next)
}

// otherStreams says how many streams a check leaves out.
func otherStreams(n int64) safe {
	if n == 0 {
		return ""
	}
	return "; " + count(n, "other stream is left out", "other streams are left out")
}

// withoutInvariant counts the streams that a check of others left out.
func (p *Printer) withoutInvariant(c *check.Result) {
	if c.Streams > 0 && c.Untaken > 0 {
		p.dim("  " + count(c.Untaken, "other stream has no invariant", "other streams have no invariant"))
		p.endText()
	}
}

// hasTimes reports whether an event with a time is listed.
func hasTimes(r *mine.Result) bool {
	return slices.ContainsFunc(r.Targets, func(t mine.Target) bool {
		return slices.ContainsFunc(t.Rules, func(r mine.Rule) bool {
			return slices.ContainsFunc(r.Breaks, func(b mine.Break) bool { return !b.Event.Time.IsZero() })
		})
	})
}

// minedTarget prints the rules of a target, and the zone of the times if it is the first.
func (p *Printer) minedTarget(t *mine.Target, zone safe) {
	head := count(int64(len(t.Rules)), "rule holds", "rules hold")
	if len(t.Rules) == 0 {
		head = "no rule is sure to hold"
	}
	p.put(p.st.strong, head)
	p.text(" in " + count(t.Streams, "stream", "streams") + ", " + count(t.Events, "event", "events"))
	if t.Projection != "" {
		p.dim(" of projection " + clean(t.Projection))
	}
	p.endText()
	p.dim("  " + minedText(t) + zone)
	p.endTextAt(2)
	ready := 0
	for i := range t.Rules {
		p.minedRule(&t.Rules[i])
		if t.Rules[i].Good != "" && !t.Rules[i].Known {
			ready++
		}
	}
	if ready > 0 {
		p.invariantLines(t)
	}
}

// minedText says what was tried.
func minedText(t *mine.Target) safe {
	s := count(t.Tried, "rule tried", "rules tried") + "; luck is the chance that a rule which every tenth stream breaks would look as good"
	if t.More > 0 {
		s += "; " + count(int64(t.More), "more was not tested", "more were not tested")
	}
	if t.Failed > 0 {
		s += "; " + count(int64(t.Failed), "stream could not be folded or read to its end", "streams could not be folded or read to their end")
	}
	if t.Cut > 0 {
		s += "; " + count(t.Cut, "path or type is left out", "paths and types are left out")
	}
	return s
}

func (p *Printer) minedRule(r *mine.Rule) {
	m := p.st.plus()
	if r.Broken > 0 {
		m = p.st.minus()
	}
	p.put(m.paint, m.sign)
	p.text(" ")
	p.put(p.st.strong, clean(r.Name))
	if r.Known {
		p.dim("  as asof.toml says")
	}
	p.endText()
	s := "in " + count(r.Streams, "stream", "streams")
	if r.Broken > 0 {
		s = "in " + number(r.Streams-r.Broken) + " of " + count(r.Streams, "stream", "streams") + ", but not in:"
	}
	p.text("    " + s)
	p.dim("  luck " + chance(r.Luck))
	p.endText()
	t := table{p: p, indent: 6, lookahead: mine.MaxBreaks, fitLast: true, cols: []column{{}, {most: 28}, {}, {most: 20}, {}}}
	for i := range r.Breaks {
		b := &r.Breaks[i]
		t.add(row{cells: []cell{
			{{paint{}, pointName(b.Event.Moment())}},
			{{paint{}, clean(b.Event.Type)}},
			{{p.st.dim, p.clock(b.Event.Time)}},
			{{paint{}, clean(b.Event.Meta.Actor)}},
			{{paint{}, clean(b.Shows)}},
		}})
	}
	t.end()
	if n := r.Broken - int64(len(r.Breaks)); n > 0 && len(r.Breaks) > 0 {
		p.pad(6)
		p.dim("… " + number(n) + " more")
		p.endText()
	}
}

// invariantLines prints the rules that a check can test, as lines of asof.toml.
func (p *Printer) invariantLines(t *mine.Target) {
	p.dim("for asof.toml:")
	p.endText()
	line := func(name safe, value string) {
		p.text("  " + name + " = " + clean(string(state.AppendQuoted(nil, value))))
		p.newline()
	}
	projection := t.Projection
	if projection == "" {
		projection = "every stream"
		p.text("  [[projection]]")
		p.newline()
		line("name", projection)
		line("streams", "*")
		if t.Fold != "" {
			line("fold", t.Fold)
		} else {
			p.text(`  fold = "fold.js"  # with the fold in it, as a function (s, e)`)
			p.newline()
		}
	}
	for i := range t.Rules {
		r := &t.Rules[i]
		if r.Good == "" || r.Known {
			continue
		}
		p.text("  [[invariant]]")
		p.newline()
		line("name", r.Name)
		line("projection", projection)
		line("good", r.Good)
	}
}
