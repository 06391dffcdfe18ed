package dialect

import (
	"errors"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// hallgrenDialect is the layout of the Go library hallgren/eventsourcing 0.0. A stream is
// identified by its aggregate's type and id. If ids are unique without the type, as
// they usually are, streams are shown by id only.
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
		l.LeftOut = append(l.LeftOut, table.Omission{What: table.SnapshotsUnused, Count: l.Snapshots})
	}
	return l, byTypeAndID(l, p, "type", "id")
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
	return l, pgByTypeAndID(p, l, t, "type", "id")
}

// byTypeAndID names streams by id, or TYPE/ID if some id occurs with several types.
func byTypeAndID(l *table.Layout, p *sqlite.Probe, typ, id string) error {
	twice, err := p.First("SELECT " + id + " FROM " + l.From + " GROUP BY " + id +
		" HAVING min(" + typ + ") <> max(" + typ + ")")
	if err != nil {
		return err
	}
	if twice.Kind == cell.Null {
		l.Cols[source.Stream], l.StreamKey = id, id
		return nil
	}
	l.Recognised += "; some ids are of more than one type, so streams are named TYPE/ID"
	l.Cols[source.Stream] = typ + " || '/' || " + id
	l.MatchStream = func(arg func(any) string, stream string) (string, bool) {
		return typ + " || '/' || " + id + " = " + arg(stream), true
	}
	return nil
}
