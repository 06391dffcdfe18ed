package render

import (
	"asof/inspect/ask"
	"asof/replay/state"
)

// A Question asks the user whether a state is good or bad.
type Question struct {
	*ask.Question
	Old, New string // terms for good and bad
}

// askedChanges is the maximum number of changes that a question shows.
const askedChanges = 20

// Asked prints the event of a state and the changes since the last good state. Without a
// good state, it prints the state.
func (p *Printer) Asked(q Question) {
	p.newline()
	p.momentLine(q.At)
	p.newline()
	if !q.HasGood {
		t := tree{p: p, pal: p.st.json, lead: func() { p.pad(4) }, end: changeCols, compact: true}
		p.pad(4)
		t.value(q.State, 0, 2*changeLines)
		p.newline()
		return
	}
	p.text("  ")
	p.dim("changed since " + shortPoint(q.Since) + ":")
	p.newline()
	p.patch(q.Changes, askedChanges)
}

// State prints a state as JSON.
func (p *Printer) State(v state.Value) { p.state(v) }

// Prompt prints the prompt, without a line break.
func (p *Printer) Prompt(q Question) {
	left := count(int64(q.Left), "event", "events") + " left, about " + count(int64(max(q.Tests, 1)), "answer", "answers")
	p.put(p.st.strong, "is it "+clean(q.Old)+" or "+clean(q.New)+"?")
	p.dim(" (" + left + "; ? for help) ")
}

// AnswerHelp lists the valid answers.
func (p *Printer) AnswerHelp(q Question) {
	t := table{p: p, indent: 2, lookahead: 20, cols: []column{{}, {}}}
	for _, l := range [][2]safe{
		{"g, " + clean(q.Old), "the state is correct"},
		{"b, " + clean(q.New), "the state is wrong"},
		{"s, skip", "undecidable: skip this state"},
		{"u, back", "undo the last answer"},
		{"p, state", "print the whole state"},
		{"d, diff", "print again what changed since the last good state"},
		{"e, event", "print the event, and what it changed"},
		{"q, quit", "stop here; the same command resumes the search"},
	} {
		t.add(row{cells: []cell{{{p.st.strong, l[0]}}, {{paint{}, l[1]}}}})
	}
	t.end()
}
