package dialect

import (
	"errors"
	"fmt"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// djangoDialect is the layout of Python's eventsourcing_django (0.1 and later, for
// eventsourcing 9). The applications of a
// file share the table stored_events and its ids, so each application's positions have
// gaps. If there are several and [source.Options].Context chooses none, streams are
// shown as APPLICATION/ID.
var djangoDialect = sqlite.Dialect{Name: "eventsourcing-django", Match: matchDjango}

func matchDjango(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("stored_events")
	if t == nil {
		return nil, errors.New(source.NoTable + "stored_events")
	}
	if err := t.Require("id", "application_name", "originator_id", "originator_version", "topic", "state"); err != nil {
		return nil, err
	}
	apps, err := p.Distinct("stored_events", "application_name")
	if err != nil {
		return nil, err
	}
	chosen, err := p.Opts.Choose(apps)
	if err != nil {
		return nil, err
	}
	py, err := newPyPayloads(p.Opts.CipherKey)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table stored_events with application_name, originator_id, originator_version, topic, state",
		From:       "stored_events",
		Contexts:   append([]string{}, apps...),
		Derived:    source.FieldsOf(source.Type),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return py.clone() },
	}
	l.Cols[source.Version], l.Cols[source.Position] = "originator_version", "id"
	l.Cols[source.Type], l.Cols[source.Data] = "topic", "state"
	within := ""
	if len(chosen) > 1 {
		sqliteContexts(l, "application_name", "originator_id", chosen)
		l.Recognised += fmt.Sprintf("; %d applications, whose streams begin with its name: %s", len(chosen), source.Listed(chosen, 5))
	} else {
		l.Cols[source.Stream] = sqlite.ShownID("originator_id")
		app := ""
		if len(chosen) == 1 {
			app = chosen[0]
		}
		l.MatchStream = func(arg func(any) string, id string) (string, bool) {
			return "application_name = " + arg(app) + " AND " + sqlite.MatchID("originator_id", arg, id), true
		}
		if len(apps) > 1 {
			l.Where = "application_name = " + table.QuoteText(app)
			within = " WHERE " + l.Where
			l.LeftOut = append(l.LeftOut, table.Counted("event", " of other applications ("+source.Listed(source.Without(apps, app), 5)+")", "SELECT count(*) FROM stored_events WHERE application_name <> "+table.QuoteText(app)))
		}
	}
	if s := p.Table("snapshots"); s != nil && s.Require("application_name", "originator_id") == nil {
		l.Snapshots, l.Saved = "SELECT count(*) FROM snapshots"+within, pySaved(l, "snapshots")
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
	return l, py.probe(p, l)
}
