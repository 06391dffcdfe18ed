package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay"
)

// sqlalchemyDialect is the layout of Python's eventsourcing_sqlalchemy: one table
// PREFIX_events for each application of the file, with positions of its own. So
// several applications have no common order: their streams are shown as
// PREFIX/ID, and positions only where one is chosen by [Options].Context. Payloads
// are those of the library's own recorder. An application without a name has the
// prefix "stored".
var sqlalchemyDialect = dialect{name: "eventsourcing-sqlalchemy", match: matchSQLAlchemy}

var sqlalchemyColumns = []string{"id", "originator_id", "originator_version", "topic", "state"}

func matchSQLAlchemy(p *probe) (*layout, error) {
	var prefixes []string
	for name, t := range p.tables {
		prefix, ok := strings.CutSuffix(name, "_events")
		if ok && t.require(sqlalchemyColumns...) == nil && t.column("application_name") == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	if len(prefixes) == 0 {
		return nil, errors.New("no table *_events with " + strings.Join(sqlalchemyColumns, ", "))
	}
	slices.Sort(prefixes)
	chosen, err := p.opts.choose(prefixes)
	if err != nil {
		return nil, err
	}
	py, err := newPyPayloads(p.opts.CipherKey)
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "the table " + strings.Join(sqlalchemyTables(p, chosen), ", ") + " with " + strings.Join(sqlalchemyColumns, ", "),
		contexts:   prefixes,
		derived:    columnsOf(colType),
		inData:     replay.FieldTime | replay.FieldMeta,
		dataAlways: true,
		decoder:    func() decoder { return py.clone() },
	}
	l.cols[colVersion], l.cols[colType], l.cols[colData] = "originator_version", "topic", "state"
	if len(chosen) == 1 {
		err = l.oneSQLAlchemy(p, chosen[0])
	} else {
		l.allSQLAlchemy(p, chosen)
	}
	if err != nil {
		return nil, err
	}
	l.sqlalchemyBeside(p, prefixes, chosen)
	return l, py.probe(p, l)
}

func sqlalchemyTables(p *probe, prefixes []string) []string {
	var out []string
	for _, c := range prefixes {
		out = append(out, p.table(c+"_events").name)
	}
	return out
}

func (l *layout) oneSQLAlchemy(p *probe, prefix string) error {
	t := p.table(prefix + "_events")
	l.from = quoteName(t.name)
	l.cols[colStream], l.cols[colPosition] = "originator_id", "id"
	return l.mapStream(p, t.column("originator_id"))
}

// allSQLAlchemy reads several applications, which only their streams' names keep
// apart.
func (l *layout) allSQLAlchemy(p *probe, prefixes []string) {
	var each []string
	for _, c := range prefixes {
		each = append(each, fmt.Sprintf("SELECT %s AS context, originator_id, originator_version, topic, state FROM %s",
			quoteText(c), quoteName(p.table(c+"_events").name)))
	}
	l.from = "(" + strings.Join(each, " UNION ALL ") + ") AS applications"
	l.inContexts("context", "originator_id", prefixes)
	l.recognised += fmt.Sprintf("; %d applications, whose streams begin with its name; choose one with --context to have positions",
		len(prefixes))
}

// inContexts names streams CONTEXT/ID, of two columns.
func (l *layout) inContexts(context, idColumn string, contexts []string) {
	l.cols[colStream] = context + " || '/' || " + shownID(idColumn)
	l.namedInContexts(contexts, func(arg func(any) string, c, id string) (string, bool) {
		return context + " = " + arg(c) + " AND " + matchID(idColumn, arg, id), true
	})
}

// sqlalchemyBeside says what is in the file and is not shown.
func (l *layout) sqlalchemyBeside(p *probe, all, chosen []string) {
	var snapshots []string
	for _, c := range all {
		if slices.Contains(chosen, c) {
			if s := p.table(c + "_snapshots"); s != nil {
				snapshots = append(snapshots, "(SELECT count(*) FROM "+quoteName(s.name)+")")
			}
			continue
		}
		l.leftOut = append(l.leftOut, omission{
			what:  "events of the application " + c,
			count: "SELECT count(*) FROM " + quoteName(p.table(c+"_events").name),
		})
	}
	if len(snapshots) > 0 {
		l.snapshots = "SELECT " + strings.Join(snapshots, " + ")
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
}

const snapshotsUnused = "snapshots, which are never used as a base"
