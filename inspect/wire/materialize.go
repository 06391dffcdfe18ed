package wire

import (
	"asof/inspect/materialize"
)

// Materialized says what a read model is now.
type Materialized struct {
	To         string               `json:"to"`
	Table      string               `json:"table"`
	Projection string               `json:"projection"`
	AsOf       string               `json:"as_of"`    // a point of the store, or head
	Position   *int64               `json:"position"` // of that moment
	Time       *string              `json:"time"`     // of that moment
	How        string               `json:"how"`      // built, rebuilt, updated or current
	Why        *string              `json:"why"`      // why it was rebuilt
	Shard      *string              `json:"shard"`    // the part of the streams; null: all
	Rows       int64                `json:"rows"`     // of the table
	History    *int64               `json:"history"`  // rows of the states after each event; null: they are not kept
	Changes    *int64               `json:"changes"`  // rows of the changes; null as well
	Written    int64                `json:"written"`  // of these, by this run
	Failed     int64                `json:"failed"`   // of the written ones, those of streams whose fold failed
	Fold       *string              `json:"fold"`     // identifies the fold; null: nothing does
	Columns    []MaterializedColumn `json:"columns"`
}

// A MaterializedColumn is a column of a read model.
type MaterializedColumn struct {
	Column string  `json:"column"`
	Kind   string  `json:"kind"` // boolean, integer, decimal, text, time, json or none
	Path   *string `json:"path"` // of the state
}

// NewMaterialized converts r.
func NewMaterialized(r *materialize.Result, to, table string) Materialized {
	out := Materialized{
		To: to, Table: table, Projection: r.Projection, AsOf: "head", Position: r.Position, Time: text(&r.Time),
		How: r.How, Why: text(&r.Why), Rows: r.Rows, Written: r.Written, Failed: r.Failed, Fold: text(&r.Fold),
		Shard: text(&r.Shard), Columns: []MaterializedColumn{},
	}
	if r.Trailed {
		out.History, out.Changes = &r.History, &r.Changes
	}
	if r.AsOf != "" {
		out.AsOf = r.AsOf
	}
	for _, c := range r.Columns {
		one := MaterializedColumn{Column: c.Name, Kind: string(c.Kind)}
		if c.IsMember {
			one.Path = &c.Path
		}
		out.Columns = append(out.Columns, one)
	}
	return out
}
