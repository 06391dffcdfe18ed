package dialect

import (
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchMarten binds Marten (4 to 8), whose schema may have any name.
//
//	mt_events(seq_id bigint PK, id uuid, stream_id uuid|varchar, version bigint, data jsonb, [bdata bytea],
//	  type varchar, timestamp timestamptz, tenant_id, mt_dotnet_type, is_archived,
//	  [correlation_id, causation_id, headers jsonb, user_name, is_skipped])
//	mt_streams(id, type, version, timestamp, created, tenant_id, is_archived)
//
// A tombstone marks a failed transaction and is not an event. Archived events and
// events that Marten was told to skip are left out, as in Marten. If tenants share
// stream ids (conjoined tenancy), a tenant is a context: streams of several tenants are
// shown as TENANT/ID, and if each has its own sequence, only a single tenant has
// positions.
//
// Marten compacts a stream by replacing its first events with a Compacted event. The
// payload contains their state as Snapshot.
func matchMarten(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("mt_events", "seq_id", "id", "stream_id", "version", "data", "type", "timestamp", "is_archived")
	if err != nil {
		return nil, err
	}
	streams, err := p.Need("mt_streams", "id", "type")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("tables mt_events and mt_streams"),
		Where:      "e.type <> 'tombstone'",
		LeftOut:    []table.Omission{table.Counted("tombstone", " of transactions that failed", "SELECT count(*) FROM "+p.Name(t)+" WHERE type = 'tombstone'")},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.version", source.Position: "e.seq_id", source.Time: "e.timestamp",
		source.Type: p.Text("e", t, "type"), source.Category: p.Text("s", streams, "type"), source.Data: "e.data",
	}
	if t.Column("bdata") != nil { // the payload of another serializer
		l.Cols[source.Data] = "CASE WHEN e.bdata IS NULL THEN convert_to(e.data::text, 'UTF8') ELSE e.bdata END"
	}
	if t.Column("headers") != nil {
		l.Cols[source.Meta] = "e.headers"
	}
	p.Optional(l, source.Correlation, "e", t, "correlation_id")
	p.Optional(l, source.Causation, "e", t, "causation_id")
	p.Optional(l, source.Actor, "e", t, "user_name")
	if t.Column("mt_dotnet_type") != nil {
		l.LeftOut = append(l.LeftOut, table.Omission{
			One:   "run of events that Marten compacted: a Compacted event stands in its place, whose Snapshot is the state it gave",
			What:  "runs of events that Marten compacted: a Compacted event stands in their place, whose Snapshot is the state they gave",
			Count: "SELECT count(*) FROM " + p.Name(t) + ` WHERE mt_dotnet_type LIKE '%.Events.Compacted` + "`" + `1[%' AND NOT coalesce(is_archived, false)`,
		})
	}
	for _, o := range [][3]string{{"is_archived", "archived event", "archived events"}, {"is_skipped", "event that Marten skips", "events that Marten skips"}} {
		if t.Column(o[0]) == nil {
			continue
		}
		l.LeftOut = append(l.LeftOut, table.OfStreams(o[1], o[2], "SELECT count(*) FROM "+p.Name(t)+" AS e WHERE e."+o[0]))
		l.Where += " AND NOT coalesce(e." + o[0] + ", false)"
	}
	p.Stream(l, "e", t, "stream_id")
	p.ID(l, "e", t, "id")
	return l, martenTenants(p, l, t, streams)
}

// martenTenants joins the streams to the events, and separates tenants that share
// stream ids.
func martenTenants(p *postgres.Probe, l *table.Layout, t, streams *table.Table) error {
	if err := p.ReadUniques(); err != nil {
		return err
	}
	key := []string{"id"}
	if !conjoined(t, streams) {
		l.From = p.Name(t) + " AS e" + martenStreams(p, streams, key)
		return nil
	}
	l.From = p.Name(t) + " AS e" + martenStreams(p, streams, append(key, "tenant_id"))
	tenants, err := tenantsOf(p, l, t, streams)
	if err != nil || len(tenants) < 2 && p.Opts.Context == "" {
		return err
	}
	if err := pgContexts(p, l, t, "tenant_id", tenants); err != nil || l.MatchStream == nil {
		return err
	}
	each, err := numberedEach(p, l, t)
	if each {
		l.WithoutOrder()
	}
	return err
}

