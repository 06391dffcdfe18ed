package dialect

import (
	"errors"
	"slices"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchCastore binds the event storage of Castore (TypeScript) in PostgreSQL, event-storage-adapter-postgres
// (2 and later). Its table may have any name. If there are several, [source.Options].Context names one.
// An id may be of aggregates with different names.
//
//	any name(id bigserial PK, aggregate_name varchar, aggregate_id uuid or varchar, version bigint, type varchar, data jsonb,
//	  metadata jsonb, timestamp timestamptz)
func matchCastore(p *postgres.Probe) (*table.Layout, error) {
	columns := []string{"id", "aggregate_name", "aggregate_id", "version", "type", "data", "metadata", "timestamp"}
	var found []string
	why := errors.New(source.NoTable + "of any name with aggregate_name, aggregate_id, version, type, data, metadata, timestamp")
	for _, t := range p.Tables {
		if err := t.Require(columns...); err == nil {
			found = append(found, t.Name)
		} else if t.Column("aggregate_name") != nil || t.Require("aggregate_id", "metadata", "timestamp") == nil {
			why = err
		}
	}
	if len(found) == 0 {
		return nil, why
	}
	slices.Sort(found)
	chosen, err := p.Opts.Choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, &source.ContextError{Msg: "several tables hold its events", Contexts: chosen}
	}
	t := p.Table(chosen[0])
	l := &table.Layout{
		Recognised: p.Found("table " + t.Name + " with aggregate_name, aggregate_id, version"),
		From:       p.Name(t) + " AS e",
		Contexts:   found,
		Meta:       snakeOrCamel(),
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Position: "e.id", source.Time: `e."timestamp"`, source.Type: p.Text("e", t, "type"),
		source.Category: p.Text("e", t, "aggregate_name"), source.Data: "e.data", source.Meta: "e.metadata",
	}
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the table "+other, "SELECT count(*) FROM "+p.Name(p.Table(other))))
	}
	streamByTypeAndID(p, l, t, "aggregate_name", "aggregate_id")
	return l, nil
}
