package render

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"asof/inspect/ask"
	"asof/inspect/drift"
	"asof/replay/state"
)

// driftWords are the words for a kind of comparison.
type driftWords struct{ same, differ, row, rows, missing, extra, repeated, should, wrong, groups, more safe }

const wrongBy safe = "wrong values by the event that set the right one:"

var (
	modelWords = driftWords{
		same: "the read model matches replay", differ: "the read model differs from replay", row: "compared row", rows: "compared rows",
		missing: "missing: streams without a row", extra: "extra: rows without a stream", repeated: "repeated: the key of an earlier row", should: " should be ",
		wrong: "wrong", groups: wrongBy, more: "more wrong values",
	}
	snapshotWords = driftWords{
		same: "the snapshots match replay", differ: "the snapshots differ from replay", row: "compared snapshot", rows: "compared snapshots",
		extra: "extra: snapshots of a version without an event", should: " should be ",
		wrong: "wrong", groups: wrongBy, more: "more wrong values",
	}
	foldWords = driftWords{
		same: "both folds give the same states", differ: "the folds differ", row: "compared state", rows: "compared states",
		missing: "new: states that only the second fold gives", extra: "gone: states that only the first fold gives", should: " became ",
		wrong: "changed", groups: "changed values by the event that set the new one:", more: "more changed values",
	}
)

func wordsOf(d *ask.Drifted) driftWords {
	switch d.Kind {
	case ask.DriftSnapshots:
		return snapshotWords
	case ask.DriftFolds:
		return foldWords
	}
	return modelWords
}

// Drift prints where kept states differ from what replay gives.
func (p *Printer) Drift(d *ask.Drifted, next [][]string) {
	w := wordsOf(d)
	p.driftVerdict(d, w)
	for _, line := range []struct {
		n    int64
		what safe
	}{
		{d.Modified, "modified"},
		{d.Missing, w.missing},
		{d.Extra, w.extra},
		{d.Repeated, w.repeated},
		{d.Keyless, "without a key"},
		{d.Failed, "not compared: the fold failed, or could not read an event"},
	} {
		if line.n > 0 {
			p.text("  " + number(line.n) + " " + line.what)
			p.newline()
		}
	}
	p.driftColumns(d, w)
	p.driftGroups(d.Groups, w)
	for i := range d.Cells {
		p.driftCell(&d.Cells[i], w, i == 0 || d.Cells[i-1].Key != d.Cells[i].Key)
	}
	if more := d.WrongCells() - d.Before.Cells - int64(len(d.Cells)); more > 0 {
		p.dim("  … " + number(more) + " " + w.more)
		p.newline()
	}
	most := mostDriftKeys
	if d.Paged {
		most = math.MaxInt
	}
	p.driftKeys(firstWord(w.missing), d.Lacks, d.Missing-d.Before.Lacks, most)
	p.driftKeys(firstWord(w.extra), d.Surplus, d.Extra-d.Before.Surplus, most)
	p.driftKeys("repeated", d.Twice, d.Repeated-d.Before.Twice, most)
	for _, f := range d.Failures {
		p.text("  " + clean(string(f.Stream)) + ": " + clean(f.Err.Error()))
		p.newline()
	}
	if d.Prefix != "" {
		p.text("no row has the key of a stream: the keys seem to lack " + clean(d.Prefix))
		p.newline()
	}
	p.Next(next)
}

// firstRow is what a row is called.
func firstRow(w driftWords) safe {
	return safe(strings.TrimPrefix(string(w.row), "compared "))
}

func firstWord(s safe) safe {
	word, _, _ := strings.Cut(string(s), ":")
	return safe(word)
}

func (p *Printer) driftVerdict(d *ask.Drifted, w driftWords) {
	switch {
	case d.Blank():
		p.put(p.st.strong, "no "+firstRow(w)+" was compared")
	case !d.Drifted():
		p.put(p.st.strong, w.same)
	case d.Modified+d.Missing+d.Extra+d.Repeated+d.Keyless == 0:
		p.put(p.st.strong, "no difference found, but "+count(d.Failed, "state", "states")+" could not be compared")
	default:
		p.put(p.st.strong, w.differ)
	}
	p.text(": " + number(d.Identical) + " of " + count(d.Identical+d.Modified, w.row, w.rows) + " identical")
	switch d.Kind {
	case ask.DriftFolds:
		p.dim("  " + clean(d.Other) + " → " + clean(d.Projection) + " as of " + clean(cmp.Or(d.Moment, "now")))
	case ask.DriftSnapshots:
		p.dim("  " + clean(d.Projection) + ", each as of its version")
	default:
		p.dim("  " + clean(d.Projection) + " as of " + clean(cmp.Or(d.Moment, "now")))
	}
	p.newline()
}

