package render

import (
	"asof/inspect"
)

// AllDiffed prints how the states of all streams differ between two moments: how
// many by category, then the streams that changed most.
func (p *Printer) AllDiffed(d *inspect.AllDiffed) {
	p.put(p.st.strong, number(d.Changed)+" of "+count(d.Streams, "state", "states")+" changed")
	if d.From.IsStart() {
		p.dim("  from before the first event")
	} else {
		p.dim("  from position " + integer(d.From.Version()) + spaced(p.time(d.From.Time)))
	}
	if !d.To.IsStart() {
		p.dim("  to position " + integer(d.To.Version()) + spaced(p.time(d.To.Time)))
	}
	p.endText()
	if len(d.Categories) > 0 {
		p.endText()
		p.categories(d)
	}
	if len(d.Largest) == 0 {
		return
	}
	p.endText()
	p.largest(d)
	if d.More > 0 {
		p.dim("  … " + count(d.More, "more stream", "more streams") + " (--limit 0 lists all)")
		p.endText()
	}
}

func (p *Printer) categories(d *inspect.AllDiffed) {
	t := p.countTable("category", "streams", "changed", "new")
	for _, c := range d.Categories {
		name := clean(c.Category)
		if name == "" {
			name = "(none)"
		}
		t.add(row{cells: append([]cell{
			{{paint{}, name}}, {{paint{}, number(c.Streams)}}, {{p.st.strong, number(c.Changed)}}, {{paint{}, number(c.New)}},
		}, p.signed(tally{added: c.Added, removed: c.Removed, replaced: c.Replaced})...)})
	}
	t.end()
}

func (p *Printer) largest(d *inspect.AllDiffed) {
	t := p.countTable("stream", "events", "changes", "")
	t.cols[3].right = false
	for _, s := range d.Largest {
		isNew := cell(nil)
		if s.New {
			isNew = cell{{p.st.dim, "new"}}
		}
		t.add(row{cells: append([]cell{
			{{paint{}, clean(string(s.Stream))}}, {{paint{}, number(s.Events)}}, {{p.st.strong, number(s.Changes())}}, isNew,
		}, p.signed(tally{added: s.Added, removed: s.Removed, replaced: s.Replaced})...)})
	}
	t.end()
}

// countTable returns a table of a name, counts, and numbers of additions, removals and
// replacements.
func (p *Printer) countTable(heads ...safe) *table {
	t := &table{p: p, indent: 2, lookahead: logAhead, heads: true}
	for i, h := range heads {
		t.cols = append(t.cols, column{head: h, right: i > 0})
	}
	t.cols[0].most = 40
	for range 3 {
		t.cols = append(t.cols, column{right: true})
	}
	return t
}

func (p *Printer) signed(n tally) []cell {
	one := func(m mark, n int64) cell {
		if n == 0 {
			return nil
		}
		return cell{{m.paint, m.sign + number(n)}}
	}
	return []cell{one(p.st.plus(), n.added), one(p.st.minus(), n.removed), one(p.st.tilde(), n.replaced)}
}
