package dialect

import (
	"errors"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// matchEventSourcery binds python-event-sourcery (0.2 and later, by its models before and after they
// had tenants) with SQLAlchemy in PostgreSQL. A stream is
// shown by its name, or its UUID if it has none; if one occurs in several categories,
// as CATEGORY/NAME. If there are several tenants, each is a context, and streams are shown as
// TENANT/NAME. Times are UTC without a zone.
//
//	event_sourcery_events(id bigint PK, version integer NULL, uuid uuid, db_stream_id bigint, name varchar, data jsonb,
//	  event_context jsonb, created_at timestamp)
//	event_sourcery_streams(id bigint PK, uuid uuid, name varchar NULL, category varchar,
//	  [tenant_id varchar], version bigint NULL)
//
// An event of a stream without versions is numbered by the table's id.
func matchEventSourcery(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("event_sourcery_events", "id", "version", "uuid", "db_stream_id", "name", "data", "event_context", "created_at")
	if err != nil {
		return nil, err
	}
	streams, err := p.Need("event_sourcery_streams", "id", "uuid", "name", "category")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("tables event_sourcery_events and event_sourcery_streams"),
		From:       p.Name(t) + " AS e JOIN " + p.Name(streams) + " AS s ON s.id = e.db_stream_id",
		Meta:       source.Metadata{Correlation: []string{"/correlation_id"}, Causation: []string{"/causation_id"}},
		LeftOut:    []table.Omission{ofNoStream("event", p.Name(t), "db_stream_id", p.Name(streams), "id")},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Position: "e.id", source.Time: "e.created_at", source.Type: p.Text("e", t, "name"),
		source.Category: p.Text("s", streams, "category"), source.Data: "e.data", source.Meta: "e.event_context",
	}
	p.ID(l, "e", t, "uuid")
	if err := sourceryVersions(p, l, t); err != nil {
		return nil, err
	}
	if s := p.Table("event_sourcery_snapshots"); s != nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	p.Stream(l, "s", streams, "name")
	storable := l.StreamArg
	return l, sourceryStreams(p, l, streams, "coalesce(s.name, s.uuid::text)", func(arg func(any) string, id string) (string, bool) {
		uuid := id
		if hex, ok := cell.UUIDDigits(id); !ok || len(hex) != 32 || cell.DashUUID(hex) != id {
			uuid = "00000000-0000-0000-0000-000000000000" // the condition is the same for every id
		}
		_, ok := storable(id)
		return "(s.name = " + arg(id) + " OR s.name IS NULL AND s.uuid = " + arg(uuid) + " AND s.uuid::text = " + arg(id) + ")", ok
	})
}

// eventSourcerySQLite is the same layout (0.2 and later) in SQLite, where a UUID is 32 hexadecimal digits.
var eventSourcerySQLite = sqlite.Dialect{Name: "event-sourcery", Match: matchEventSourcerySQLite}

func matchEventSourcerySQLite(p *sqlite.Probe) (*table.Layout, error) {
	t, streams := p.Table("event_sourcery_events"), p.Table("event_sourcery_streams")
	if t == nil || streams == nil {
		return nil, errors.New(source.NoTable + "event_sourcery_events, with event_sourcery_streams")
	}
	if err := errors.Join(t.Require("id", "version", "uuid", "db_stream_id", "name", "data", "event_context", "created_at"),
		streams.Require("id", "uuid", "name", "category")); err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "tables event_sourcery_events and event_sourcery_streams",
		From:       "event_sourcery_events AS e JOIN event_sourcery_streams AS s ON s.id = e.db_stream_id",
		Meta:       source.Metadata{Correlation: []string{"/correlation_id"}, Causation: []string{"/causation_id"}},
		LeftOut:    []table.Omission{ofNoStream("event", "event_sourcery_events", "db_stream_id", "event_sourcery_streams", "id")},
		Cols: [source.NumFields]string{
			source.Version: "e.version", source.Position: "e.id", source.ID: sqlite.ShownID("e.uuid"), source.Time: "e.created_at",
			source.Type: "e.name", source.Category: "s.category", source.Data: "e.data", source.Meta: "e.event_context",
		},
	}
	if err := sourceryVersions(p, l, t); err != nil {
		return nil, err
	}
	if p.Table("event_sourcery_snapshots") != nil {
		l.KeepsSnapshots("SELECT count(*) FROM event_sourcery_snapshots")
	}
	return l, sourceryStreams(p, l, streams, "coalesce(s.name, s.uuid)", func(arg func(any) string, id string) (string, bool) {
		return "(s.name = " + arg(id) + " OR s.name IS NULL AND s.uuid = " + arg(id) + ")", true
	})
}

