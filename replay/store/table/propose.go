package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// Propose looks for tables that may hold events, best first.
func Propose(tables map[string]*Table) []source.Proposal {
	var out []source.Proposal
	for _, t := range tables {
		if prop, ok := proposeTable(t); ok {
			out = append(out, prop)
		}
	}
	slices.SortFunc(out, func(a, b source.Proposal) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Table, b.Table))
	})
	return out[:min(len(out), 5)]
}

func proposeTable(t *Table) (source.Proposal, bool) {
	prop := source.Proposal{Table: t.Name, Map: map[string]string{}}
	taken := map[string]bool{}
	take := func(c source.Field, name string, score int) {
		prop.Map[source.FieldNames[c]], taken[strings.ToLower(name)] = name, true
		prop.Score += score
	}
	// A unique index over two columns, one of them a number, is the surest sign.
	if stream, version := streamAndVersion(t); stream != "" {
		take(source.Stream, stream, 5)
		take(source.Version, version, 5)
		prop.Why = append(prop.Why, fmt.Sprintf("(%s, %s) is unique", stream, version))
	}
	if id := t.RowID(); id != "" {
		take(source.Position, id, 0)
	}
	for _, c := range source.ProposalOrder {
		if prop.Map[source.FieldNames[c]] != "" {
			continue
		}
		if name, score := bestColumn(t, c, taken); name != "" {
			take(c, name, score)
			prop.Why = append(prop.Why, name+" looks like the "+source.FieldNames[c])
		}
	}
	ok := prop.Map["stream"] != "" && prop.Map["version"] != "" &&
		(prop.Map["type"] != "" || prop.Map["data"] != "")
	return prop, ok
}

// streamAndVersion finds a unique pair of columns whose names fit.
func streamAndVersion(t *Table) (stream, version string) {
	for _, u := range t.Uniques {
		if len(u) < 2 || len(u) > 3 {
			continue
		}
		for _, s := range u {
			for _, v := range u {
				if s != v && source.Fits(source.Stream, s) > 0 && source.Fits(source.Version, v) > 0 && t.Column(v).Affinity() != cell.Text {
					return t.Column(s).Name, t.Column(v).Name
				}
			}
		}
	}
	return "", ""
}

func bestColumn(t *Table, c source.Field, taken map[string]bool) (name string, score int) {
	for _, col := range t.Cols {
		lower := strings.ToLower(col.Name)
		if taken[lower] || c == source.Version && col.Affinity() == cell.Text {
			continue
		}
		if n := source.Fits(c, lower); n > score {
			name, score = col.Name, n
		}
	}
	return name, score
}
