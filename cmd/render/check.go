package render

import (
	"errors"
	"fmt"
	"slices"

	"asof/inspect/check"
	"asof/inspect/contrast"
	"asof/replay"
)

// CheckOptions controls how the result of a check is printed.
type CheckOptions struct {
	Next  [][]string       // suggested commands, as arguments
	Since *replay.Position // report only what became bad after it

	AllowEmpty bool // accept an invariant that applies to no stream

	Part *check.Result // with the findings to list, if they are a page

	Explained []*contrast.Explained // by invariant; nil: nobody asked

	lost []string // see [check.Result]
}

// explained returns what the bad streams of an invariant share; nil: nobody asked, or there
// are none.
func (o CheckOptions) explained(i int) *contrast.Explained {
	if o.Explained == nil {
		return nil
	}
	return o.Explained[i]
}

// lists returns the findings of an invariant to list.
func (o CheckOptions) lists(c *check.Result, i int) findingLists {
	if o.Part != nil {
		return findingLists{&o.Part.Invariants[i], true}
	}
	return findingLists{&c.Invariants[i], false}
}

// findingLists are the findings of an invariant to list. A page is listed whole.
type findingLists struct {
	*check.InvariantResult
	page bool
}

// shown returns how many of n findings of a kind are listed.
func (l findingLists) shown(n int) int {
	if l.page {
		return n
	}
	return min(n, violationsMost)
}

const (
	violationsMost = 50 // maximum listed for one invariant
	groupsMost     = 20 // maximum groups of first bad events listed
)

// Checked prints the streams that violate invariants.
func (p *Printer) Checked(c *check.Result, o CheckOptions) {
	f := c.Findings()
	o.lost = c.Lost
	if o.AllowEmpty {
		f.Empty = 0
	}
	folded := count(c.Streams, "stream", "streams") + ", " + count(c.Events, "event", "events")
	if !c.Shard.IsAll() {
		folded += safe(" of shard " + c.Shard.String())
	}
	switch {
	case c.Streams == 0:
		p.put(p.st.strong, "nothing was checked")
		p.text(": no invariant applies to a stream")
		if o.Since != nil {
			p.text(" with events after position " + integer(*o.Since))
		} else if c.Untaken > 0 {
			p.text("; the store has " + count(c.Untaken, "stream", "streams"))
		}
	case f.Any() && f == (check.Findings{Lost: f.Lost}):
		p.put(p.st.strong, "not known")
		p.text(" in " + folded)
	case f.Any():
		p.put(p.st.strong, findings(f))
		p.text(" in " + folded)
	case o.Since != nil:
		p.put(p.st.strong, "nothing became bad after position "+integer(*o.Since))
		p.text(" in " + folded)
	default:
		p.put(p.st.strong, "every invariant holds")
		p.text(" in " + folded)
	}
	p.text(lost(c))
	p.endText()
	if !c.At.IsStart() {
		p.dim("  as of position " + integer(c.At.Version()) + spaced(p.time(c.At.Time)))
		p.endText()
	}
	p.withoutInvariant(c)
	for i := range c.Invariants {
		p.invariant(&c.Invariants[i], o.lists(c, i), o)
		p.explained(o.explained(i))
	}
	p.Next(o.Next)
}

// BisectedAll prints the first bad events of all streams. The result is a check of one
// invariant.
func (p *Printer) BisectedAll(c *check.Result, o CheckOptions) {
	inv := &c.Invariants[0]
	f := c.Findings()
	switch {
	case f.Violations > 0:
		p.put(p.st.strong, count(int64(f.Violations), "stream", "streams")+" became bad")
	case f.Errors > 0:
		p.put(p.st.strong, "not known: "+count(int64(f.Errors), "stream", "streams")+" could not be folded or tested to the end")
	case f.Unknown > 0:
		p.put(p.st.strong, "not known: "+count(int64(f.Unknown), "stream has", "streams have")+" unreadable payloads")
	case f.Lost > 0:
		p.put(p.st.strong, "not known")
	case inv.Streams == 0:
		p.put(p.st.strong, "nothing was tested")
	default:
		p.put(p.st.strong, "no stream is ever bad")
	}
	p.text(": " + clean(inv.Text))
	p.endText()
	p.text("  of " + count(c.Streams, "stream", "streams") + ", " + count(c.Events, "event", "events") + lost(c) + otherStreams(c.Untaken))
	p.dim(p.inZone(slices.ContainsFunc(inv.Violations, func(v check.Violation) bool { return !v.Culprit.Time.IsZero() })))
	p.endText()
	l := o.lists(c, 0)
	p.streamErrors(len(inv.Errors), l)
	p.unknown(len(inv.Unknown), l)
	p.violations(l)
	p.groups(inv.Violations)
	p.explained(o.explained(0))
	p.Next(o.Next)
}

