package render

import (
	"cmp"

	"asof/inspect/ask"
	"asof/inspect/drift"
	"asof/replay/state"
)

// Drift prints where a read model differs from what replay gives.
func (p *Printer) Drift(d *ask.Drifted, next [][]string) {
	all := d.Identical + d.Modified
	switch {
	case d.Blank():
		p.put(p.st.strong, "no row was compared")
	case !d.Drifted():
		p.put(p.st.strong, "the read model is what replay gives")
	case d.Modified+d.Missing+d.Extra+d.Repeated+d.Keyless == 0:
		p.put(p.st.strong, "no difference found, but the fold of "+count(d.Failed, "stream", "streams")+" failed")
	default:
		p.put(p.st.strong, "the read model differs from replay")
	}
	p.text(": " + number(d.Identical) + " of " + count(all, "compared row", "compared rows") + " identical")
	p.dim("  " + clean(d.Projection) + " as of " + clean(cmp.Or(d.Moment, "now")))
	p.newline()
	for _, line := range []struct {
		n    int64
		what safe
	}{
		{d.Modified, "modified"},
		{d.Missing, "missing: streams without a row"},
		{d.Extra, "extra: rows without a stream"},
		{d.Repeated, "repeated: a key of a row before"},
		{d.Keyless, "without a key"},
		{d.Failed, "not compared: the fold failed"},
	} {
		if line.n > 0 {
			p.text("  " + number(line.n) + " " + line.what)
			p.newline()
		}
	}
	for i, c := range d.Columns {
		if d.Wrong[i] > 0 {
			p.text("  column " + clean(c.Name) + ": " + number(d.Wrong[i]) + " wrong")
			p.dim("  " + clean(c.Path))
			p.newline()
		}
	}
	for i := range d.Cells {
		p.driftCell(&d.Cells[i], i == 0 || d.Cells[i-1].Key != d.Cells[i].Key)
	}
	if more := d.WrongCells() - int64(len(d.Cells)); more > 0 {
		p.dim("  … " + count(more, "more wrong value", "more wrong values"))
		p.newline()
	}
	p.driftKeys("missing", d.Lacks, d.Missing)
	p.driftKeys("extra", d.Surplus, d.Extra)
	p.driftKeys("repeated", d.Twice, d.Repeated)
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

// driftCell prints a wrong value: the row, both values, and the event that set the right
// one.
func (p *Printer) driftCell(c *drift.Cell, first bool) {
	if first {
		p.newline()
		p.put(p.st.strong, clean(c.Key))
		p.newline()
	}
	p.text("  " + clean(c.Column.Name) + "  ")
	p.put(p.st.removed, driftValue(c.Got))
	p.text(" should be ")
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

func driftValue(v state.Value) safe {
	if v.IsAbsent() {
		return "nothing"
	}
	return cut(clean(string(state.AppendSorted(nil, v))), mostCell)
}

// driftKeys lists keys in one paragraph.
func (p *Printer) driftKeys(what safe, keys []string, all int64) {
	const most = 20
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
