package render

import (
	"cmp"
	"strconv"

	"asof/inspect/ask"
	"asof/inspect/materialize"
)

// Materialized prints what a read model is now.
func (p *Printer) Materialized(m *ask.Materialized, next [][]string) {
	if m.Trailed {
		p.put(p.st.strong, clean(m.To)+": "+count(m.Rows, "state", "states")+", "+count(m.History, "row", "rows")+" of history, "+count(m.Changes, "change", "changes"))
	} else {
		p.put(p.st.strong, clean(m.To)+": "+count(m.Rows, "row", "rows")+" in "+clean(m.Table))
	}
	p.dim("  " + clean(m.Projection) + " as of " + clean(cmp.Or(m.AsOf, "now")))
	if m.Position != nil {
		p.dim(", position " + clean(strconv.FormatInt(*m.Position, 10)))
	}
	if m.Shard != "" {
		p.dim(", part " + clean(m.Shard))
	}
	p.newline()
	switch m.How {
	case materialize.Built:
		p.text("  built: all rows are new")
	case materialize.Rebuilt:
		p.text("  rebuilt: " + clean(m.Why))
	case materialize.Updated:
		p.text("  updated: " + count(m.Written, "stream has", "streams have") + " new events or failed before")
	default:
		p.text("  current: no stream has new events")
	}
	p.newline()
	if m.Failed > 0 {
		p.text("  the fold of " + count(m.Failed, "stream", "streams") + " failed: the column error has the reason")
		p.newline()
	}
	p.Next(next)
}