// findings counts the problems that a check found, the worst first.
func findings(f check.Findings) safe {
	var parts []safe
	if f.Violations > 0 {
		parts = append(parts, count(int64(f.Violations), "violation", "violations"))
	}
	if f.Errors > 0 {
		parts = append(parts, count(int64(f.Errors), "error", "errors"))
	}
	if f.Unknown > 0 {
		parts = append(parts, count(int64(f.Unknown), "stream not known", "streams not known"))
	}
	if f.Empty > 0 {
		parts = append(parts, count(int64(f.Empty), "invariant that applies to no stream", "invariants that apply to no stream"))
	}
	s := parts[0]
	for i, part := range parts[1:] {
		if i == len(parts)-2 {
			s += " and " + part
		} else {
			s += ", " + part
		}
	}
	return s
}

func (p *Printer) invariant(inv *check.InvariantResult, l findingLists, o CheckOptions) {
	m, verb := p.st.plus(), safe("holds in ")
	switch n := len(inv.Violations); {
	case n > 0:
		m, verb = p.st.minus(), "violated in "+number(int64(n))+" of "
	case len(inv.Errors) > 0:
		m, verb = p.st.minus(), "no violation found in "
	case len(inv.Unknown) > 0:
		m, verb = p.st.unknown(), "not known in "+number(int64(len(inv.Unknown)))+" of "
	case len(o.lost) > 0 && inv.Streams > 0:
		m, verb = p.st.unknown(), "not known, no violation found in "
	case inv.Streams == 0:
		m, verb = p.st.unknown(), "tested in "
	case o.Since != nil:
		verb = "nothing became bad after position " + integer(*o.Since) + " in "
	}
	p.endText()
	p.put(m.paint, m.sign)
	p.text(" ")
	p.put(p.st.strong, clean(inv.Name))
	if inv.Name != inv.Text {
		p.dim("  bad if " + clean(inv.Text))
	}
	p.endText()
	if inv.Streams == 0 && !o.AllowEmpty {
		p.text("  " + noStream(inv))
	} else {
		p.text("  " + verb + count(inv.Streams, "stream", "streams"))
		if inv.Projection != "" {
			p.dim(" of projection " + clean(inv.Projection))
		}
	}
	p.endText()
	p.streamErrors(len(inv.Errors), l)
	p.unknown(len(inv.Unknown), l)
	p.violations(l)
	p.groups(inv.Violations)
}

// noStream returns the text that an invariant applies to no stream, with its projection.
func noStream(inv *check.InvariantResult) safe {
	s := safe("no stream was tested: ")
	if inv.Projection == "" {
		return s + "the store has none"
	}
	s += "none belongs to projection " + clean(inv.Projection)
	if inv.For != "" {
		s += ", which is for " + clean(inv.For)
	}
	return s
}

// unknown lists the streams with unreadable payloads.
func (p *Printer) unknown(total int, l findingLists) {
	us := l.Unknown
	p.failedStreams("not known in "+count(int64(total), "stream", "streams")+" with unreadable payloads:",
		total, len(us), l, func(i int) (replay.StreamID, safe) { return us[i].Stream, unknownText(us[i]) })
}

// streamErrors lists the streams that could not be folded or judged completely. Those that
// failed for the same reason are listed together, with the expression that was meant.
func (p *Printer) streamErrors(total int, l findingLists) {
	errs := l.Errors
	alike := map[string][]check.StreamError{}
	var reasons []string
	for _, e := range errs {
		reason := e.Err.Error()
		var failed *replay.FoldError
		if errors.As(e.Err, &failed) {
			reason = failed.By + " failed: " + failed.Err.Error()
		}
		if alike[reason] == nil {
			reasons = append(reasons, reason)
		}
		alike[reason] = append(alike[reason], e)
	}
	if l.page || len(reasons) == len(errs) {
		p.failedStreams(count(int64(total), "stream", "streams")+" could not be checked to the end:",
			total, len(errs), l, func(i int) (replay.StreamID, safe) { return errs[i].Stream, clean(errs[i].Err.Error()) })
		return
	}
	for _, reason := range reasons {
		p.sameError(reason, alike[reason])
	}
}

// streamsShown bounds the streams that are named of those with the same error.
const streamsShown = 3