// conjoined reports whether two tenants may have streams with the same id.
func conjoined(t, streams *table.Table) bool {
	return t.Column("tenant_id") != nil && streams.Column("tenant_id") != nil &&
		!t.UniqueBy("stream_id", "version", "is_archived")
}

// martenStreams returns SQL that joins the streams by their key. A stream that was
// archived and started over has two rows, of which the live one counts.
func martenStreams(p *postgres.Probe, streams *table.Table, key []string) string {
	of := p.Name(streams)
	if !streams.UniqueBy(key...) {
		kind := "min(type)"
		if streams.Column("is_archived") != nil {
			kind = "coalesce(min(type) FILTER (WHERE NOT coalesce(is_archived, false)), min(type))"
		}
		by := strings.Join(key, ", ")
		of = "(SELECT " + by + ", " + kind + " AS type FROM " + of + " GROUP BY " + by + ")"
	}
	on := "s.id = e.stream_id"
	if len(key) > 1 {
		on += " AND s.tenant_id = e.tenant_id"
	}
	return " LEFT JOIN " + of + " AS s ON " + on
}

// tenantsOf returns the tenants that have events. If every event must have a stream
// row, it queries those rows, because there are fewer.
func tenantsOf(p *postgres.Probe, l *table.Layout, t, streams *table.Table) ([]string, error) {
	bound, err := p.One(`SELECT count(*) FROM pg_constraint c
		JOIN pg_class r ON r.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
		JOIN pg_namespace n ON n.oid = r.relnamespace
		JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(c.conkey)
		WHERE c.contype = 'f' AND c.convalidated AND n.nspname = $1 AND r.relname = $2 AND f.relname = $3
		AND a.attname = 'tenant_id'`, p.Schema, t.Name, streams.Name)
	if err != nil {
		return nil, err
	}
	if bound.Num == 0 {
		return p.Texts("SELECT DISTINCT e.tenant_id FROM " + p.Name(t) + " AS e WHERE " + l.Where + " ORDER BY 1")
	}
	return p.Texts("SELECT t.id FROM (SELECT DISTINCT tenant_id AS id FROM " + p.Name(streams) + ") AS t" +
		" WHERE (SELECT 1 FROM " + p.Name(streams) + " AS s JOIN " + p.Name(t) + " AS e ON e.tenant_id = s.tenant_id AND e.stream_id = s.id" +
		" WHERE s.tenant_id = t.id AND " + l.Where + " LIMIT 1) IS NOT NULL ORDER BY 1")
}

// numberedEach reports whether each tenant has its own sequence, so that two tenants
// have events with the same number.
func numberedEach(p *postgres.Probe, l *table.Layout, t *table.Table) (bool, error) {
	if t.UniqueBy("seq_id", "is_archived") {
		return false, nil
	}
	sequences, err := p.Texts("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace" +
		" WHERE c.relkind = 'S' AND n.nspname = " + table.QuoteText(p.Schema) + ` AND c.relname LIKE 'mt\_events\_sequence%'`)
	if err != nil || len(sequences) > 0 {
		return slices.ContainsFunc(sequences, func(s string) bool { return s != "mt_events_sequence" }), err
	}
	// A copy of the tables has no sequences: check the numbers themselves.
	twice, err := p.One("SELECT 1 FROM " + p.Name(t) + " AS e WHERE " + l.Where + " GROUP BY e.seq_id HAVING count(*) > 1 LIMIT 1")
	return twice.Kind != cell.Null, err
}
