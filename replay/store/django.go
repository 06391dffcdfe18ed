package store

import (
	"encoding/hex"
	"errors"
	"fmt"

	"asof/replay"
)

// djangoDialect is the layout of Python's eventsourcing_django: the applications
// of the file share the table stored_events and its ids, so that each one's
// positions have gaps. Where there are several and none is chosen by
// [Options].Context, streams are shown as APPLICATION/ID.
var djangoDialect = dialect{name: "eventsourcing-django", match: matchDjango}

func matchDjango(p *probe) (*layout, error) {
	t := p.table("stored_events")
	if t == nil {
		return nil, errors.New(noTable + "stored_events")
	}
	if err := t.require("id", "application_name", "originator_id", "originator_version", "topic", "state"); err != nil {
		return nil, err
	}
	apps, err := p.distinct("stored_events", "application_name")
	if err != nil {
		return nil, err
	}
	chosen, err := p.opts.choose(apps)
	if err != nil {
		return nil, err
	}
	py, err := newPyPayloads(p.opts.CipherKey)
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table stored_events with application_name, originator_id, originator_version, topic, state",
		from:       "stored_events",
		contexts:   append([]string{}, apps...),
		derived:    columnsOf(colType),
		inData:     replay.FieldTime | replay.FieldMeta,
		dataAlways: true,
		decoder:    func() decoder { return py.clone() },
	}
	l.cols[colVersion], l.cols[colPosition] = "originator_version", "id"
	l.cols[colType], l.cols[colData] = "topic", "state"
	within := ""
	if len(chosen) > 1 {
		l.inContexts("application_name", "originator_id", chosen)
		l.recognised += fmt.Sprintf("; %d applications, whose streams begin with its name: %s", len(chosen), listed(chosen, 5))
	} else {
		l.cols[colStream] = shownID("originator_id")
		app := ""
		if len(chosen) == 1 {
			app = chosen[0]
		}
		l.matchStream = func(arg func(any) string, id string) (string, bool) {
			return "application_name = " + arg(app) + " AND " + matchID("originator_id", arg, id), true
		}
		if len(apps) > 1 {
			l.where = "application_name = " + quoteText(app)
			within = " WHERE " + l.where
			l.leftOut = append(l.leftOut, omission{
				what:  "events of other applications (" + listed(without(apps, app), 5) + ")",
				count: "SELECT count(*) FROM stored_events WHERE application_name <> " + quoteText(app),
			})
		}
	}
	if s := p.table("snapshots"); s != nil && s.require("application_name", "originator_id") == nil {
		l.snapshots = "SELECT count(*) FROM snapshots" + within
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
	return l, py.probe(p, l)
}

func without(names []string, name string) []string {
	var out []string
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

// distinct returns the different values of a column, by steps through its index.
func (p *probe) distinct(table, column string) ([]string, error) {
	next := "(SELECT min(" + column + ") FROM " + table
	return p.texts("WITH RECURSIVE found(name) AS (SELECT * FROM " + next + ") UNION ALL SELECT " + next +
		" WHERE " + column + " > name) FROM found WHERE name IS NOT NULL) SELECT name FROM found WHERE name IS NOT NULL" +
		" LIMIT " + maxContexts)
}

// maxContexts bounds the applications of one file.
const maxContexts = "10000"

// shownID is SQL for an id that may be kept as text or, as UUIDs often are, as 16
// bytes: those are shown in hexadecimal.
func shownID(column string) string {
	return "CASE typeof(" + column + ") WHEN 'blob' THEN lower(hex(" + column + ")) ELSE CAST(" + column + " AS TEXT) END"
}

// matchID is SQL for the rows whose id is shown as the one given.
func matchID(column string, arg func(any) string, id string) string {
	if b, ok := hexID(id); ok {
		return column + " IN (" + arg(id) + ", " + arg(b) + ")"
	}
	// Alike for every id, so that a statement can be used again.
	return column + " IN (" + arg(id) + ", " + arg(id) + ")"
}

// hexID returns the bytes that are shown as id.
func hexID(id string) ([]byte, bool) {
	b, err := hex.DecodeString(id)
	return b, err == nil && id != "" && hex.EncodeToString(b) == id
}
