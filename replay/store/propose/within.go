package propose

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// maxWithin bounds the members of one column that become columns.
const maxWithin = 100

// word returns the column as a mapping names it.
func (c *column) word() string {
	if c.within == "" {
		return source.ColumnWord(c.Name)
	}
	return source.ColumnWord(c.of) + ":" + c.within
}

// widened returns a table and its sample with a column for each member of its JSON
// columns that is a text, a number or an object, at most two levels deep. ok is false if there are none.
func widened(t *table.Table, s *Sample, columns []*column) (wide *table.Table, ws *Sample, members []member, ok bool) {
	for _, c := range columns {
		if c.isJSON() && c.filled > 0 {
			members = append(members, membersOf(c, s)...)
		}
	}
	if len(members) == 0 {
		return nil, nil, nil, false
	}
	w, more := *t, *s
	w.Cols = slices.Clone(t.Cols)
	for i := range members {
		w.Cols = append(w.Cols, table.Column{Name: members[i].word()})
	}
	more.Rows = make([][]cell.Value, len(s.Rows))
	for i, row := range s.Rows {
		more.Rows[i] = slices.Clone(row)
		for k := range members {
			more.Rows[i] = append(more.Rows[i], members[k].values[i])
		}
	}
	return &w, &more, members, true
}

// A member is a place in the JSON of a column, with its value in each row.
type member struct {
	of     string // the column
	at     cell.Pointer
	values []cell.Value
}

func (m *member) word() string { return source.ColumnWord(m.of) + ":" + m.at.String() }

// words returns the words of its name: with that of what it is in, as aggregate.id is the
// aggregate id. Without it, short is its name.
func (m *member) words() (name []string, short string) {
	path := append([]string{m.of}, m.at...)
	last, in := words(path[len(path)-1]), words(path[len(path)-2])
	if len(in) == 1 && slices.Contains(wholes, in[0]) {
		return append(in, last...), strings.Join(last, "")
	}
	return last, ""
}

// membersOf returns the members that at least nine of ten rows have.
func membersOf(c *column, s *Sample) []member {
	found := map[string]*member{}
	var payloads cell.PayloadDecoder
	for i, row := range s.Rows {
		v := row[c.at]
		doc, opaque := payloads.Decode(&v)
		var members map[string]json.RawMessage
		if opaque != "" || json.Unmarshal(doc, &members) != nil {
			continue
		}
		set := func(at cell.Pointer, raw json.RawMessage) {
			v, ok := valueOf(raw)
			if !ok {
				return
			}
			m := found[at.String()]
			if m == nil {
				if len(found) == maxWithin {
					return
				}
				m = &member{of: c.Name, at: at, values: make([]cell.Value, len(s.Rows))}
				found[at.String()] = m
			}
			m.values[i] = v
		}
		for name, raw := range members {
			set(cell.Pointer{name}, raw)
			var inner map[string]json.RawMessage
			if json.Unmarshal(raw, &inner) == nil {
				for n, r := range inner {
					set(cell.Pointer{name, n}, r)
				}
			}
		}
	}
	var all []member
	for _, at := range slices.Sorted(maps.Keys(found)) {
		filled := 0
		for _, v := range found[at].values {
			if v.Kind != cell.Null {
				filled++
			}
		}
		if filled*10 >= len(s.Rows)*9 {
			all = append(all, *found[at])
		}
	}
	return all
}

// valueOf is a text, a number or an object of JSON as a column would have it.
func valueOf(raw json.RawMessage) (cell.Value, bool) {
	var text string
	switch {
	case json.Unmarshal(raw, &text) == nil && raw[0] == '"':
		return cell.Value{Kind: cell.Text, B: []byte(text)}, true
	case raw[0] == '{':
		return cell.Value{Kind: cell.Text, B: raw}, true
	}
	if n, ok := cell.WholeNumber(raw); ok {
		return cell.Value{Kind: cell.Int, Num: n}, true
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return cell.Value{Kind: cell.Real, Real: f}, err == nil
}
