package dialect

import (
	"errors"

	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// eventFlow is the layout of EventFlow (.NET). Type, revision, time and id of an event
// are in its metadata (event_name, event_version, timestamp, event_id).
var eventFlow = sqlite.Dialect{Name: "eventflow", Match: matchEventFlow}

func matchEventFlow(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("EventFlow")
	if t == nil {
		return nil, errors.New(source.NoTable + "EventFlow")
	}
	if err := t.Require("GlobalSequenceNumber", "BatchId", "AggregateId", "AggregateName", "Data",
		"Metadata", "AggregateSequenceNumber"); err != nil {
		return nil, err
	}
	return &table.Layout{
		Recognised: "table EventFlow",
		From:       "EventFlow",
		Cols: [source.NumFields]string{
			source.Stream: "AggregateId", source.Version: "AggregateSequenceNumber",
			source.Position: "GlobalSequenceNumber", source.Category: "AggregateName",
			source.Type: sqlJSON("Metadata", "$.event_name"), source.ID: sqlJSON("Metadata", "$.event_id"),
			source.Time:     sqlJSON("Metadata", "$.timestamp"),
			source.Revision: "CAST(" + sqlJSON("Metadata", "$.event_version") + " AS INTEGER)",
			source.Data:     "Data", source.Meta: "Metadata",
		},
		Meta: source.Metadata{
			Correlation: []string{"/correlation_id"},
			Causation:   []string{"/causation_id", "/source_id"},
		},
	}, nil
}

// sqlJSON returns SQL for a value in a JSON column. It is NULL if the column is not
// valid JSON.
func sqlJSON(column, path string) string {
	return "CASE WHEN json_valid(" + column + ") THEN json_extract(" + column + ", " + table.QuoteText(path) + ") END"
}
