package render

import (
	"asof/inspect/bisect"
	"asof/replay"
)

// BisectOptions controls how the result of a bisection is printed.
type BisectOptions struct {
	Old, New string     // terms for good and bad; empty: good and bad
	Next     [][]string // suggested commands, as arguments
}

func (o BisectOptions) terms() (good, bad safe) {
	good, bad = "good", "bad"
	if o.Old != "" {
		good = clean(o.Old)
	}
	if o.New != "" {
		bad = clean(o.New)
	}
	return good, bad
}

// Bisected prints the first bad event.
func (p *Printer) Bisected(b *bisect.Result, o BisectOptions) {
	v := bisectView{p: p, b: b, o: o}
	v.good, v.bad = o.terms()
	switch b.Verdict {
	case bisect.Found:
		v.found()
	case bisect.NeverBad:
		v.neverBad()
	case bisect.AlwaysBad:
		v.alwaysBad()
	case bisect.Inconclusive:
		v.inconclusive()
	}
	p.Next(o.Next)
}

// Next prints suggested commands.
func (p *Printer) Next(commands [][]string) {
	for i, c := range commands {
		if i == 0 {
			p.dim("next:")
		}
		p.pad(6)
		p.text(clean(CommandLine(c)))
		p.newline()
	}
}

type bisectView struct {
	p         *Printer
	b         *bisect.Result
	o         BisectOptions
	good, bad safe
}

func (v *bisectView) line(s safe) {
	v.p.text("  " + s)
	v.p.endText()
}

func (v *bisectView) found() {
	p, e := v.p, v.b.Culprit
	p.put(p.st.strong, pointName(v.b.After)+" "+clean(e.Type)+" is the first "+v.bad+" event")
	p.text(": " + clean(v.b.Predicate))
	p.endText()
	p.byline(e, v.b.After.Stream)
	v.line("what it changed:")
	p.patch(v.b.Changes, patchMost)
	p.cause(v.b.Cause)
	v.span()
	v.turns()
	v.steadiness()
	v.without()
}

// byline prints who recorded an event, when and under which id.
func (p *Printer) byline(e *replay.Event, timeline string) {
	var s safe
	add := func(part safe) {
		if part == "" {
			return
		}
		if s != "" {
			s += " · "
		}
		s += part
	}
	if string(e.Stream) != timeline {
		add(pointName(e.Moment()))
	}
	if e.Meta.Actor != "" {
		add("by " + clean(e.Meta.Actor))
	}
	if t := p.time(e.Time); t != "" {
		add("at " + t)
	}
	if e.ID != "" {
		add("id " + clean(e.ID))
	}
	if s == "" {
		return
	}
	p.text("  ")
	if p.o.Width > 0 {
		s = cut(s, max(p.o.Width-2, leastCols)) // a typed id may be a prefix
	}
	p.dim(s)
	p.endText()
}

// end returns the end of the range as text.
func (v *bisectView) end() safe {
	n := shortPoint(v.b.To)
	if v.b.ToHead {
		return "the head (" + n + ")"
	}
	return n
}

// shortPoint returns the version of a moment, for text that already names the stream.
func shortPoint(m replay.Moment) safe {
	if m.IsStart() {
		return "the start"
	}
	return integer(m.Version())
}

func (v *bisectView) span() {
	s := v.good + " at " + shortPoint(v.b.Before) + ", " + v.bad
	switch at := v.b.After.Version(); {
	case !v.b.Exact:
		s += " at " + integer(at) + "; " + count(v.b.Tests, "test", "tests") + " up to " + v.end()
	case v.b.Recovered != nil:
		s += " from " + integer(at) + " until " + shortPoint(*v.b.Recovered) + " " + clean(v.b.Recovered.EventType)
	case v.b.To.Version() == at:
		s += " at " + v.end()
	default:
		s += " from " + integer(at) + " to " + v.end()
	}
	v.line(s)
}

