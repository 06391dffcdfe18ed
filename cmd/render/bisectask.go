package render

import (
	"bytes"

	"asof/inspect/ask"
	"asof/replay/state"
)

// A Question asks the user whether a state is good or bad.
type Question struct {
	*ask.Question
	Old, New string // terms for good and bad
}

// askedLines is the maximum number of lines of a difference in a question. A question
// with its heading, the event and the prompt fits a terminal of 24 rows.
const askedLines = 16

// Asked prints the changes since the last good state or, without a good state, the state,
// and then its event. Unless whole is set, it fits a small terminal.
func (p *Printer) Asked(q Question, whole bool) {
	most := askedLines
	if whole {
		most = 0
	}
	p.newline()
	switch {
	case q.HasGood && !whole:
		p.dim("changed since " + shortPoint(q.Since) + ":")
		p.newline()
		p.briefChanges(q.Changes)
	case q.HasGood:
		p.dim("changed since " + shortPoint(q.Since) + ":")
		p.newline()
		p.patch(q.Changes, len(q.Changes))
	default:
		p.firstLines(most, "p prints all", func(p *Printer) {
			t := tree{p: p, pal: p.st.json, lead: func() { p.pad(4) }, end: p.end(changeCols), compact: true}
			p.pad(4)
			t.value(q.State, 0, 2*changeLines)
			p.newline()
		})
	}
	p.momentLine(q.At)
	p.newline()
}

// briefChanges prints changes one per line, so that as many as possible fit a screen.
func (p *Printer) briefChanges(cs []state.Change) {
	if len(cs) == 0 {
		p.patch(cs, 0)
		return
	}
	all := edits(cs)
	shown := all
	if len(all) > askedLines {
		shown = all[:askedLines-1]
	}
	const indent = 4
	end := p.end(changeCols)
	longest, values := 0, 0
	for i := range shown {
		longest = max(longest, width(pathText(shown[i].Name(), end*2/5)))
	}
	values = indent + 2 + longest + 2
	for _, c := range shown {
		m, room := p.st.tilde(), end-values-1
		var value cell
		switch {
		case c.moved:
			value = cell{{paint{}, c.movedTo()}}
		case c.Op == state.OpAdd:
			m = p.st.plus()
			value = cell{{m.paint, p.briefValue(c.To, room)}}
		case c.Op == state.OpRemove:
			m = p.st.minus()
			value = cell{{m.paint, p.briefValue(c.From, room)}}
		default:
			from := p.briefValue(c.From, room/2-3)
			value = cell{{p.st.removed, from}, {p.st.dim, " → "}, {p.st.added, p.briefValue(c.To, room-width(from)-3)}}
		}
		p.pad(indent)
		p.put(m.paint, m.sign)
		p.text(" " + pathText(c.Name(), longest))
		p.pad(values)
		for _, piece := range value {
			p.put(piece.st, piece.s)
		}
		p.newline()
	}
	if n := len(all) - len(shown); n > 0 {
		p.pad(indent)
		p.dim("… " + count(int64(n), "more change", "more changes") + "; d prints all")
		p.newline()
	}
}

// briefValue returns the beginning of a value, in at most cols columns.
func (p *Printer) briefValue(v state.Value, cols int) safe {
	q := Printer{o: p.o}
	if most := 4 * cols; inlineWidth(v, most) <= most {
		q.inline(v, palette{})
	} else {
		q.oneLine(v, palette{}, cols)
	}
	return cut(safe(q.b), cols)
}

// end returns the right edge of text that has cols columns without a terminal.
func (p *Printer) end(cols int) int {
	if p.o.Width > 0 {
		return p.o.Width
	}
	return cols
}

// firstLines prints at most most lines of what print prints, and how many more there are.
// It prints all if most is 0.
func (p *Printer) firstLines(most int, rest safe, print func(*Printer)) {
	var all bytes.Buffer
	q := New(&all, p.o)
	print(q)
	_ = q.Flush() // writes to memory
	lines := bytes.SplitAfter(bytes.TrimSuffix(all.Bytes(), []byte("\n")), []byte("\n"))
	shown := len(lines)
	if most > 0 && shown > most {
		shown = most - 1
	}
	for _, l := range lines[:shown] {
		p.b = append(p.b, bytes.TrimSuffix(l, []byte("\n"))...)
		p.newline()
	}
	if n := len(lines) - shown; n > 0 {
		p.pad(4)
		p.dim("… " + count(int64(n), "more line", "more lines") + "; " + rest)
		p.newline()
	}
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
		{"d, diff", "print all that changed since the last good state"},
		{"e, event", "print the event, and what it changed"},
		{"q, quit", "stop here; the same command resumes the search"},
	} {
		t.add(row{cells: []cell{{{p.st.strong, l[0]}}, {{paint{}, l[1]}}}})
	}
	t.end()
}
