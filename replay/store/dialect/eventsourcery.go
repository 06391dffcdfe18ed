package dialect

import (
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchEventSourcery binds python-event-sourcery with SQLAlchemy in PostgreSQL. A stream is
// shown by its name, or its UUID if it has none; if one occurs in several categories,
// as CATEGORY/NAME. Times are UTC without a zone.
//
//	event_sourcery_events(id bigint PK, version integer NULL, uuid uuid, db_stream_id bigint, name varchar, data jsonb,
//	  event_context jsonb, created_at timestamp)
//	event_sourcery_streams(id bigint PK, uuid uuid, name varchar NULL, category varchar, version bigint NULL)
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
		LeftOut:    []table.Omission{ofNoStream("events", p.Name(t), "db_stream_id", p.Name(streams), "id")},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Position: "e.id", source.Time: "e.created_at", source.Type: p.Text("e", t, "name"),
		source.Category: p.Text("s", streams, "category"), source.Data: "e.data", source.Meta: "e.event_context",
	}
	p.ID(l, "e", t, "uuid")
	v, err := p.One("SELECT 1 FROM " + p.Name(t) + " AS e WHERE e.version IS NULL LIMIT 1")
	if err != nil {
		return nil, err
	}
	if v.Kind != cell.Null {
		l.Cols[source.Version] = "coalesce(e.version, e.id)"
		l.Recognised += "; events without a version are numbered by the table's id"
	}
	if s := p.Table("event_sourcery_snapshots"); s != nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, sourceryStreams(p, l, streams)
}

// sourceryStreams names streams, and looks them up by the library's indexes.
func sourceryStreams(p *postgres.Probe, l *table.Layout, streams *table.Table) error {
	const shown = "coalesce(s.name, s.uuid::text)"
	match := func(arg func(any) string, id string) string {
		uuid := id
		if hex, ok := cell.UUIDDigits(id); !ok || len(hex) != 32 || cell.DashUUID(hex) != id {
			uuid = "00000000-0000-0000-0000-000000000000" // the condition is the same for every id
		}
		return "(s.name = " + arg(id) + " OR s.name IS NULL AND s.uuid = " + arg(uuid) + " AND s.uuid::text = " + arg(id) + ")"
	}
	p.Stream(l, "s", streams, "name")
	storable := l.StreamArg
	l.Cols[source.Stream] = p.Collated(shown)
	l.MatchStream = func(arg func(any) string, id string) (string, bool) {
		_, ok := storable(id)
		return match(arg, id), ok
	}
	twice, err := p.One("SELECT 1 FROM " + p.Name(streams) + " AS s GROUP BY " + shown + " HAVING count(*) > 1 LIMIT 1")
	if err != nil || twice.Kind == cell.Null {
		return err
	}
	categories, err := p.Texts("SELECT DISTINCT s.category::text FROM " + p.Name(streams) + " AS s ORDER BY 1")
	if err != nil {
		return err
	}
	l.Recognised += "; some names are of more than one category, so streams are named CATEGORY/NAME"
	l.Cols[source.Stream] = p.Collated("(s.category || '/' || " + shown + ")")
	l.NamedInContexts(categories, func(arg func(any) string, category, id string) (string, bool) {
		_, ok := storable(id)
		return "s.category = " + arg(category) + " AND " + match(arg, id), ok
	})
	return nil
}
