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
	Known   bool // the dialect fits; only the context that is meant is not known
}

// An UnknownDialectError is the cause of a [replay.StoreError] if no dialect or several
// dialects match.
type UnknownDialectError struct {
	Matches   []string // the dialects that match, if there are several
	Tried     []Tried
	Looked    []string   // the tables that were looked at
	Proposals []Proposal // best first
	Missing   []string   // of the likeliest tables, why nothing is proposed
}

func (e *UnknownDialectError) Error() string {
	if len(e.Matches) > 0 {
		return "several dialects fit: " + strings.Join(e.Matches, ", ")
	}
	text := "not an event store that asof recognizes"
	almost := 0
	for _, t := range e.Tried {
		forced := len(e.Tried) == 1 // the only dialect that was asked for
		near := len(e.Proposals) == 0 && !strings.HasPrefix(t.Why, NoTable)
		if (forced || t.Known || near) && almost < mostAlmost {
			text += "; not " + t.Dialect + ": " + t.Why
			almost++
		}
	}
	if len(e.Proposals) == 0 && len(e.Missing) > 0 {
		text += "; " + strings.Join(e.Missing, "; ")
	}
	return text
}

// An Opening is a proposal as the options that open the store by it.
type Opening struct{ Table, Map string }

// A NewerError means that a dialect is known, but not this version of its layout. No
// mapping is proposed for such a store: what its columns mean now is not known.
type NewerError struct {
	Dialect        string
	Version, Known int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("a %s store of layout version %d, and this asof knows %d", e.Dialect, e.Version, e.Known)
}

// Class returns [fault.Store].
func (*NewerError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindNotAStore].
func (*NewerError) Fault() fault.Kind { return fault.KindNotAStore }

// Remedy says where the newer layout can be read.
func (*NewerError) Remedy() fault.Remedy { return fault.Try("open it with a newer asof") }

// Openings are the proposals that [UnknownDialectError.Shown] shows with their events.
func (e *UnknownDialectError) Openings() []Opening {
	var all []Opening
	for _, p := range e.Proposals[:min(len(e.Proposals), mostShown)] {
		all = append(all, Opening{p.Table, MapText(p.Map)})
	}
	return all
}

// mostAlmost bounds the dialects that an error names because they almost match.
const mostAlmost = 2

// Details says of each dialect why it does not match, a line each.
func (e *UnknownDialectError) Details() []string {
	var lines []string
	for _, t := range e.Tried {
		lines = append(lines, "not "+t.Dialect+": "+t.Why)
	}
	return lines
}

// mostShown bounds the proposals that are shown with the events that they read.
const mostShown = 2

// Shown is what was looked at, and what the proposals read of it, with the first events
// as proof, a line each. With all, it shows every proposal, with its mapping.
func (e *UnknownDialectError) Shown(all bool) string {
	var lines, others []string
	if len(e.Looked) > 1 || len(e.Looked) > len(e.Proposals) {
		lines = append(lines, "looked at "+listed(e.Looked, 8))
	}
	for i, p := range e.Proposals {
		if i >= mostShown && !all {
			others = append(others, p.Table)
			continue
		}
		lines = append(lines, p.shown(i == 0, all)...)
	}
	if len(others) > 0 {
		lines = append(lines, "others that fit: "+strings.Join(others, ", "))
	}
	return strings.Join(lines, "\n")
}

// shown is what one proposal reads. The best one is first.
func (p *Proposal) shown(first, mapped bool) []string {
	if p.Tried == "" {
		return nil
	}
	what, fits := "table "+p.Table, "fits"
	if p.Table == "" {
		what, fits = "its events", "fit"
	}
	if !first {
		fits += " as well"
	}
	if mapped {
		fits += " by " + MapText(p.Map)
	}
	lines := []string{what + " " + fits + ", tried on " + p.Tried + ":"}
	for _, event := range p.Proof {
		lines = append(lines, "  "+event)
	}
	return lines
}

// listed counts and names tables, the first most of them.
func listed(names []string, most int) string {
	if len(names) == 1 {
		return "table " + names[0]
	}
	text := fmt.Sprintf("%d tables: %s", len(names), strings.Join(names[:min(most, len(names))], ", "))
	if len(names) > most {
		text += ", …"
	}
	return text
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
	if len(e.Looked) == 0 {
		return fault.Try("if an application writes here, its events may be in another file or not written yet")
	}
	return fault.Try("if a table contains events, name it and its columns").
		With("table", "T").With("map", "stream=…,version=…,type=…,data=…")
}

// NoTable begins the reason of a dialect that has none of its tables in the store.
const NoTable = "no table "
