package render

import (
	"cmp"
	"slices"

	"asof/inspect/live"
	"asof/replay/state"
)

// LiveOptions controls how the comparison of rows with their history is printed.
type LiveOptions struct {
	Next       [][]string // suggested commands, as arguments
	AllowEmpty bool       // accept tables that were not compared
}

const (
	liveMost = 50 // maximum rows listed
	gapsMost = 20 // maximum columns listed of a table
)

// verdicts are the verdicts in the order of lists.
var verdicts = []live.Verdict{live.Changed, live.Unrecorded, live.Missing, live.Undeleted, live.Unknown}

// verdictTexts say what a verdict means.
var verdictTexts = map[live.Verdict]safe{
	live.Changed:    "changed without a version",
	live.Unrecorded: "without a history",
	live.Missing:    "gone without a delete",
	live.Undeleted:  "still there after a delete",
	live.Unknown:    "not known",
}

// LiveChecked prints the rows that differ from their recorded history.
func (p *Printer) LiveChecked(r *live.Result, o LiveOptions) {
	rows, tables := r.Findings()
	if o.AllowEmpty {
		tables = 0
	}
	compared := int64(0)
	for i := range r.Tables {
		compared += r.Tables[i].Compared
	}
	switch {
	case rows > 0:
		p.put(p.st.strong, count(rows, "row differs", "rows differ")+" from the history")
	case compared == 0:
		p.put(p.st.strong, "no row was compared")
	case tables > 0:
		p.put(p.st.strong, "no difference found, but "+count(tables, "table was", "tables were")+" not compared in full")
	default:
		p.put(p.st.strong, "every compared row agrees with its history")
	}
	p.text(": " + count(r.Rows, "live row", "live rows") + ", " + count(r.Streams, "row", "rows") + " with a history, " +
		count(r.Events, "version", "versions"))
	p.newline()
	for i := range r.Tables {
		p.liveTable(&r.Tables[i])
	}
	for i := range r.Found {
		if i == liveMost {
			break
		}
		if i == 0 {
			p.newline()
		}
		p.liveRow(&r.Found[i])
	}
	if n := rows - liveMost; n > 0 {
		p.dim("  … " + count(n, "more row; --json lists more", "more rows; --json lists more"))
		p.newline()
	}
	p.Next(o.Next)
}

func (p *Printer) liveTable(t *live.Table) {
	m := p.st.plus()
	switch {
	case t.Found() > 0:
		m = p.st.minus()
	case t.NotCompared() || t.Blind():
		m = p.st.unknown()
	}
	p.newline()
	p.put(m.paint, m.sign)
	p.text(" ")
	p.put(p.st.strong, clean(t.Category))
	if t.Name != "" && t.Name != t.Category {
		p.dim("  table " + clean(t.Name))
	}
	p.newline()
	line := func(s safe) {
		p.text("  " + s)
		p.newline()
	}
	sum := count(t.Streams, "row", "rows") + " with a history"
	if t.Name != "" {
		sum = number(t.Compared) + " compared of " + count(t.Rows, "live row", "live rows") + " and " + sum
	}
	line(sum)
	switch {
	case t.Reason == "":
	case t.Name != "":
		line("compared only which rows exist, not their columns: " + clean(t.Reason))
	default:
		line("not compared: " + clean(t.Reason))
	}
	if t.Blind() {
		line("not compared: the history and the table have no column in common")
	}
	for _, v := range verdicts {
		if n := t.Findings[v]; n > 0 {
			line(number(n) + " " + verdictTexts[v])
		}
	}
	if t.Gone > 0 {
		line(number(t.Gone) + " gone, where the history records no deletes")
	}
	if t.Keyless > 0 {
		line("not compared: " + count(t.Keyless, "live row", "live rows") + " without a key")
	}
	p.liveGaps("not recorded: ", t.NotRecorded, t.Compared)
	p.liveGaps("recorded, not in the table: ", t.NotLive, t.Compared)
}

// liveGaps lists columns that only one side has.
func (p *Printer) liveGaps(what safe, gaps []live.Gap, rows int64) {
	for i, g := range gaps {
		if i == 0 {
			p.text("  " + what)
		} else {
			p.text(", ")
		}
		if i == gapsMost {
			p.dim("… " + number(int64(len(gaps)-i)) + " more; --json lists all")
			break
		}
		p.text(clean(g.Column))
		if g.Rows < rows {
			p.text(" in " + count(g.Rows, "row", "rows"))
		}
	}
	if gaps != nil {
		p.newline()
	}
}

func (p *Printer) liveRow(r *live.Row) {
	m := p.st.minus()
	if r.Verdict == live.Unknown {
		m = p.st.unknown()
	}
	p.put(m.paint, m.sign)
	p.text(" ")
	name := clean(string(r.Stream))
	if !r.Last.IsStart() {
		name = pointName(r.Last)
	}
	p.put(p.st.strong, name)
	p.text("  " + verdictTexts[r.Verdict])
	if r.Reason != "" {
		p.text(": " + clean(r.Reason))
	}
	if at := p.clock(r.Last.Time); at != "" {
		p.dim("  last version " + at)
	}
	p.newline()
	var cs []state.Change
	for _, c := range r.Columns {
		cs = append(cs, state.Change{Op: state.OpReplace, Path: "/" + state.EscapeToken(c.Name), From: c.Recorded, To: c.Live})
	}
	if cs != nil {
		slices.SortFunc(cs, func(a, b state.Change) int { return cmp.Compare(a.Path, b.Path) })
		p.changes(cs, 4, gapsMost)
	}
}
