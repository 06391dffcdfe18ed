package render

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"asof/inspect/why"
	"asof/replay"
	"asof/replay/state"
)

// A GraphForm is how a graph is printed.
type GraphForm string

// The forms of a graph.
const (
	GraphTree    GraphForm = ""
	GraphMermaid GraphForm = "mermaid"
	GraphDot     GraphForm = "dot"
)

// WhyOptions are the options of [Printer.Why].
type WhyOptions struct {
	All  bool // also inputs without an effect
	Form GraphForm
	Next [][]string // suggested commands, as arguments
}

const (
	whyValue  = 28 // width of a value
	whyPath   = 44 // width of a path
	whyWho    = 48 // width of an event
	whyEffect = 70 // room for an effect on a line of its own, without a terminal
)

// Why prints where a value comes from:
//
//	/total = -2.40  set by 28 ItemQuantityChanged  customer-3  2026-01-26 11:08:41
//	  from  event.data.qty  3      this event
//	        /discount       15.00  10 CouponApplied  pricing-service
//	        ← with its earlier value 0, /total would be 12.60
func (p *Printer) Why(a *why.Answer, o WhyOptions) {
	switch o.Form {
	case GraphMermaid:
		p.mermaid(a, o.All)
		return
	case GraphDot:
		p.dot(a, o.All)
		return
	}
	v := whyView{p: p, a: a, all: o.All, seen: map[*why.Node]bool{}}
	v.head(a.Root)
	v.inputs(a.Root, "")
	v.print()
	v.rest(a)
	p.Next(o.Next)
}

// A whyView prints the tree of an answer.
type whyView struct {
	p     *Printer
	a     *why.Answer
	all   bool
	seen  map[*why.Node]bool
	lines []whyLine
	idle  int
	kept  int
}

// A whyLine is an input: what it is, its value, who set it, and its effect.
type whyLine struct {
	tree             safe // in front of the path
	under            safe // in front of what comes below
	path, value, who safe
	effect           safe
	strong           bool
}

func (v *whyView) head(n *why.Node) {
	p := v.p
	what := pathText(n.Heading(), whyPath)
	if n.Value.IsAbsent() {
		p.put(p.st.strong, what+" does not exist")
	} else {
		p.put(p.st.strong, what+" = "+v.value(n.Value, whyEffect))
	}
	switch {
	case n.Event == nil:
		p.text("  since before the first event")
	case n.Value.IsAbsent():
		p.text("  removed by " + v.who(n) + v.when(n.Event))
	case n.Value.IsContainer():
		p.text("  last changed by " + v.who(n) + v.then(n) + v.when(n.Event))
	default:
		p.text("  set by " + v.who(n) + v.then(n) + v.when(n.Event))
	}
	p.endText()
	line := p.foldedBy(v.a.Projection) + p.inZone(n.Event != nil && !n.Event.Time.IsZero())
	if n.Asked != nil && n.Asked.Label != "" && n.Asked.Label != n.Asked.Name {
		line += "; its key: " + pathText(n.Asked.Label, whyPath)
	}
	p.dim(line)
	p.endText()
}

func (v *whyView) when(e *replay.Event) safe {
	if t := v.p.clock(e.Time); t != "" {
		return "  " + t
	}
	return ""
}

// then is where the event put the value of the question, if a later one moved it.
func (v *whyView) then(n *why.Node) safe {
	if n.Name() == n.Heading() {
		return ""
	}
	return "  as " + pathText(n.Name(), whyPath)
}

// who names the event that set a node.
func (v *whyView) who(n *why.Node) safe {
	if n.Event == nil {
		return "init"
	}
	s := v.event(n)
	if n.Event.Meta.Actor != "" {
		s += "  " + clean(n.Event.Meta.Actor)
	}
	return s
}

// event names an event by its place and its type.
func (v *whyView) event(n *why.Node) safe {
	at := integer(n.Moment.Version())
	if n.Moment.Stream != string(n.Event.Stream) {
		at = pointName(n.Event.Moment())
	}
	return at + " " + clean(n.Event.Type)
}

