package dialect

import (
	"errors"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// hallgrenDialect is the layout of the Go library hallgren/eventsourcing 0.0. A stream is
// identified by its aggregate's type and id, and shown as TYPE/ID.
var hallgrenDialect = sqlite.Dialect{Name: "hallgren-eventsourcing", Match: matchHallgren}

func matchHallgren(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("events")
	if t == nil {
		return nil, errors.New(source.NoTable + "events")
	}
	if err := t.Require(hallgrenColumns...); err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table events with seq, id, version, reason, type",
		From:       "events",
		Cols: [source.NumFields]string{
			source.Version: "version", source.Position: "seq", source.Category: "type", source.Type: "reason",
			source.Time: "timestamp", source.Data: "data", source.Meta: "metadata",
		},
		Meta: snakeOrCamel(),
	}
	if s := p.Table("snapshots"); s != nil && s.Require("id", "type", "version", "state") == nil {
		l.Snapshots = "SELECT count(*) FROM snapshots"
		l.Saved = &table.Saved{From: "snapshots", Version: "version", Data: "state", Category: true}
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
	byTypeAndID(l, p, t, "type", "id")
	return l, nil
}

var hallgrenColumns = []string{"seq", "id", "version", "reason", "type", "timestamp", "data", "metadata"}

// matchPgHallgren binds the same library in PostgreSQL.
//
//	events(seq serial PK, id varchar, version integer, reason varchar, type varchar, timestamp varchar, data bytea, metadata bytea)
func matchPgHallgren(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("events", hallgrenColumns...)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table events with seq, id, version, reason, type"),
		From:       p.Name(t) + " AS e",
		Meta:       snakeOrCamel(),
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Position: "e.seq", source.Category: p.Text("e", t, "type"),
		source.Type: p.Text("e", t, "reason"), source.Time: `e."timestamp"`, source.Data: "e.data", source.Meta: "e.metadata",
	}
	streamByTypeAndID(p, l, t, "type", "id")
	return l, nil
}

// byTypeAndID names streams TYPE/ID: an id may be of several types, and looking for one that
// is would read the whole table.
func byTypeAndID(l *table.Layout, p *sqlite.Probe, t *table.Table, typ, id string) {
	of := func(column string) *table.Layout {
		one := &table.Layout{StreamKey: column}
		one.Cols[source.Stream] = column
		return one
	}
	withoutNames(l, p.Name(t), t, typ, id)
	l.NamedBy(p.Collated, of(typ), of(id))
}

// withoutNames leaves out the events without a type or an id, if the columns allow that.
func withoutNames(l *table.Layout, from string, t *table.Table, columns ...string) {
	var some, none []string
	for _, name := range columns {
		if c := t.Column(name); !c.NotNull {
			some, none = append(some, table.QuoteName(c.Name)+" IS NOT NULL"), append(none, table.QuoteName(c.Name)+" IS NULL")
		}
	}
	if none == nil {
		return
	}
	l.LeftOut = append(l.LeftOut, table.Lost("event", " without "+strings.Join(columns, " or "), "SELECT count(*) FROM "+from+" WHERE "+table.AndAlso(l.Where, "("+strings.Join(none, " OR ")+")")))
	l.Where = table.AndAlso(l.Where, strings.Join(some, " AND "))
}
