package wire

import (
	"asof/inspect/live"
)

// Live lists the rows that differ from their recorded history.
type Live struct {
	Events  int64       `json:"events"`
	Streams int64       `json:"streams"` // rows with a history
	Rows    int64       `json:"rows"`    // live rows
	Tables  []LiveTable `json:"tables"`
	Found   []LiveRow   `json:"found"`
	More    int64       `json:"more"` // rows that differ and are not listed
	Next    [][]string  `json:"next,omitzero"`
}

// A LiveTable is the comparison of one category.
type LiveTable struct {
	Category    string           `json:"category"`
	Table       *string          `json:"table"`
	Reason      *string          `json:"reason"` // why nothing is compared, or only which rows exist
	Streams     int64            `json:"streams"`
	Rows        int64            `json:"rows"`
	Keyless     int64            `json:"keyless"`
	Compared    int64            `json:"compared"`
	Gone        int64            `json:"gone"`
	Findings    map[string]int64 `json:"findings"`
	NotRecorded []LiveGap        `json:"not_recorded"`
	NotLive     []LiveGap        `json:"not_live"`
}

// A LiveGap is a column that only one side has in some of the compared rows.
type LiveGap struct {
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// A LiveRow is a row that differs from its history.
type LiveRow struct {
	Stream   string       `json:"stream"`
	Category string       `json:"category"`
	Verdict  string       `json:"verdict"`
	Last     *Moment      `json:"last"`
	Columns  []LiveColumn `json:"columns"`
	Reason   *string      `json:"reason"`
}

// A LiveColumn is a column with another value than the recorded one.
type LiveColumn struct {
	Column   string `json:"column"`
	Recorded Value  `json:"recorded"`
	Live     Value  `json:"live"`
}

// NewLive converts r.
func NewLive(r *live.Result) Live {
	all := Live{
		Events: r.Events, Streams: r.Streams, Rows: r.Rows, More: r.More,
		Tables: make([]LiveTable, len(r.Tables)), Found: make([]LiveRow, len(r.Found)),
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		all.Tables[i] = LiveTable{
			Category: t.Category, Table: text(&t.Name), Reason: text(&t.Reason), Streams: t.Streams, Rows: t.Rows, Keyless: t.Keyless,
			Compared: t.Compared, Gone: t.Gone, Findings: map[string]int64{}, NotRecorded: gaps(t.NotRecorded), NotLive: gaps(t.NotLive),
		}
		for v, n := range t.Findings {
			all.Tables[i].Findings[string(v)] = n
		}
	}
	for i := range r.Found {
		f := &r.Found[i]
		row := LiveRow{
			Stream: string(f.Stream), Category: f.Category, Verdict: string(f.Verdict), Last: momentOf(f.Last), Reason: text(&f.Reason),
			Columns: make([]LiveColumn, len(f.Columns)),
		}
		for k, c := range f.Columns {
			row.Columns[k] = LiveColumn{c.Name, Value(c.Recorded), Value(c.Live)}
		}
		all.Found[i] = row
	}
	return all
}

func gaps(gs []live.Gap) []LiveGap {
	out := make([]LiveGap, len(gs))
	for i, g := range gs {
		out[i] = LiveGap{g.Column, g.Rows}
	}
	return out
}
