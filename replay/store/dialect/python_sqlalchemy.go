package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// sqlalchemyDialect is the layout of Python's eventsourcing_sqlalchemy (0.1 and later, for
// eventsourcing 9): one table
// PREFIX_events per application, each with its own positions. Several applications have
// no common order: their streams are shown as PREFIX/ID, and there are positions only
// if [source.Options].Context chooses one. Payloads are as in the library's own
// recorder. An unnamed application has the prefix "stored".
var sqlalchemyDialect = sqlite.Dialect{Name: "eventsourcing-sqlalchemy", Match: matchSQLAlchemy}

var sqlalchemyColumns = []string{"id", "originator_id", "originator_version", "topic", "state"}

func matchSQLAlchemy(p *sqlite.Probe) (*table.Layout, error) {
	var prefixes []string
	var why error
	for name, t := range p.Tables {
		prefix, ok := strings.CutSuffix(name, "_events")
		if !ok || isDjangos(t) {
			continue
		}
		if err := t.Partly(4, sqlalchemyColumns...); err != nil {
			if t.Column("id") == nil { // that of the library's own recorder, or of another release
				why = err
				continue
			}
			return nil, err
		}
		if t.Require(sqlalchemyColumns...) == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	if why != nil && len(prefixes) > 0 {
		return nil, why
	}
	if len(prefixes) == 0 {
		return nil, errors.New("no table *_events with " + strings.Join(sqlalchemyColumns, ", "))
	}
	slices.Sort(prefixes)
	chosen, err := p.Opts.Choose(prefixes)
	if err != nil {
		return nil, err
	}
	py, err := newPyPayloads(p.Opts.CipherKey)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "the table " + strings.Join(sqlalchemyTables(p, chosen), ", ") + " with " + strings.Join(sqlalchemyColumns, ", "),
		Contexts:   prefixes,
		Derived:    source.FieldsOf(source.Type),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return py.clone() },
	}
	l.Cols[source.Version], l.Cols[source.Type], l.Cols[source.Data] = "originator_version", "topic", "state"
	if len(chosen) == 1 {
		err = oneSQLAlchemy(l, p, chosen[0])
	} else {
		allSQLAlchemy(l, p, chosen)
	}
	if err != nil {
		return nil, err
	}
	sqlalchemyLeftOut(l, p, prefixes, chosen)
	return l, py.probe(p, l)
}

func sqlalchemyTables(p *sqlite.Probe, prefixes []string) []string {
	var out []string
	for _, c := range prefixes {
		out = append(out, p.Table(c+"_events").Name)
	}
	return out
}

func oneSQLAlchemy(l *table.Layout, p *sqlite.Probe, prefix string) error {
	t := p.Table(prefix + "_events")
	l.From = table.QuoteName(t.Name)
	l.Cols[source.Stream], l.Cols[source.Position] = "originator_id", "id"
	return sqlite.MapStream(l, p, t.Column("originator_id"))
}

// allSQLAlchemy reads several applications and prefixes their streams with their names.
func allSQLAlchemy(l *table.Layout, p *sqlite.Probe, prefixes []string) {
	var each []string
	for _, c := range prefixes {
		each = append(each, fmt.Sprintf("SELECT %s AS context, originator_id, originator_version, topic, state FROM %s",
			table.QuoteText(c), table.QuoteName(p.Table(c+"_events").Name)))
	}
	l.From = "(" + strings.Join(each, " UNION ALL ") + ") AS applications"
	sqliteContexts(l, "context", "originator_id", prefixes)
	l.Recognised += fmt.Sprintf("; %d applications, whose streams begin with its name; choose one as the context to have positions",
		len(prefixes))
}

// sqlalchemyLeftOut lists the other contents of the file as left out.
func sqlalchemyLeftOut(l *table.Layout, p *sqlite.Probe, all, chosen []string) {
	var snapshots []string
	for _, c := range all {
		if slices.Contains(chosen, c) {
			if s := p.Table(c + "_snapshots"); s != nil {
				snapshots = append(snapshots, "(SELECT count(*) FROM "+table.QuoteName(s.Name)+")")
				if len(chosen) == 1 {
					l.Saved = pySaved(l, table.QuoteName(s.Name))
				}
			}
			continue
		}
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the application "+c, "SELECT count(*) FROM "+table.QuoteName(p.Table(c+"_events").Name)))
	}
	if len(snapshots) > 0 {
		l.Snapshots = "SELECT " + strings.Join(snapshots, " + ")
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
}

// isDjangos reports whether a table may be that of eventsourcing_django, which has the name
// of an unnamed application's and one column more.
func isDjangos(t *table.Table) bool {
	return t.Column("application_name") != nil || strings.EqualFold(t.Name, "stored_events") && len(t.Cols) > len(sqlalchemyColumns)
}
