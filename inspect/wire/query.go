package wire

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"strconv"

	"asof/inspect/query"
	"asof/replay/state"
)

// A QueryRow is a row of an answer to SQL: an object with a member for each column. A
// column whose name occurs twice has a number after it.
type QueryRow struct {
	Row    Value  `json:"row"`
	Cursor string `json:"cursor,omitempty"` // only if the list is cut after this row
}

// NewQueryRow converts a row.
func NewQueryRow(columns []string, values []any) QueryRow {
	return QueryRow{Row: Value(RowOf(columns, values))}
}

// RowOf is a row of an answer to SQL as an object.
func RowOf(columns []string, values []any) state.Value {
	row := state.NewObject()
	for i, v := range values {
		name := columns[i]
		for n := 2; !row.Get(name).IsAbsent(); n++ {
			name = fmt.Sprintf("%s_%d", columns[i], n)
		}
		row.Set(name, valueOf(v))
	}
	return row.Value()
}

func valueOf(v any) state.Value {
	switch v := v.(type) {
	case int64:
		return state.NumberValue(strconv.FormatInt(v, 10))
	case float64:
		if text := state.FormatFloat(v); text != "null" {
			return state.NumberValue(text)
		}
		return state.StringValue(state.PrintFloat(v)) // as in a payload
	case string:
		return state.StringValue(v)
	case []byte:
		return state.StringValue(base64.StdEncoding.EncodeToString(v))
	}
	return state.NullValue()
}

// QueryTables are the tables that SQL can ask.
type QueryTables struct {
	Tables []QueryTable `json:"tables"`
}

// A QueryTable is one of them. Row is one of its rows; null if it has none.
type QueryTable struct {
	Name    string   `json:"name"`
	About   string   `json:"about"`
	Columns []string `json:"columns"`
	Row     Value    `json:"row"`
}

// NewQueryTables converts s.
func NewQueryTables(s *query.Schema) QueryTables {
	out := QueryTables{Tables: []QueryTable{}}
	for _, t := range s.Tables {
		one := QueryTable{Name: t.Name, About: t.About, Columns: t.Columns}
		if t.Row != nil {
			one.Row = Value(RowOf(t.Columns, t.Row))
		}
		out.Tables = append(out.Tables, one)
	}
	return out
}

// A QueryPlan is what SQL would read and fold. Limit_stops says that reading ends with the
// last row of LIMIT; Sorted, that rows are sorted or grouped before the first is known.
type QueryPlan struct {
	Tables      []PlannedTable `json:"tables"`
	LimitStops  bool           `json:"limit_stops"`
	Sorted      bool           `json:"sorted"`
	FoldedFirst []string       `json:"folded_first"`
}

// A PlannedTable is one loop of a plan. Streams and Events are null if they depend on rows
// of the tables before, as AsOf is if EachRow is true.
type PlannedTable struct {
	Table      string   `json:"table"`
	Alias      string   `json:"alias,omitempty"`
	AsOf       *string  `json:"as_of"`
	EachRow    bool     `json:"each_row"`
	Folds      bool     `json:"folds"`
	Streams    *int64   `json:"streams"`
	Events     *int64   `json:"events"`
	Ordered    bool     `json:"ordered"`
	Conditions []string `json:"conditions"`
	Columns    []string `json:"columns"`
}

// NewQueryPlan converts p.
func NewQueryPlan(p *query.Plan) QueryPlan {
	out := QueryPlan{Tables: []PlannedTable{}, LimitStops: p.Stops(), Sorted: p.Sorted, FoldedFirst: texts(p.Members)}
	for _, t := range p.Tables {
		one := PlannedTable{
			Table: t.Name, Alias: t.Alias, EachRow: t.EachRow, Folds: t.Folds, Ordered: t.Ordered,
			Conditions: texts(t.Conditions), Columns: texts(t.Columns),
		}
		if !t.EachRow {
			at := cmp.Or(t.At, "head")
			one.AsOf = &at
		}
		if t.Streams >= 0 {
			one.Streams, one.Events = &t.Streams, &t.Events
		}
		out.Tables = append(out.Tables, one)
	}
	return out
}
