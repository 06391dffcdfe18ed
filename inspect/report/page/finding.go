package page

import (
	"cmp"
	"fmt"

	"asof/inspect/bisect"
	"asof/inspect/report"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/state"
)

// finding writes the answer to why the state is bad: the event, what it changed, where the
// value comes from, and what would be without the event.
func (w *writer) finding(f *report.Finding) {
	b := f.Bisect
	w.put("<section class=\"finding %s\"><h2>%s</h2>\n", b.Verdict, w.verdict(b))
	if f.Invariant != "" {
		w.put("<p>the invariant “%s”: <code>%s</code></p>\n", w.text(f.Invariant), w.text(b.Predicate))
	} else {
		w.put("<p><code>%s</code></p>\n", w.text(b.Predicate))
	}
	if b.Verdict == bisect.Found {
		w.culprit(b)
	} else {
		w.put("<p>%s</p>\n", w.tested(b))
	}
	w.why(f.Why)
	if len(f.Whatif) > 0 {
		w.put("<h3>Had it not happened (a simulation)</h3>\n")
	}
	for i := range f.Whatif {
		w.whatif(&f.Whatif[i], b)
	}
	for _, e := range f.Errors {
		w.put("<p class=\"unread\">%s</p>\n", w.text(e))
	}
	w.put("</section>\n")
	w.flush()
}

// verdict is the answer in one line.
func (w *writer) verdict(b *bisect.Result) string {
	switch b.Verdict {
	case bisect.Found:
		return w.link(b.After) + " " + w.text(b.Culprit.Type) + " is the first bad event"
	case bisect.AlwaysBad:
		if b.From.IsStart() && b.FromBad == nil {
			return "bad from the first event on"
		}
		return "bad from " + w.point(b.From) + " on"
	case bisect.Inconclusive:
		return "not known whether it is ever bad"
	case bisect.NeverBad:
	}
	return "never bad"
}

// point names a moment for a sentence.
func (w *writer) point(m replay.Moment) string {
	if m.IsStart() {
		return "the start"
	}
	return w.link(m)
}

func (w *writer) tested(b *bisect.Result) string {
	if b.Verdict == bisect.Inconclusive {
		return fmt.Sprintf("every state that could be folded is good, but %d payloads could not be read", b.Account.Unread)
	}
	return fmt.Sprintf("%s states tested, from %s to %s", grouped(b.Tests), w.point(b.From), w.point(b.To))
}

// culprit writes who recorded the event, what it changed, and how long the state was bad.
func (w *writer) culprit(b *bisect.Result) {
	e := b.Culprit
	by, at, id := "", "", ""
	if e.Meta.Actor != "" {
		by = "by " + w.text(e.Meta.Actor)
	}
	if t := w.time(e.Time); t != "" {
		at = "at " + t
	}
	if e.ID != "" {
		id = "id " + w.text(e.ID)
	}
	w.put("<p class=\"by\">%s</p>\n", words(by, at, id))
	w.changesOf(b.Changes)
	w.cause(b.Cause)
	w.put("<p>good at %s, bad from %s ", w.point(b.Before), w.point(b.After))
	if b.Recovered != nil {
		w.put("until %s %s", w.link(*b.Recovered), w.text(b.Recovered.EventType))
	} else {
		w.put("to %s", w.point(b.To))
	}
	if b.FlipCount > 1 {
		w.put("; it changed %s times", grouped(b.FlipCount))
	}
	w.put("</p>\n")
}

func (w *writer) changesOf(all []state.Change) {
	changes := make([]report.Change, len(all))
	for i, c := range all {
		changes[i] = report.Change{Change: c}
	}
	w.changes(changes)
	w.put("\n")
}

// cause names the event that may be the cause.
func (w *writer) cause(c *why.Cause) {
	if c == nil || c.Input == nil {
		return
	}
	in := c.Input
	w.put("<p class=\"cause\">The cause may be %s %s", w.link(in.By.Moment), w.text(in.By.Event.Type))
	if in.By.Event.Meta.Actor != "" {
		w.put(" by %s", w.text(in.By.Event.Meta.Actor))
	}
	w.put(": <b>%s</b> is %s since then; with its earlier value %s, <b>%s</b> would be %s.</p>\n",
		w.text(in.Name()), w.value(in.Value, mostValue), w.value(in.Earlier, mostValue),
		w.text(cmp.Or(c.Label, c.Path)), w.value(in.Would, mostValue))
}