// turns lists the changes between good and bad, if there are several.
func (v *bisectView) turns() {
	const listed = 8
	if v.b.FlipCount < 2 {
		return
	}
	s := "it changed " + count(v.b.FlipCount, "time", "times") + ":"
	for i, f := range v.b.Flips {
		if i == listed {
			s += " …"
			break
		}
		word := v.good
		if f.Bad {
			word = v.bad
		}
		s += " " + word + " at " + integer(f.Version)
		if i < len(v.b.Flips)-1 && i < listed-1 {
			s += ","
		}
	}
	now := v.good
	if v.b.ToBad {
		now = v.bad
	}
	v.line(s + "; " + now + " at " + v.end())
}

func (v *bisectView) steadiness() {
	if v.b.Unsteady {
		v.line("but the state does not stay " + v.bad + ": there may be other such events, and an expression (--bad) finds them all")
	}
}

func (v *bisectView) without() {
	w := v.b.Without
	if w == nil {
		return
	}
	p := v.p
	p.text("  ")
	p.dim("simulated without it:")
	switch {
	case w.Err != nil:
		p.text(" cannot be tested: " + clean(w.Err.Error()))
	case w.FirstBad == nil:
		p.text(" " + v.good + " up to " + v.end())
	case w.ToBad:
		p.text(" still " + v.bad + " at " + v.end() + ",")
		p.endText()
		p.text("    first at " + shortPoint(*w.FirstBad) + " " + clean(w.FirstBad.EventType) + ": it is not the only cause")
	default:
		p.text(" " + v.bad + " first at " + shortPoint(*w.FirstBad) + " " + clean(w.FirstBad.EventType) + ", " + v.good + " at " + v.end())
	}
	p.endText()
}

func (v *bisectView) neverBad() {
	p, b := v.p, v.b
	if b.Exact {
		p.put(p.st.strong, clean(b.Stream)+" is never "+v.bad)
	} else {
		p.put(p.st.strong, clean(b.Stream)+" is "+v.good+" at "+v.end())
	}
	p.text(": " + clean(b.Predicate))
	p.endText()
	tested := count(b.Tests, "state", "states") + " tested, from " + shortPoint(b.From) + " to " + v.end()
	if !b.Exact {
		tested += "; states in between may still be " + v.bad + ": give a range that ends in a " + v.bad + " one"
	}
	v.line(tested)
}

func (v *bisectView) alwaysBad() {
	p, b := v.p, v.b
	first := shortPoint(b.From)
	if b.From.IsStart() && b.FromBad == nil {
		first = "its first event"
	}
	p.put(p.st.strong, clean(b.Stream)+" is "+v.bad+" from "+first+" on")
	p.text(": " + clean(b.Predicate))
	p.endText()
	v.line("no event of the range turned a " + v.good + " state into a " + v.bad + " one")
	if len(b.Changes) > 0 {
		v.line("the difference:")
		p.patch(b.Changes, patchMost)
	}
	if b.FlipCount == 1 && len(b.Flips) == 1 {
		v.line(v.good + " since " + integer(b.Flips[0].Version))
	}
	v.turns()
}

func (v *bisectView) inconclusive() {
	p, b := v.p, v.b
	switch {
	case b.CandidateCount == 1:
		p.put(p.st.strong, "it may be one event")
	case b.CandidateCount > 1:
		p.put(p.st.strong, "one of "+count(b.CandidateCount, "event", "events")+" is the first "+v.bad+" one")
	case b.Exact:
		p.put(p.st.strong, "not known whether "+clean(b.Stream)+" is ever "+v.bad)
	default:
		p.put(p.st.strong, "no answer")
	}
	p.text(": " + clean(b.Predicate))
	p.endText()
	if b.Exact {
		v.line("every state that could be folded is " + v.good + ", but " + count(b.Account.Unread, "payload", "payloads") + " could not be read")
		return
	}
	if b.CandidateCount == 0 {
		v.line("no state was found " + v.bad + ": the deciding states were skipped or not tested yet")
		return
	}
	v.line("the deciding states were skipped or not tested yet")
	const most = 20
	for i, e := range b.Candidates {
		if i == most {
			v.line("… " + count(b.CandidateCount-most, "more event", "more events"))
			break
		}
		v.line(pointName(e.Moment()) + spaced(p.time(e.Time)) + spaced(clean(e.Type)) + spaced(clean(e.Meta.Actor)))
	}
	v.line(count(b.Tests, "test", "tests") + " from " + shortPoint(b.From) + " to " + v.end())
}
