package wire

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"asof/inspect/query"
	"asof/replay/state"
)

// A QueryRow is a row of an answer to SQL: an object with a member for each column. A
// column whose name occurs twice has a number behind it.
type QueryRow struct {
	Row Value `json:"row"`
}

// NewQueryRow converts a row.
func NewQueryRow(columns []string, values []any) QueryRow {
	return QueryRow{Value(RowOf(columns, values))}
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
