package dialect

import (
	"errors"
	"slices"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// matchResolve binds the event store of reSolve (Node.js, 0.34 by its packages; earlier ones are not verified). Its table is usually called
// events. Events are written by threads that each count their own, so that there is no
// order across streams.
//
//	any name("threadId" bigint, "threadCounter" bigint, "timestamp" bigint ms, "aggregateId" varchar, "aggregateVersion" bigint,
//	  "type" varchar, "payload" jsonb, "eventSize" bigint)
func matchResolve(p *postgres.Probe) (*table.Layout, error) {
	t, found, err := resolveTable(p)
	if err != nil {
		return nil, err
	}
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
	withoutOthers(p, l, found, t)
	p.Stream(l, "e", t, "aggregateId")
	return l, nil
}

// resolveSQLite is the same layout in SQLite (eventstore-lite 0.34), which has no eventSize.
var resolveSQLite = sqlite.Dialect{Name: "resolve", Match: matchResolveSQLite}

func matchResolveSQLite(p *sqlite.Probe) (*table.Layout, error) {
	t, found, err := resolveTable(p)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table " + t.Name + " with threadId, threadCounter, aggregateId",
		From:       p.Name(t),
		Contexts:   found,
		TimeUnit:   cell.UnitNamed("ms"),
		Cols: [source.NumFields]string{
			source.Stream: t.Ref(p.Name(t), "aggregateId"), source.Version: t.Ref(p.Name(t), "aggregateVersion"), source.Time: t.Ref(p.Name(t), "timestamp"),
			source.Type: t.Ref(p.Name(t), "type"), source.Data: t.Ref(p.Name(t), "payload"),
		},
	}
	withoutOthers(p, l, found, t)
	return l, nil
}

// resolveTable returns the one table that is meant, and the names of all that fit.
func resolveTable(p table.RowProbe) (*table.Table, []string, error) {
	var found []string
	why := errors.New(source.NoTable + "of any name with threadId, threadCounter, timestamp, aggregateId, aggregateVersion, type, payload")
	for _, t := range p.All() {
		if err := t.Require("threadId", "threadCounter", "timestamp", "aggregateId", "aggregateVersion", "type", "payload"); err == nil {
			found = append(found, t.Name)
		} else if t.Column("aggregateVersion") != nil || t.Require("aggregateId", "threadId") == nil {
			why = err
		}
	}
	if len(found) == 0 {
		return nil, nil, why
	}
	slices.Sort(found)
	chosen, err := p.Options().Choose(found)
	if err != nil {
		return nil, nil, err
	}
	if len(chosen) > 1 {
		return nil, nil, &source.ContextError{Msg: "several tables hold its events", Contexts: chosen}
	}
	return p.Table(chosen[0]), found, nil
}

// withoutOthers leaves out the events of other tables.
func withoutOthers(p table.RowProbe, l *table.Layout, found []string, t *table.Table) {
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the table "+other, "SELECT count(*) FROM "+p.Name(p.Table(other))))
	}
}
