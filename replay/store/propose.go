package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"asof/replay/fault"
)

// A Proposal is a mapping that may read a store of an unknown dialect.
type Proposal struct {
	Table string
	Map   map[string]string // field → column
	Score int               // how well the table looks like one of events; more is better
	Why   []string          // what speaks for it
}

// Flags returns the proposal as it is given on the command line.
func (p Proposal) Flags() string {
	var parts []string
	for _, f := range columnNames {
		if c := p.Map[f]; c != "" {
			parts = append(parts, mapWord(f+"="+c))
		}
	}
	return "--table " + shellWord(p.Table) + " --map " + shellWord(strings.Join(parts, ","))
}

// mapWord quotes what a list of mappings, which is read as CSV, would take apart.
func mapWord(s string) string {
	if !strings.ContainsAny(s, ",\"\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// shellWord quotes what a shell would take apart.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("_-.,=/", r))
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
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
		table, ok := strings.CutPrefix(t.Why, noTable)
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
			tables[i] = noTable + tables[i]
		}
	}
	return "it is no event store that asof knows (" + strings.Join(append(why, tables...), "; ") + ")"
}

// Class returns [fault.Store].
func (e *UnknownDialectError) Class() fault.Class { return fault.Store }

// Remedy returns what to do next.
func (e *UnknownDialectError) Remedy() fault.Remedy { return fault.Try(e.hint()) }

// noTable begins the reason of a dialect that none of a store's tables are of.
const noTable = "no table "

func (e *UnknownDialectError) hint() string {
	switch {
	case len(e.Matches) > 0:
		return "choose one with --dialect"
	case len(e.Proposals) > 0:
		return "if table " + e.Proposals[0].Table + " holds the events, try " + e.Proposals[0].Flags()
	}
	return "if a table holds events, name it and its columns: --table T --map stream=…,version=…,type=…,data=…"
}

// The names that columns go by, most telling first. What is before a star must
// begin the name, what is after one must end it.
var columnHints = [numColumns][]string{
	colStream: {
		"stream_id", "stream", "stream_name", "aggregate_id", "aggregate_uuid", "originator_id",
		"aggregate_root_id", "entity_id", "persistence_id", "subject", "*_stream", "aggregate*",
		"entity*", "*_uuid", "*_id",
	},
	colVersion: {
		"version", "stream_version", "stream_position", "aggregate_version", "sequence_number",
		"sequence", "seq", "playhead", "revision", "event_number", "*_version", "*_seq", "*_no", "*_number",
	},
	colPosition: {"global_position", "position", "global_sequence", "*_position", "id", "seq", "no"},
	colType:     {"type", "event_type", "kind", "event_name", "event", "event_class", "topic", "action", "name", "*_type", "*_kind"},
	colData:     {"data", "payload", "body", "event_data", "state", "content", "*_data", "*_payload", "*_body", "*json*"},
	colMeta:     {"metadata", "meta", "headers", "meta_data", "*_metadata", "*_meta"},
	colTime: {
		"time", "recorded_at", "created_at", "occurred_at", "timestamp", "recorded_on", "created", "at", "ts",
		"*_at", "*_on", "*_time", "*_timestamp", "date",
	},
	colID:          {"event_id", "id", "uuid", "guid", "message_id"},
	colCategory:    {"category", "aggregate_type", "stream_type", "entity_type"},
	colActor:       {"actor", "user_id", "user", "actor_id", "created_by"},
	colCorrelation: {"correlation_id", "correlation"},
	colCausation:   {"causation_id", "causation"},
}

func hintFits(hint, name string) bool {
	before, after, star := strings.Cut(hint, "*")
	if !star {
		return name == hint
	}
	if inner, ok := strings.CutSuffix(after, "*"); ok && before == "" {
		return strings.Contains(name, inner)
	}
	return len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

// propose looks for tables that may hold events, best first.
func propose(p *probe) []Proposal {
	var out []Proposal
	for _, t := range p.tables {
		if prop, ok := proposeTable(t); ok {
			out = append(out, prop)
		}
	}
	slices.SortFunc(out, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Table, b.Table))
	})
	return out[:min(len(out), 5)]
}

// proposalOrder is the order in which fields choose their column.
var proposalOrder = []column{
	colStream, colVersion, colCategory, colType, colData, colMeta, colTime, colID,
	colActor, colCorrelation, colCausation,
}

func proposeTable(t *table) (Proposal, bool) {
	prop := Proposal{Table: t.name, Map: map[string]string{}}
	taken := map[string]bool{}
	take := func(c column, name string, score int) {
		prop.Map[columnNames[c]], taken[strings.ToLower(name)] = name, true
		prop.Score += score
	}
	// A unique index over two columns, one of them a number, is the surest sign.
	if stream, version := streamAndVersion(t); stream != "" {
		take(colStream, stream, 5)
		take(colVersion, version, 5)
		prop.Why = append(prop.Why, fmt.Sprintf("(%s, %s) is unique", stream, version))
	}
	if id := t.rowID(); id != "" {
		take(colPosition, id, 0)
	}
	for _, c := range proposalOrder {
		if prop.Map[columnNames[c]] != "" {
			continue
		}
		if name, score := bestColumn(t, c, taken); name != "" {
			take(c, name, score)
			prop.Why = append(prop.Why, name+" looks like the "+columnNames[c])
		}
	}
	ok := prop.Map["stream"] != "" && prop.Map["version"] != "" &&
		(prop.Map["type"] != "" || prop.Map["data"] != "")
	return prop, ok
}

// streamAndVersion finds a unique pair of columns whose names fit.
func streamAndVersion(t *table) (stream, version string) {
	for _, u := range t.uniques {
		if len(u) < 2 || len(u) > 3 {
			continue
		}
		for _, s := range u {
			for _, v := range u {
				if s != v && fits(colStream, s) > 0 && fits(colVersion, v) > 0 && t.column(v).affinity() != kindText {
					return t.column(s).name, t.column(v).name
				}
			}
		}
	}
	return "", ""
}

func bestColumn(t *table, c column, taken map[string]bool) (name string, score int) {
	for _, col := range t.cols {
		lower := strings.ToLower(col.name)
		if taken[lower] || c == colVersion && col.affinity() == kindText {
			continue
		}
		if n := fits(c, lower); n > score {
			name, score = col.name, n
		}
	}
	return name, score
}

// fits says how well a name fits a field: 3 where it is one of its names, 1 where
// it is like one, 0 where it does not fit.
func fits(c column, lower string) int {
	for _, h := range columnHints[c] {
		if hintFits(h, lower) {
			if strings.Contains(h, "*") {
				return 1
			}
			return 3
		}
	}
	return 0
}