// driftColumns counts the wrong values by column, most first.
func (p *Printer) driftColumns(d *ask.Drifted, w driftWords) {
	const most = 20
	var wrong []int
	for i, n := range d.Wrong {
		if n > 0 {
			wrong = append(wrong, i)
		}
	}
	if d.Kind != ask.DriftModel {
		slices.SortStableFunc(wrong, func(a, b int) int { return cmp.Compare(d.Wrong[b], d.Wrong[a]) })
	}
	for n, i := range wrong {
		if n == most {
			p.dim("  … " + count(int64(len(wrong)-most), "more column", "more columns"))
			p.newline()
			return
		}
		p.text("  column " + clean(d.Columns[i].Name) + ": " + number(d.Wrong[i]) + " " + w.wrong)
		p.dim("  " + clean(d.Columns[i].Path))
		p.newline()
	}
}

// driftGroups says what set the wrong values, if there are enough to tell.
func (p *Printer) driftGroups(groups []drift.Group, w driftWords) {
	const most, enough = 3, 2 // groups of a kind, wrong values of a group
	begun := false
	for _, kind := range []drift.GroupKind{drift.OfType, drift.OfRevision, drift.OfDay} {
		var of []drift.Group
		all, shown := int64(0), int64(0)
		for _, g := range groups {
			if g.Kind != kind {
				continue
			}
			if all += g.Wrong; len(of) < most && g.Wrong >= enough {
				of, shown = append(of, g), shown+g.Wrong
			}
		}
		if kind == drift.OfDay && 2*shown < all {
			continue // they are on many days
		}
		for _, g := range of {
			if !begun {
				p.text(w.groups)
				p.newline()
				begun = true
			}
			p.text("  " + clean(g.Value) + "  " + number(g.Wrong) + " of " + number(g.Wrong+g.Right) + " " + w.wrong)
			p.newline()
		}
	}
}

// driftCell prints a wrong value: the row, both values, and the event that set the right
// one.
func (p *Printer) driftCell(c *drift.Cell, w driftWords, first bool) {
	if first {
		p.newline()
		p.put(p.st.strong, clean(c.Key))
		p.newline()
	}
	p.text("  " + cellName(c) + "  ")
	p.put(p.st.removed, driftValue(c.Got))
	p.text(w.should)
	p.put(p.st.added, driftValue(c.Want))
	if e := c.Event; e != nil {
		p.dim("  set by " + pointName(e.Moment()) + " " + clean(e.Type))
		if at := p.time(e.Time); at != "" {
			p.dim("  " + at)
		}
		if e.Meta.Actor != "" {
			p.dim("  " + clean(e.Meta.Actor))
		}
	}
	p.newline()
}

// cellName is the column of a value, or its path if that is within the column.
func cellName(c *drift.Cell) safe {
	if c.Inside {
		return clean(c.Column.Path)
	}
	return clean(c.Column.Name)
}

func driftValue(v state.Value) safe {
	if v.IsAbsent() {
		return "nothing"
	}
	return cut(clean(string(state.AppendSorted(nil, v))), mostCell)
}

// mostDriftKeys is how many keys of a kind the text lists where nobody says how many.
const mostDriftKeys = 20

// driftKeys lists keys in one paragraph, of those that are left.
func (p *Printer) driftKeys(what safe, keys []string, all int64, most int) {
	if len(keys) == 0 {
		return
	}
	p.newline()
	p.text(what + ": ")
	for i, key := range keys[:min(len(keys), most)] {
		if i > 0 {
			p.text(", ")
		}
		p.text(clean(key))
	}
	if more := all - int64(min(len(keys), most)); more > 0 {
		p.dim(" … " + number(more) + " more")
	}
	p.newline()
}