// inputs adds the lines of a node's inputs.
func (v *whyView) inputs(n *why.Node, below safe) {
	v.seen[n] = true
	shown := n.Shown(v.all)
	if !v.all {
		v.count(n)
	}
	more := 0
	if !v.all {
		more = len(shown)
		shown = fewest(shown)
		more -= len(shown)
	}
	for i, in := range shown {
		branch, next := safe("├─ "), below+"│  "
		if i == len(shown)-1 {
			branch, next = "└─ ", below+"   "
		}
		l := whyLine{tree: below + branch, under: next, path: v.name(in), effect: v.effect(n, in), strong: in.Suspect()}
		l.value, l.who = "nothing", "this event"
		if !in.Value.IsAbsent() {
			l.value = v.value(in.Value, whyValue)
		}
		if in.From == replay.FromAnother {
			l.value, l.who = "not known", "not part of this question"
		}
		if in.By != nil {
			if l.who = v.who(in.By); in.Value.IsAbsent() {
				l.who = "removed by " + l.who
			}
		}
		v.lines = append(v.lines, l)
		v.made(in, next)
		if in.By == nil || !in.By.Open || in.By.Event == nil || in.Verdict != why.Matters {
			continue
		}
		if v.seen[in.By] {
			v.lines = append(v.lines, whyLine{tree: next + "   ", path: "as above"})
			continue
		}
		v.inputs(in.By, next)
	}
	if more > 0 {
		v.lines = append(v.lines, whyLine{tree: below + "   ", path: count(int64(more), "more input that matters", "more inputs that matter") + "; --all lists them"})
	}
	if n.Unseen != "" {
		v.lines = append(v.lines, whyLine{tree: below + "   ", path: clean(n.Unseen)})
	}
	if n.Untested > 0 {
		v.lines = append(v.lines, whyLine{tree: below + "   ", path: count(int64(n.Untested), "input", "inputs") + " not tested: it takes too long"})
	}
}

// count counts the inputs of a node that are not shown.
func (v *whyView) count(n *why.Node) {
	for _, in := range n.Inputs {
		switch {
		case in.Verdict == why.Idle:
			v.idle++
		case in.Kept:
			v.kept++
		}
	}
}

// made adds the lines of the causes that an input of the payload was made from.
func (v *whyView) made(in *why.Input, below safe) {
	for i := range in.Made {
		m := &in.Made[i]
		who := pointName(m.Event.Moment()) + " " + clean(m.Event.Type)
		if m.Event.Meta.Actor != "" {
			who += "  " + clean(m.Event.Meta.Actor)
		}
		v.lines = append(v.lines, whyLine{
			tree: below + "└─ ", under: below + "   ", who: who,
			path: cutMiddle("event.data"+dotted(m.Path), whyPath), value: v.value(in.Value, whyValue),
		})
		below += "   "
	}
}

// mostShown is the most inputs of one value.
const mostShown = 20

// fewest returns the inputs to show if there are too many: those of the event and those
// that may be the cause come first, then those of late events.
func fewest(all []*why.Input) []*why.Input {
	if len(all) <= mostShown {
		return all
	}
	rank := func(in *why.Input) int {
		switch {
		case in.By == nil:
			return 0
		case in.Suspect():
			return 1
		}
		return 2
	}
	chosen := slices.Clone(all)
	slices.Reverse(chosen)
	slices.SortStableFunc(chosen, func(x, y *why.Input) int { return cmp.Compare(rank(x), rank(y)) })
	chosen = chosen[:mostShown]
	return slices.DeleteFunc(slices.Clone(all), func(in *why.Input) bool { return !slices.Contains(chosen, in) })
}

// name is what an input is, as a path of the state or a member of the event.
func (v *whyView) name(in *why.Input) safe {
	switch in.From {
	case replay.FromState:
		return pathText(in.Name(), whyPath)
	case replay.FromPayload:
		return cutMiddle("event.data"+dotted(in.Path), whyPath)
	case replay.FromMetadata:
		return cutMiddle("event.metadata"+dotted(in.Path), whyPath)
	case replay.FromLink:
		return cutMiddle("event.linkMetadata"+dotted(in.Path), whyPath)
	case replay.FromAnother:
		return "the state of another partition"
	}
	return cutMiddle("event."+in.Path, whyPath)
}

