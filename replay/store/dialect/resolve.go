package dialect

import (
	"errors"
	"slices"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchResolve binds the event store of reSolve (Node.js). Its table is usually called
// events. Events are written by threads that each count their own, so that there is no
// order across streams.
//
//	any name("threadId" bigint, "threadCounter" bigint, "timestamp" bigint ms, "aggregateId" varchar, "aggregateVersion" bigint,
//	  "type" varchar, "payload" jsonb, "eventSize" bigint)
func matchResolve(p *postgres.Probe) (*table.Layout, error) {
	columns := []string{"threadId", "threadCounter", "timestamp", "aggregateId", "aggregateVersion", "type", "payload"}
	var found []string
	why := errors.New(source.NoTable + "of any name with threadId, threadCounter, timestamp, aggregateId, aggregateVersion, type, payload")
	for _, t := range p.Tables {
		if err := t.Require(columns...); err == nil {
			found = append(found, t.Name)
		} else if t.Column("aggregateVersion") != nil || t.Require("aggregateId", "threadId") == nil {
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
		Recognised: p.Found("table " + t.Name + " with threadId, threadCounter, aggregateId"),
		From:       p.Name(t) + " AS e",
		Contexts:   found,
		TimeUnit:   cell.UnitNamed("ms"),
	}
	l.Cols = [source.NumFields]string{
		source.Version: postgres.Ref("e", t, "aggregateVersion"), source.Time: postgres.Ref("e", t, "timestamp"),
		source.Type: p.Text("e", t, "type"), source.Data: postgres.Ref("e", t, "payload"),
	}
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Omission{
			What: "events of the table " + other, Count: "SELECT count(*) FROM " + p.Name(p.Table(other)),
		})
	}
	p.Stream(l, "e", t, "aggregateId")
	return l, nil
}
