package source

import (
	"fmt"
	"strings"

	"asof/replay/fault"
)

// DidYouMean returns the end of a message that suggests the nearest name; empty if none
// is near.
func DidYouMean(name string, from []string) string {
	if near := fault.Near(name, from, 1); len(near) > 0 {
		return fmt.Sprintf("; did you mean %q?", near[0])
	}
	return ""
}

// A Proposal is a mapping that may read a store of an unknown dialect.
type Proposal struct {
	Table string
	Map   map[string]string // field → column
	Score int               // how much the table looks like a table of events; higher is better
	Why   []string          // the evidence
	Tried string            // of which rows it was tried; empty where it was not
	Proof []string          // the first events that it gives, a line each
}

// MapText formats a mapping as the option takes it.
func MapText(fields map[string]string) string {
	var parts []string
	for _, f := range FieldNames {
		if c := fields[f]; c != "" {
			parts = append(parts, mapWord(f+"="+c))
		}
	}
	return strings.Join(parts, ",")
}

// mapWord quotes a pair that a list, which is read as CSV, would take apart.
func mapWord(pair string) string {
	if !strings.ContainsAny(pair, ",\"\n") {
		return pair
	}
	return `"` + strings.ReplaceAll(pair, `"`, `""`) + `"`
}

// ColumnWord formats a column name for a mapping. It quotes a name that contains special
// characters.
func ColumnWord(name string) string {
	if name != "" && name != "*" && !strings.ContainsAny(name, "+:#,='\"*\n") && strings.TrimSpace(name) == name {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// A Tried is a dialect that did not match a store.
type Tried struct {
	Dialect string
	Why     string
}

// An UnknownDialectError is the cause of a [replay.StoreError] if no dialect or several
// dialects match.
type UnknownDialectError struct {
	Matches   []string // the dialects that match, if there are several
	Tried     []Tried
	Proposals []Proposal // best first
	Missing   []string   // of the likeliest tables, why nothing is proposed
}

func (e *UnknownDialectError) Error() string {
	if len(e.Matches) > 0 {
		return "several dialects fit: " + strings.Join(e.Matches, ", ")
	}
	// Missing tables are short to report; a dialect that almost matches comes first.
	var why, tables []string
	dialects := map[string][]string{}
	for _, t := range e.Tried {
		table, ok := strings.CutPrefix(t.Why, NoTable)
		if !ok {
			why = append(why, "not "+t.Dialect+": "+t.Why)
			continue
		}
		if dialects[table] == nil {
			tables = append(tables, table)
		}
		dialects[table] = append(dialects[table], t.Dialect)
	}
	for i, table := range tables {
		if tables[i] = table + " (" + strings.Join(dialects[table], ", ") + ")"; i == 0 {
			tables[i] = NoTable + tables[i]
		}
	}
	text := "not an event store that asof recognizes (" + strings.Join(append(why, tables...), "; ") + ")"
	if len(e.Proposals) == 0 && len(e.Missing) > 0 {
		text += "; " + strings.Join(e.Missing, "; ")
	}
	return text
}

// Shown is what the proposals read, with the first events as proof, a line each.
func (e *UnknownDialectError) Shown() string {
	var lines []string
	for i, p := range e.Proposals {
		if p.Tried == "" {
			continue
		}
		which, by := "table "+p.Table, "the mapping below"
		if p.Table == "" {
			which = "its events"
		}
		if i > 0 {
			which, by = "or "+which, MapText(p.Map)
		}
		lines = append(lines, fmt.Sprintf("%s by %s (tried on %s):", which, by, p.Tried))
		for _, event := range p.Proof {
			lines = append(lines, "  "+event)
		}
	}
	return strings.Join(lines, "\n")
}

// Class returns [fault.Store].
func (e *UnknownDialectError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindNotAStore].
func (*UnknownDialectError) Fault() fault.Kind { return fault.KindNotAStore }

// Remedy returns what to do next.
func (e *UnknownDialectError) Remedy() fault.Remedy {
	switch {
	case len(e.Matches) > 0:
		return fault.Try("choose one").With("dialect")
	case len(e.Proposals) > 0:
		p := e.Proposals[0]
		return fault.Try("if table "+p.Table+" contains the events, try it").
			With("table", p.Table).With("map", MapText(p.Map))
	}
	return fault.Try("if a table contains events, name it and its columns").
		With("table", "T").With("map", "stream=…,version=…,type=…,data=…")
}

// NoTable begins the reason of a dialect that has none of its tables in the store.
const NoTable = "no table "
