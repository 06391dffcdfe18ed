package source

import (
	"fmt"
	"strings"

	"asof/replay/fault"
)

// DidYouMean ends a message with the nearest of the names; empty where none is near.
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
	Score int               // how well the table looks like one of events; more is better
	Why   []string          // what speaks for it
	Tried string            // of which rows it was tried; empty where it was not
	Proof []string          // the first events that it gives, a line each
}

// MapText returns a mapping as a map of fields is written.
func MapText(fields map[string]string) string {
	var parts []string
	for _, f := range FieldNames {
		if c := fields[f]; c != "" {
			parts = append(parts, mapWord(f+"="+c))
		}
	}
	return strings.Join(parts, ",")
}

// mapWord quotes a pair that a list would take apart, and that has no quotes of its own.
func mapWord(pair string) string {
	if strings.ContainsAny(pair, ",\n") && !strings.ContainsAny(pair, `'"`) {
		return `"` + pair + `"`
	}
	return pair
}

// ColumnWord is a column's name as a mapping takes it: in double quotes where it holds
// what means something there.
func ColumnWord(name string) string {
	if name != "" && name != "*" && !strings.ContainsAny(name, "+:#,='\"*\n") && strings.TrimSpace(name) == name {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Tried is a dialect that a store turned out not to be.
type Tried struct {
	Dialect string
	Why     string
}

// An UnknownDialectError is the cause of a [replay.StoreError] where no dialect
// fits, or more than one does.
type UnknownDialectError struct {
	Matches   []string // the dialects that fit, where there is more than one
	Tried     []Tried
	Proposals []Proposal // best first
	Missing   []string   // of the likeliest tables, why nothing is proposed
}

func (e *UnknownDialectError) Error() string {
	if len(e.Matches) > 0 {
		return "several dialects fit: " + strings.Join(e.Matches, ", ")
	}
	// A dialect whose tables are not there at all is soon told; one that is nearly
	// it comes first.
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
	text := "it is no event store that asof knows (" + strings.Join(append(why, tables...), "; ") + ")"
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
		by := "by the mapping below"
		if i > 0 {
			by = "or by " + MapText(p.Map)
		}
		lines = append(lines, fmt.Sprintf("table %s %s (tried on %s):", p.Table, by, p.Tried))
		for _, event := range p.Proof {
			lines = append(lines, "  "+event)
		}
	}
	return strings.Join(lines, "\n")
}

// Class returns [fault.Store].
func (e *UnknownDialectError) Class() fault.Class { return fault.Store }

// Remedy returns what to do next.
func (e *UnknownDialectError) Remedy() fault.Remedy {
	switch {
	case len(e.Matches) > 0:
		return fault.Try("choose one").With("dialect")
	case len(e.Proposals) > 0:
		p := e.Proposals[0]
		return fault.Try("if table "+p.Table+" holds the events, try it").
			With("table", p.Table).With("map", MapText(p.Map))
	}
	return fault.Try("if a table holds events, name it and its columns").
		With("table", "T").With("map", "stream=…,version=…,type=…,data=…")
}

// NoTable begins the reason of a dialect that none of a store's tables are of.
const NoTable = "no table "
