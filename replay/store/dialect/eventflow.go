package dialect

import (
	"errors"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// eventFlow is the layout of EventFlow (.NET, about 1.0 and later, by the scripts 0001 in its
// repository for SQLite and PostgreSQL). Type, revision, time and id of an event
// are in its metadata (event_name, event_version, timestamp, event_id).
var eventFlow = sqlite.Dialect{Name: "eventflow", Match: matchEventFlow}

func matchEventFlow(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("EventFlow")
	if t == nil {
		return nil, errors.New(source.NoTable + "EventFlow")
	}
	if err := t.Require(eventFlowColumns...); err != nil {
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
		Meta: eventFlowMeta(),
	}, nil
}

var eventFlowColumns = []string{
	"GlobalSequenceNumber", "BatchId", "AggregateId", "AggregateName", "Data", "Metadata", "AggregateSequenceNumber",
}

func eventFlowMeta() source.Metadata {
	return source.Metadata{
		Correlation: []string{"/correlation_id"},
		Causation:   []string{"/causation_id", "/source_id"},
	}
}

// matchPgEventFlow binds the same library in PostgreSQL (EventFlow.PostgreSql).
//
//	eventflow(globalsequencenumber bigint PK, batchid uuid, aggregateid varchar, aggregatename varchar, data text,
//	  metadata text, aggregatesequencenumber integer)
//	eventflowsnapshots(id, aggregateid, aggregatename, aggregatesequencenumber, data, metadata)
func matchPgEventFlow(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("EventFlow", eventFlowColumns...)
	if err != nil {
		return nil, err
	}
	meta := t.Column("Metadata")
	in := func(member string, f source.Field) string { return p.JSON(t, meta, cell.Pointer{member}, f) }
	l := &table.Layout{Recognised: p.Found("table EventFlow"), From: p.Name(t) + " AS e", Meta: eventFlowMeta()}
	l.Cols = [source.NumFields]string{
		source.Version: postgres.Ref("e", t, "AggregateSequenceNumber"), source.Position: postgres.Ref("e", t, "GlobalSequenceNumber"),
		source.Category: p.Text("e", t, "AggregateName"), source.Type: in("event_name", source.Type), source.ID: in("event_id", source.ID),
		source.Time: in("timestamp", source.Time), source.Revision: in("event_version", source.Revision),
		source.Data: postgres.Ref("e", t, "Data"), source.Meta: postgres.Ref("e", t, "Metadata"),
	}
	p.Stream(l, "e", t, "AggregateId")
	if s := p.Table("EventFlowSnapshots"); s != nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}

// sqlJSON returns SQL for a value in a JSON column. It is NULL if the column is not
// valid JSON.
func sqlJSON(column, path string) string {
	return "CASE WHEN json_valid(" + column + ") THEN json_extract(" + column + ", " + table.QuoteText(path) + ") END"
}