// whatif writes the end of the range without an event.
func (w *writer) whatif(x *report.Whatif, b *bisect.Result) {
	w.put("<p>Without %s %s, ", w.link(x.Moment), w.text(x.Without.Type))
	if x.Moment.Version() == b.After.Version() && b.Without != nil {
		w.without(b)
	}
	if len(x.Result.Changes) == 0 {
		w.put("the state at %s would be the same.</p>\n", w.point(x.Result.At))
		return
	}
	w.put("the state at %s would differ:</p>\n", w.point(x.Result.At))
	w.changesOf(x.Result.Changes)
}

// without says whether the state would be bad without the first bad event.
func (w *writer) without(b *bisect.Result) {
	c := b.Without
	switch {
	case c.Err != nil:
		w.put("the condition cannot be tested (%s); ", w.text(c.Err.Error()))
	case c.FirstBad == nil:
		w.put("it would be good up to %s; ", w.point(b.To))
	case c.ToBad:
		w.put("it would still be bad at %s, first at %s %s: it is not the only cause; ", w.point(b.To), w.link(*c.FirstBad), w.text(c.FirstBad.EventType))
	default:
		w.put("it would be bad first at %s %s, and good at %s; ", w.link(*c.FirstBad), w.text(c.FirstBad.EventType), w.point(b.To))
	}
}

// why writes where a value comes from, as a tree.
func (w *writer) why(a *why.Answer) {
	if a == nil || a.Root == nil {
		return
	}
	w.put("<h3>Where %s comes from</h3>\n<ul class=\"why\"><li>", w.text(nameOf(a.Root.Heading())))
	w.made(a.Root.Heading(), a.Root.Value, a.Root)
	w.inputs(a.Root, map[*why.Node]bool{})
	w.put("</li></ul>\n")
}

// mostInputs is the most inputs of one value that are shown.
const mostInputs = 20

// inputs writes what the handler of a value's event read.
func (w *writer) inputs(n *why.Node, seen map[*why.Node]bool) {
	shown := n.Shown(false)
	if seen[n] || len(shown) == 0 && n.Unseen == "" && n.Untested == 0 {
		return
	}
	seen[n] = true
	w.put("<ul>")
	for i, in := range shown {
		if i == mostInputs {
			w.put("<li>%s more inputs</li>", grouped(len(shown)-i))
			break
		}
		w.input(n, in, seen)
	}
	if n.Unseen != "" {
		w.put("<li class=\"unread\">%s</li>", w.text(n.Unseen))
	}
	if n.Untested > 0 {
		w.put("<li class=\"unread\">%s inputs not tested: it takes too long</li>", grouped(n.Untested))
	}
	w.put("</ul>")
}

// input writes an input, who set it, and what would be with its earlier value.
func (w *writer) input(n *why.Node, in *why.Input, seen map[*why.Node]bool) {
	if in.From == replay.FromAnother {
		w.put("<li>the state of another partition, which this question does not cover</li>")
		return
	}
	w.put("<li>")
	w.made(inputName(in), in.Value, in.By)
	if in.Suspect() {
		w.put("; <em>before that it was %s, with which %s would be %s</em>",
			w.value(in.Earlier, mostValue), w.text(nameOf(changedName(n, in))), w.value(in.Would, mostValue))
	}
	if in.By != nil && in.By.Open && in.By.Event != nil && in.Verdict == why.Matters {
		w.inputs(in.By, seen)
	}
	w.put("</li>")
}

// changedName names the part of a result that an input changes.
func changedName(n *why.Node, in *why.Input) string {
	if in.Changed == n.Path {
		return n.Name()
	}
	return in.Changed
}

// made writes a value and what set it.
func (w *writer) made(name string, v state.Value, by *why.Node) {
	w.put("<b>%s</b>", w.text(nameOf(name)))
	if v.IsAbsent() {
		w.put(" does not exist")
	} else {
		w.put(" = <code>%s</code>", w.value(v, mostValue))
	}
	switch {
	case by == nil:
		w.put(", of this event")
		return
	case by.Event == nil:
		w.put(", since before the first event")
		return
	case v.IsAbsent():
		w.put(", removed by ")
	case v.IsContainer():
		w.put(", last changed by ")
	default:
		w.put(", set by ")
	}
	w.put("%s %s", w.link(by.Moment), w.text(by.Event.Type))
	if by.Event.Meta.Actor != "" {
		w.put(" by %s", w.text(by.Event.Meta.Actor))
	}
}

// inputName is what an input is: a path of the state, or a part of the event.
func inputName(in *why.Input) string {
	switch in.From {
	case replay.FromState:
		return in.Name()
	case replay.FromPayload:
		return "data" + in.Path
	case replay.FromMetadata:
		return "metadata" + in.Path
	case replay.FromLink:
		return "link metadata" + in.Path
	case replay.FromEvent, replay.FromAnother:
	}
	return in.Path
}

func nameOf(path string) string {
	if path == "" {
		return "the state"
	}
	return path
}
