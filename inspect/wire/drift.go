package wire

import (
	"asof/inspect/drift"
)

// Drift says where a read model, the application's snapshots or another fold differ from
// what replay gives.
type Drift struct {
	Of         string         `json:"of"` // model, snapshots or folds
	Projection string         `json:"projection"`
	Other      *string        `json:"other"` // of two folds: the first, whose values are got
	AsOf       string         `json:"as_of"` // a point of the store, or head
	Rows       DriftRows      `json:"rows"`
	Columns    []DriftColumn  `json:"columns"`
	Cells      []DriftCell    `json:"cells"`
	Missing    []string       `json:"missing"`  // keys of streams without a row
	Extra      []string       `json:"extra"`    // keys of rows without a stream
	Repeated   []string       `json:"repeated"` // keys of more than one row
	Failed     []DriftFailure `json:"failed"`
	Groups     []DriftGroup   `json:"groups"`           // what set the wrong values
	KeyPrefix  *string        `json:"key_prefix"`       // that the keys seem to lack
	Cursor     string         `json:"cursor,omitempty"` // only if the lists are cut
}

// DriftRows counts the rows.
type DriftRows struct {
	Identical int64 `json:"identical"`
	Modified  int64 `json:"modified"`
	Missing   int64 `json:"missing"`
	Extra     int64 `json:"extra"`
	Repeated  int64 `json:"repeated"`
	Keyless   int64 `json:"keyless"`
	Failed    int64 `json:"failed"` // the fold of the stream failed, and nothing was compared
}

// A DriftColumn is a column that was compared.
type DriftColumn struct {
	Column string `json:"column"`
	Path   string `json:"path"`
	Wrong  int64  `json:"wrong"`
}

// A DriftCell is a wrong value, and the event that last set the right one.
type DriftCell struct {
	Key    string     `json:"key"`
	Stream string     `json:"stream"`
	Column string     `json:"column"`
	Path   string     `json:"path"`
	Want   Value      `json:"want"`
	Got    Value      `json:"got"`
	Event  *EventHead `json:"event"`
}

// A DriftGroup counts the values that events of one type, revision or day set last.
type DriftGroup struct {
	Kind  string `json:"kind"` // type, revision or day
	Value string `json:"value"`
	Wrong int64  `json:"wrong"`
	Right int64  `json:"right"`
}

// A DriftFailure is a stream that could not be folded.
type DriftFailure struct {
	Stream string `json:"stream"`
	Reason string `json:"reason"`
}

// NewDrift converts r. other is the first of two folds, and prefix what the keys seem to
// lack.
func NewDrift(r *drift.Result, of, projection, other, moment, prefix string) Drift {
	out := Drift{
		Of: of, Projection: projection, Other: text(&other), AsOf: moment, KeyPrefix: text(&prefix), Groups: []DriftGroup{},
		Rows:    DriftRows{r.Identical, r.Modified, r.Missing, r.Extra, r.Repeated, r.Keyless, r.Failed},
		Columns: []DriftColumn{}, Cells: []DriftCell{}, Failed: []DriftFailure{},
		Missing: texts(r.Lacks), Extra: texts(r.Surplus), Repeated: texts(r.Twice),
	}
	if moment == "" {
		out.AsOf = "head"
	}
	for i, c := range r.Columns {
		out.Columns = append(out.Columns, DriftColumn{c.Name, c.Path, r.Wrong[i]})
	}
	for _, c := range r.Cells {
		cell := DriftCell{
			Key: c.Key, Stream: string(c.Stream), Column: c.Column.Name, Path: c.Column.Path, Want: Value(c.Want), Got: Value(c.Got), Event: headOf(c.Event),
		}
		out.Cells = append(out.Cells, cell)
	}
	for _, g := range r.Groups {
		out.Groups = append(out.Groups, DriftGroup{string(g.Kind), g.Value, g.Wrong, g.Right})
	}
	for _, f := range r.Failures {
		out.Failed = append(out.Failed, DriftFailure{string(f.Stream), f.Err.Error()})
	}
	return out
}