// dotted returns a pointer as JavaScript writes it.
func dotted(pointer string) string {
	tokens, err := state.ParsePointer(pointer)
	if err != nil {
		return pointer
	}
	var b strings.Builder
	for _, t := range tokens {
		_, notIndex := strconv.Atoi(t)
		switch {
		case notIndex == nil:
			b.WriteString("[" + t + "]")
		case t != "" && strings.Trim(t, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") == "":
			b.WriteString("." + t)
		default:
			b.WriteString("[" + string(state.AppendQuoted(nil, t)) + "]")
		}
	}
	return b.String()
}

// value returns a value in at most cols columns; a container that is too long as its size.
func (v *whyView) value(x state.Value, cols int) safe {
	switch {
	case x.IsAbsent():
		return "nothing"
	case x.Kind() == state.String:
		text, left := quoteCut(x.Text(), cols)
		return text + left
	case x.IsContainer() && inlineWidth(x, cols) > cols:
		return sizeOf(x)
	}
	return cut(clean(string(state.AppendJSON(nil, x))), cols)
}

// effect says what a node's value would be with the earlier value of an input.
func (v *whyView) effect(n *why.Node, in *why.Input) safe {
	switch in.Verdict {
	case why.Idle:
		if in.Fails != "" {
			return "without it, the handler fails"
		}
		return "no effect"
	case why.Unknown:
		return ""
	}
	with := safe("without it")
	switch {
	case !in.Instead.IsAbsent():
		with = "with " + v.value(in.Instead, whyValue) + " instead"
	case in.Earlier.IsAbsent():
	case in.Parts:
		with = "with its earlier " + sized(in.Earlier.Node(), in.Earlier.Node().Len())
	default:
		with = "with its earlier value " + v.value(in.Earlier, whyValue)
	}
	what := pathText(n.Name(), whyPath)
	if in.Changed != n.Path {
		what = pathText(in.Changed, whyPath)
	}
	switch {
	case in.Fails != "":
		return with + ", the handler fails"
	case in.Would.IsAbsent():
		return with + ", " + what + " would not exist"
	}
	return with + ", " + what + " would be " + v.value(in.Would, whyValue)
}

// print prints the lines, with the effects at their end if there is room.
func (v *whyView) print() {
	p := v.p
	var path, value, who, effect int
	for _, l := range v.lines {
		if l.who == "" {
			continue
		}
		path, value = max(path, width(l.tree)+width(l.path)), max(value, width(l.value))
		who, effect = max(who, width(l.who)), max(effect, width(l.effect))
	}
	const lead = 2
	inline := p.o.Width == 0 || lead+path+value+who+effect+3*tableGap+2 <= p.o.Width
	for _, l := range v.lines {
		p.pad(lead)
		p.dim(l.tree)
		p.text(l.path)
		if l.who == "" {
			p.endText()
			continue
		}
		p.pad(lead + path + tableGap)
		p.text(l.value)
		p.pad(lead + path + tableGap + value + tableGap)
		p.dim(l.who)
		at := min(lead+path+value+2*tableGap, 3*p.o.Width/4) // of the second line of an event
		if l.effect == "" {
			p.endTextAt(at)
			continue
		}
		if inline {
			p.pad(lead + path + value + who + 3*tableGap)
		} else {
			p.endTextAt(at)
			p.pad(lead)
			p.dim(l.under)
		}
		mark, st := safe("  "), p.st.dim
		if l.strong {
			mark, st = "← ", p.st.strong
		}
		p.put(st, mark+l.effect)
		p.endText()
	}
}

// rest says what is not shown.
func (v *whyView) rest(a *why.Answer) {
	p := v.p
	if len(v.lines) == 0 && a.Root.Event != nil {
		p.dim("  the event alone: its handler read nothing that matters")
		p.endText()
	}
	if v.kept > 0 {
		p.dim("  " + count(int64(v.kept), "input that the event left as it was", "inputs that the event left as they were") + "; --all lists them")
		p.endText()
	}
	if v.idle > 0 {
		p.dim("  " + count(int64(v.idle), "input", "inputs") + " without an effect; --all lists them")
		p.endText()
	}
}
