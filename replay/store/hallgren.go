package store

import "errors"

// hallgrenDialect is the layout of the Go library hallgren/eventsourcing. A
// stream is known by the type of its aggregate and its id; where ids are unique
// without it, as they nearly always are, streams are shown by id alone.
var hallgrenDialect = dialect{name: "hallgren-eventsourcing", match: matchHallgren}

func matchHallgren(p *probe) (*layout, error) {
	t := p.table("events")
	if t == nil {
		return nil, errors.New(noTable + "events")
	}
	if err := t.require("seq", "id", "version", "reason", "type", "timestamp", "data", "metadata"); err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table events with seq, id, version, reason, type",
		from:       "events",
		cols: [numColumns]string{
			colVersion: "version", colPosition: "seq", colCategory: "type", colType: "reason",
			colTime: "timestamp", colData: "data", colMeta: "metadata",
		},
		meta: Metadata{
			Correlation: []string{"/correlation_id", "/correlationId"},
			Causation:   []string{"/causation_id", "/causationId"},
		},
	}
	if s := p.table("snapshots"); s != nil && s.require("id", "type", "version", "state") == nil {
		l.snapshots = "SELECT count(*) FROM snapshots"
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
	return l, l.byTypeAndID(p, "type", "id")
}

// byTypeAndID names streams by their id, or TYPE/ID where an id is found with more
// than one type.
func (l *layout) byTypeAndID(p *probe, typ, id string) error {
	twice, err := p.first("SELECT " + id + " FROM " + l.from + " GROUP BY " + id +
		" HAVING min(" + typ + ") <> max(" + typ + ")")
	if err != nil {
		return err
	}
	if twice.kind == kindNull {
		l.cols[colStream], l.streamKey = id, id
		return nil
	}
	l.recognised += "; some ids are of more than one type, so streams are named TYPE/ID"
	l.cols[colStream] = typ + " || '/' || " + id
	l.matchStream = func(arg func(any) string, stream string) (string, bool) {
		return typ + " || '/' || " + id + " = " + arg(stream), true
	}
	return nil
}
