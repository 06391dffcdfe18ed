package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// The layouts of Python's eventsourcing in PostgreSQL: the library's own recorder,
// eventsourcing_sqlalchemy and eventsourcing_django.
//
//	<application>_events(originator_id uuid|text, originator_version, topic text, state bytea, [notification_id bigserial])
//	<application>_events(id bigint PK, originator_id uuid, originator_version, topic, state bytea)
//	stored_events(id bigint PK, application_name, originator_id, originator_version, topic, state bytea)
//
// Payloads are as in SQLite, see [pyEventsourcing]. Each application has its own
// positions, so several have no common order: their streams are shown as
// APPLICATION/ID, and there are positions only if one is chosen.

var pyColumns = []string{"originator_id", "originator_version", "topic", "state"}

// matchPgEventsourcing binds the library's own recorder (9.0 and later).
func matchPgEventsourcing(p *postgres.Probe) (*table.Layout, error) {
	return matchPyTables(p, "notification_id", "id", "application_name")
}

// matchPgSQLAlchemy binds eventsourcing_sqlalchemy (0.1 and later).
func matchPgSQLAlchemy(p *postgres.Probe) (*table.Layout, error) {
	return matchPyTables(p, "id", "notification_id", "application_name")
}

// matchPyTables finds the tables of applications. position is their position column, if
// any.
func matchPyTables(p *postgres.Probe, position string, hasNot ...string) (*table.Layout, error) {
	tables := map[string]*table.Table{}
	var apps []string
	var other error
	for name, t := range p.Tables {
		app, ok := strings.CutSuffix(name, "_events")
		if !ok || slices.ContainsFunc(hasNot, func(c string) bool { return t.Column(c) != nil }) || position == "id" && isDjangos(t) {
			continue
		}
		if err := t.Partly(3, pyColumns...); err != nil {
			return nil, err
		}
		if t.Require(pyColumns...) != nil || position == "id" && t.Column("id") == nil {
			continue
		}
		if position != "id" && t.Column(position) == nil && len(t.Cols) > len(pyColumns) {
			other = fmt.Errorf("table %s has no column %s", t.Name, position) // and one of a recorder without positions has no others
			continue
		}
		tables[app] = t
		apps = append(apps, app)
	}
	if len(apps) == 0 && other != nil {
		return nil, other
	}
	if len(apps) == 0 {
		why := source.NoTable + "*_events with " + strings.Join(pyColumns, ", ")
		if position == "id" {
			why += ", id"
		}
		return nil, errors.New(why)
	}
	slices.Sort(apps)
	chosen, err := p.Opts.Choose(apps)
	if err != nil {
		return nil, err
	}
	l, py, err := pyLayout(p)
	if err != nil {
		return nil, err
	}
	l.Contexts = apps
	if len(chosen) == 1 {
		t := tables[chosen[0]]
		l.Recognised = p.Found("table " + t.Name + " with " + strings.Join(pyColumns, ", "))
		l.From = p.Name(t) + " AS e"
		if t.Column(position) != nil {
			l.Cols[source.Position] = postgres.Ref("e", t, position)
		}
		p.Stream(l, "e", t, "originator_id")
	} else {
		allPyTables(p, l, tables, chosen)
	}
	pyLeftOut(p, l, tables, apps, chosen)
	return l, judgePy(p, py, l)
}

// allPyTables reads several applications and prefixes their streams with their names.
func allPyTables(p *postgres.Probe, l *table.Layout, tables map[string]*table.Table, apps []string) {
	var each []string
	for _, app := range apps {
		t := tables[app]
		each = append(each, fmt.Sprintf("SELECT %s::text AS context, x.originator_id::text AS originator_id, "+
			"x.originator_version, x.topic, x.state FROM %s AS x", table.QuoteText(app), p.Name(t)))
	}
	l.From = "(" + strings.Join(each, " UNION ALL ") + ") AS e"
	joint := &table.Table{Cols: []table.Column{{Name: "originator_id", Type: "text"}, {Name: "context", Type: "text"}}}
	p.Stream(l, "e", joint, "originator_id")
	l.Prefixed("e.context", apps)
	l.Recognised = p.Found(fmt.Sprintf("the tables of %d applications (%s), whose streams begin with the name; choose one as the context to have positions",
		len(apps), source.Listed(apps, 5)))
}

// pyLayout returns the common part of the layouts.
func pyLayout(p *postgres.Probe) (*table.Layout, *pyPayloads, error) {
	py, err := newPyPayloads(p.Opts.CipherKey)
	l := &table.Layout{
		Derived:    source.FieldsOf(source.Type),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return py.clone() },
	}
	l.Cols[source.Version], l.Cols[source.Type], l.Cols[source.Data] = "e.originator_version", "e.topic", "e.state"
	return l, py, err
}

func judgePy(p *postgres.Probe, py *pyPayloads, l *table.Layout) error {
	where := ""
	if l.Where != "" {
		where = " WHERE " + l.Where
	}
	v, err := p.One("SELECT e.state FROM " + l.From + where + " LIMIT 1")
	if err == nil {
		py.judge(&v, l)
	}
	return err
}

// pyLeftOut lists the other tables as left out.
func pyLeftOut(p *postgres.Probe, l *table.Layout, tables map[string]*table.Table, all, chosen []string) {
	var snapshots []string
	for _, app := range all {
		if !slices.Contains(chosen, app) {
			l.LeftOut = append(l.LeftOut, table.Counted("event", " of the application "+app, "SELECT count(*) FROM "+p.Name(tables[app])))
			continue
		}
		if s := p.Table(app + "_snapshots"); s != nil && s.Require(pyColumns...) == nil {
			snapshots = append(snapshots, "(SELECT count(*) FROM "+p.Name(s)+")")
			if len(chosen) == 1 {
				l.Saved = pySaved(l, p.Name(s)+" AS e")
			}
		}
	}
	if len(snapshots) > 0 {
		l.KeepsSnapshots("SELECT " + strings.Join(snapshots, " + "))
	}
}

// matchPgDjango binds eventsourcing_django (0.1 and later).
func matchPgDjango(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("stored_events", append([]string{"id", "application_name"}, pyColumns...)...)
	if err != nil {
		return nil, err
	}
	apps, err := p.Steps(t, "application_name")
	if err != nil {
		return nil, err
	}
	l, py, err := pyLayout(p)
	if err != nil {
		return nil, err
	}
	l.Recognised = p.Found("table stored_events with application_name, " + strings.Join(pyColumns, ", "))
	l.From = p.Name(t) + " AS e"
	l.Cols[source.Position] = "e.id"
	l.Contexts = append([]string{}, apps...)
	p.Stream(l, "e", t, "originator_id")
	if len(apps) > 1 || p.Opts.Context != "" {
		if err := pgContexts(p, l, t, "application_name", apps); err != nil {
			return nil, err
		}
	}
	if s := p.Table("snapshots"); s != nil && s.Require("application_name", "originator_id") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
		l.Saved = pySaved(l, p.Name(s)+" AS e")
	}
	return l, judgePy(p, py, l)
}
