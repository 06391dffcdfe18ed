package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay"
)

// The layouts of Python's eventsourcing in PostgreSQL: the library's own recorder,
// and those of eventsourcing_sqlalchemy and eventsourcing_django.
//
//	<application>_events(originator_id uuid|text, originator_version, topic text, state bytea, [notification_id bigserial])
//	<application>_events(id bigint PK, originator_id uuid, originator_version, topic, state bytea)
//	stored_events(id bigint PK, application_name, originator_id, originator_version, topic, state bytea)
//
// Payloads are as in SQLite: see [pyEventsourcing]. Each application has positions
// of its own, so several have no common order: their streams are shown as
// APPLICATION/ID, and positions only where one is chosen.

var pyColumns = []string{"originator_id", "originator_version", "topic", "state"}

func matchPgEventsourcing(p *pgProbe) (*layout, error) {
	return p.matchPyTables("notification_id", "id", "application_name")
}

func matchPgSQLAlchemy(p *pgProbe) (*layout, error) {
	return p.matchPyTables("id", "notification_id", "application_name")
}

// matchPyTables finds the tables of applications, whose positions are in a column
// of theirs, if they have any.
func (p *pgProbe) matchPyTables(position string, hasNot ...string) (*layout, error) {
	tables := map[string]*table{}
	var apps []string
	for name, t := range p.tables {
		app, ok := strings.CutSuffix(name, "_events")
		if !ok || t.require(pyColumns...) != nil ||
			slices.ContainsFunc(hasNot, func(c string) bool { return t.column(c) != nil }) ||
			position == "id" && t.column("id") == nil {
			continue
		}
		tables[app] = t
		apps = append(apps, app)
	}
	if len(apps) == 0 {
		why := noTable + "*_events with " + strings.Join(pyColumns, ", ")
		if position == "id" {
			why += ", id"
		}
		return nil, errors.New(why)
	}
	slices.Sort(apps)
	chosen, err := p.opts.choose(apps)
	if err != nil {
		return nil, err
	}
	l, py, err := p.pyLayout()
	if err != nil {
		return nil, err
	}
	l.contexts = apps
	if len(chosen) == 1 {
		t := tables[chosen[0]]
		l.recognised = p.found("table " + t.name + " with " + strings.Join(pyColumns, ", "))
		l.from = p.name(t) + " AS e"
		if t.column(position) != nil {
			l.cols[colPosition] = ref("e", t, position)
		}
		p.stream(l, "e", t, "originator_id")
	} else {
		p.allPyTables(l, tables, chosen)
	}
	p.pyBeside(l, tables, apps, chosen)
	return l, p.judgePy(py, l)
}

// allPyTables reads several applications, which only their streams' names keep
// apart.
func (p *pgProbe) allPyTables(l *layout, tables map[string]*table, apps []string) {
	var each []string
	for _, app := range apps {
		t := tables[app]
		each = append(each, fmt.Sprintf("SELECT %s::text AS context, x.originator_id::text AS originator_id, "+
			"x.originator_version, x.topic, x.state FROM %s AS x", quoteText(app), p.name(t)))
	}
	l.from = "(" + strings.Join(each, " UNION ALL ") + ") AS e"
	joint := &table{cols: []tableColumn{{name: "originator_id", typ: "text"}, {name: "context", typ: "text"}}}
	p.stream(l, "e", joint, "originator_id")
	l.prefixed("e.context", apps)
	l.recognised = p.found(fmt.Sprintf("the tables of %d applications (%s), whose streams begin with the name; choose one with --context to have positions",
		len(apps), listed(apps, 5)))
}

// pyLayout is what all of them have in common.
func (p *pgProbe) pyLayout() (*layout, *pyPayloads, error) {
	py, err := newPyPayloads(p.opts.CipherKey)
	l := &layout{
		derived:    columnsOf(colType),
		inData:     replay.FieldTime | replay.FieldMeta,
		dataAlways: true,
		decoder:    func() decoder { return py.clone() },
	}
	l.cols[colVersion], l.cols[colType], l.cols[colData] = "e.originator_version", "e.topic", "e.state"
	return l, py, err
}

func (p *pgProbe) judgePy(py *pyPayloads, l *layout) error {
	where := ""
	if l.where != "" {
		where = " WHERE " + l.where
	}
	v, err := p.one("SELECT e.state FROM " + l.from + where + " LIMIT 1")
	if err == nil {
		py.judge(&v, l)
	}
	return err
}

// pyBeside says what is there and is not shown.
func (p *pgProbe) pyBeside(l *layout, tables map[string]*table, all, chosen []string) {
	var snapshots []string
	for _, app := range all {
		if !slices.Contains(chosen, app) {
			l.leftOut = append(l.leftOut, omission{
				what: "events of the application " + app, count: "SELECT count(*) FROM " + p.name(tables[app]),
			})
			continue
		}
		if s := p.table(app + "_snapshots"); s != nil && s.require(pyColumns...) == nil {
			snapshots = append(snapshots, "(SELECT count(*) FROM "+p.name(s)+")")
		}
	}
	if len(snapshots) > 0 {
		l.keepsSnapshots("SELECT " + strings.Join(snapshots, " + "))
	}
}

func matchPgDjango(p *pgProbe) (*layout, error) {
	t, err := p.need("stored_events", append([]string{"id", "application_name"}, pyColumns...)...)
	if err != nil {
		return nil, err
	}
	apps, err := p.session.texts(p.ctx, "SELECT DISTINCT application_name FROM "+p.name(t)+" ORDER BY 1")
	if err != nil {
		return nil, err
	}
	l, py, err := p.pyLayout()
	if err != nil {
		return nil, err
	}
	l.recognised = p.found("table stored_events with application_name, " + strings.Join(pyColumns, ", "))
	l.from = p.name(t) + " AS e"
	l.cols[colPosition] = "e.id"
	l.contexts = append([]string{}, apps...)
	p.stream(l, "e", t, "originator_id")
	if len(apps) > 1 || p.opts.Context != "" {
		if err := p.inContexts(l, t, "application_name", apps); err != nil {
			return nil, err
		}
	}
	if s := p.table("snapshots"); s != nil && s.require("application_name", "originator_id") == nil {
		l.keepsSnapshots("SELECT count(*) FROM " + p.name(s))
	}
	return l, p.judgePy(py, l)
}
