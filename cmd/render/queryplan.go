package render

import (
	"cmp"

	"asof/inspect/query"
)

// planColumn is where the lists of a plan begin.
const planColumn = 14

// Plan prints what SQL would read and fold: each table in the order of the loops, and
// whether LIMIT ends the reading.
func (p *Printer) Plan(plan *query.Plan) {
	for _, t := range plan.Tables {
		p.put(p.st.strong, clean(t.Name))
		if t.Alias != "" {
			p.text(" AS " + clean(t.Alias))
		}
		p.dim("  " + planMoment(t))
		p.newline()
		p.text("  " + planReads(t))
		p.newline()
		p.list("conditions", planColumn, t.Conditions, ", ")
		p.list("columns", planColumn, t.Columns, ", ")
	}
	if len(plan.Tables) == 0 {
		p.text("no table is read")
		p.newline()
	}
	for _, name := range plan.Members {
		p.text("every state of " + clean(name) + " is folded first, up to now, to know the columns of *")
		p.newline()
	}
	switch {
	case plan.Stops():
		p.text("LIMIT ends the reading")
	case plan.Limit && plan.Sorted:
		p.text("LIMIT does not end the reading: rows are sorted or grouped before the first is known")
	case plan.Limit:
		p.text("LIMIT does not end the reading: a state is known after the last event of its stream")
	default:
		return
	}
	p.newline()
}

func planMoment(t query.PlannedTable) safe {
	if t.EachRow {
		return "as of a moment in each row of the table before"
	}
	return "as of " + clean(cmp.Or(t.At, "now"))
}

func planReads(t query.PlannedTable) safe {
	verb := safe("reads")
	if t.Folds {
		verb = "reads and folds"
	}
	if t.Streams < 0 {
		return verb + " one stream for each row of the table before"
	}
	return verb + " up to " + count(t.Events, "event", "events") + " of " + count(t.Streams, "stream", "streams")
}