// sameError lists streams with the same error, the first ones by name.
func (p *Printer) sameError(reason string, errs []check.StreamError) {
	p.text("  " + count(int64(len(errs)), "stream", "streams") + " could not be checked to the end:")
	p.endText()
	p.pad(4)
	p.put(p.st.failed, clean(reason))
	p.endText()
	var first *replay.FoldError
	if errors.As(errs[0].Err, &first) && len(first.Next.Near) > 0 {
		p.text("    did you mean " + clean(first.Next.Near[0]) + "?")
		p.endText()
	}
	for i, e := range errs {
		p.pad(4)
		if i == streamsShown {
			p.dim("… " + number(int64(len(errs)-i)) + " more; --json lists all")
			p.endText()
			break
		}
		at := clean(string(e.Stream))
		var failed *replay.FoldError
		if errors.As(e.Err, &failed) && !failed.At.IsStart() {
			at = clean(failed.At.Label())
		}
		p.text(at)
		p.endText()
	}
}

// failedStreams lists n of the total of streams under a heading, each with the reason.
func (p *Printer) failedStreams(heading safe, total, n int, l findingLists, at func(i int) (replay.StreamID, safe)) {
	if total == 0 {
		return
	}
	p.text("  " + heading)
	p.endText()
	for i := range n {
		p.pad(4)
		if i == l.shown(n) {
			p.dim("… " + number(int64(n-i)) + " more; --json lists all")
			p.endText()
			break
		}
		stream, reason := at(i)
		p.text(clean(string(stream)) + "  ")
		p.put(p.st.failed, reason)
		p.endText()
	}
}

// unknownText describes the unreadable payloads of a stream.
func unknownText(u check.Unknown) safe {
	s := count(u.Unread, "payload", "payloads") + " cannot be read"
	if u.First != nil {
		s += ", the first at " + pointName(u.First.At) + ": " + clean(u.First.Reason)
	}
	return s
}

func (p *Printer) violations(l findingLists) {
	vs := l.Violations
	t := table{p: p, indent: 4, lookahead: violationsMost, fitLast: true, keepLast: true, cols: []column{{}, {most: 28}, {}, {most: 20}, {}}}
	unsought := 0
	for i, v := range vs {
		if i == l.shown(len(vs)) {
			break
		}
		e := v.Culprit
		t.add(row{cells: []cell{
			{{p.st.strong, pointName(e.Moment())}},
			{{paint{}, clean(e.Type)}},
			{{p.st.dim, p.clock(e.Time)}},
			{{paint{}, clean(e.Meta.Actor)}},
			{{paint{}, recovery(v)}},
		}, below: func() { p.causeBelow(v.Cause) }})
		if !v.Sought {
			unsought++
		}
	}
	t.end()
	if n := len(vs) - l.shown(len(vs)); n > 0 {
		p.pad(4)
		p.dim("… " + number(int64(n)) + " more; --json lists all")
		p.endText()
	}
	if unsought > 0 {
		p.pad(4)
		p.dim(count(int64(unsought), "cause was", "causes were") + " not looked for; bisect a stream for its cause")
		p.endTextAt(6)
	}
}

// recovery returns text that says whether the stream recovered from a violation.
func recovery(v check.Violation) safe {
	s := safe("still bad")
	if v.Recovered && v.RecoveredAt != nil {
		s = "recovered at " + integer(v.RecoveredAt.Version())
	}
	if v.Turns > 1 {
		s += ", became bad " + number(v.Turns) + " times"
	}
	if v.FromStart {
		s += ", from its first event on"
	}
	return s
}

// groups counts the first bad events, if there are several.
func (p *Printer) groups(vs []check.Violation) {
	if len(vs) < 2 {
		return
	}
	p.text("  ")
	p.dim("first bad events by type and day:")
	p.endText()
	t := table{p: p, indent: 4, lookahead: groupsMost, cols: []column{{right: true}, {most: 40}, {}, {}}}
	gs := check.Groups(vs, p.o.Zone)
	for i, g := range gs {
		if i == groupsMost {
			break
		}
		cells := []cell{{{paint{}, number(int64(g.Count))}}, {{paint{}, clean(g.Type)}}, nil, {{p.st.dim, safe(g.Day)}}}
		if g.Revision != 0 {
			cells[2] = cell{{p.st.dim, "revision " + integer(int64(g.Revision))}}
		}
		t.add(row{cells: cells})
	}
	t.end()
	if n := len(gs) - groupsMost; n > 0 {
		p.pad(4)
		p.dim("… " + count(int64(n), "more group", "more groups"))
		p.endText()
	}
}

// violationText returns a violation as one sentence.
func violationText(v check.Violation) string {
	s := fmt.Sprintf("%s %s is the first bad event; %s", pointName(v.Culprit.Moment()), clean(v.Culprit.Type), recovery(v))
	if c := v.Cause; c != nil && c.Input != nil {
		s += "\ncause: " + string(new(Printer).inputText(c, c.Input))
	}
	return s
}