// sourceryVersions numbers events by the table's id where streams have no versions.
func sourceryVersions(p table.RowProbe, l *table.Layout, t *table.Table) error {
	without, err := p.Values("SELECT '1' FROM " + p.Name(t) + " AS e WHERE e.version IS NULL LIMIT 1")
	if without != nil {
		l.Cols[source.Version] = "coalesce(e.version, e.id)"
		l.Recognised += "; events without a version are numbered by the table's id"
	}
	return err
}

// sourceryStreams names streams, and looks them up by the library's indexes. shown is SQL for
// the name, and match returns the condition for it.
func sourceryStreams(p table.RowProbe, l *table.Layout, streams *table.Table, shown string, match func(arg func(any) string, id string) (string, bool)) error {
	from := " FROM " + p.Name(streams) + " AS s"
	prefix, where, err := sourceryTenants(p, l, streams)
	if err != nil {
		return err
	}
	by := shown
	if prefix != "" {
		by = prefix + ", " + shown
	}
	twice, err := p.Values("SELECT '1'" + from + where + " GROUP BY " + by + " HAVING count(*) > 1 LIMIT 1")
	if err != nil {
		return err
	}
	switch category := p.Collated("s.category"); {
	case twice == nil:
	case prefix == "":
		prefix = category
		l.Recognised += "; some names are in more than one category, so streams are named CATEGORY/NAME"
	default:
		prefix += " || '/' || " + category
		l.Recognised += "; some names are in more than one category, so streams are named TENANT/CATEGORY/NAME"
	}
	l.StreamKey, l.StreamArg = "", nil
	if prefix == "" {
		l.Cols[source.Stream] = p.Collated(shown)
		l.MatchStream = match
		return nil
	}
	all, err := p.Values("SELECT DISTINCT " + prefix + from + where + " ORDER BY 1")
	if err != nil {
		return err
	}
	l.Cols[source.Stream] = p.Collated("(" + prefix + " || '/' || " + shown + ")")
	l.NamedInContexts(all, func(arg func(any) string, in, id string) (string, bool) {
		cond := prefix + " = " + arg(in) + " AND "
		own, ok := match(arg, id)
		return cond + own, ok
	})
	return nil
}

// sourceryTenants returns SQL for the tenants' names if there are several, and for which of
// them are read. Earlier releases have none.
func sourceryTenants(p table.RowProbe, l *table.Layout, streams *table.Table) (prefix, where string, err error) {
	if streams.Column("tenant_id") == nil {
		return "", "", nil
	}
	tenants, err := p.Values("SELECT DISTINCT s.tenant_id FROM " + p.Name(streams) + " AS s ORDER BY 1")
	if err != nil {
		return "", "", err
	}
	chosen, err := p.Options().Choose(tenants)
	l.Contexts = append([]string{}, tenants...)
	switch {
	case err != nil || len(tenants) < 2:
		return "", "", err
	case len(chosen) > 1:
		l.Recognised += "; of several tenants, whose streams begin with the name: " + source.Listed(chosen, 5)
		return p.Collated("s.tenant_id"), "", nil
	}
	own := "s.tenant_id = " + table.QuoteText(chosen[0])
	l.OnlyWhere(own)
	l.LeftOut = append(l.LeftOut, table.Counted("event", " of other tenants ("+source.Listed(source.Without(tenants, chosen[0]), 5)+")", "SELECT count(*) FROM "+l.From+" WHERE NOT ("+own+")"))
	return "", " WHERE " + own, nil
}
