package store

import "errors"

// eventFlow is the layout of EventFlow (.NET). The type of an event, its revision,
// its time and its id are in its metadata (event_name, event_version, timestamp,
// event_id).
var eventFlow = dialect{name: "eventflow", match: matchEventFlow}

func matchEventFlow(p *probe) (*layout, error) {
	t := p.table("EventFlow")
	if t == nil {
		return nil, errors.New(noTable + "EventFlow")
	}
	if err := t.require("GlobalSequenceNumber", "BatchId", "AggregateId", "AggregateName", "Data",
		"Metadata", "AggregateSequenceNumber"); err != nil {
		return nil, err
	}
	return &layout{
		recognised: "table EventFlow",
		from:       "EventFlow",
		cols: [numColumns]string{
			colStream: "AggregateId", colVersion: "AggregateSequenceNumber",
			colPosition: "GlobalSequenceNumber", colCategory: "AggregateName",
			colType: sqlJSON("Metadata", "$.event_name"), colID: sqlJSON("Metadata", "$.event_id"),
			colTime:     sqlJSON("Metadata", "$.timestamp"),
			colRevision: "CAST(" + sqlJSON("Metadata", "$.event_version") + " AS INTEGER)",
			colData:     "Data", colMeta: "Metadata",
		},
		meta: Metadata{
			Correlation: []string{"/correlation_id"},
			Causation:   []string{"/causation_id", "/source_id"},
		},
	}, nil
}

// sqlJSON is SQL for a value in a column of JSON; in what is not JSON there is
// none.
func sqlJSON(column, path string) string {
	return "CASE WHEN json_valid(" + column + ") THEN json_extract(" + column + ", " + quoteText(path) + ") END"
}
