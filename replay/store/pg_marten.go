package store

import (
	"slices"
	"strings"
)

// matchMarten binds Marten, whose schema has any name.
//
//	mt_events(seq_id bigint PK, id uuid, stream_id uuid|varchar, version bigint, data jsonb, [bdata bytea],
//	  type varchar, timestamp timestamptz, tenant_id, mt_dotnet_type, is_archived,
//	  [correlation_id, causation_id, headers jsonb, user_name, is_skipped])
//	mt_streams(id, type, version, timestamp, created, tenant_id, is_archived)
//
// A tombstone is what is left of a transaction that failed, so it is no event;
// archived events, and those that Marten was told to skip, are left out as Marten
// leaves them out. Where tenants share stream ids (conjoined tenancy), a tenant is
// a context: streams of several are shown as TENANT/ID, and where each has a
// sequence, positions are those of one tenant.
//
// Marten compacts a stream by putting a Compacted event in the place of its first
// events, which are gone; its payload holds the state that they gave as Snapshot.
func matchMarten(p *pgProbe) (*layout, error) {
	t, err := p.need("mt_events", "seq_id", "id", "stream_id", "version", "data", "type", "timestamp")
	if err != nil {
		return nil, err
	}
	streams, err := p.need("mt_streams", "id", "type")
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: p.found("tables mt_events and mt_streams"),
		where:      "e.type <> 'tombstone'",
		leftOut:    []omission{{what: "tombstones of transactions that failed", count: "SELECT count(*) FROM " + p.name(t) + " WHERE type = 'tombstone'"}},
	}
	l.cols = [numColumns]string{
		colVersion: "e.version", colPosition: "e.seq_id", colTime: "e.timestamp",
		colType: p.text("e", t, "type"), colCategory: p.text("s", streams, "type"), colData: "e.data",
	}
	if t.column("bdata") != nil { // a payload that another serializer made
		l.cols[colData] = "CASE WHEN e.bdata IS NULL THEN convert_to(e.data::text, 'UTF8') ELSE e.bdata END"
	}
	if t.column("headers") != nil {
		l.cols[colMeta] = "e.headers"
	}
	p.optional(l, colCorrelation, "e", t, "correlation_id")
	p.optional(l, colCausation, "e", t, "causation_id")
	p.optional(l, colActor, "e", t, "user_name")
	if t.column("mt_dotnet_type") != nil {
		l.leftOut = append(l.leftOut, omission{
			what:  "runs of events that Marten compacted: a Compacted event stands in their place, whose Snapshot is the state they gave",
			count: "SELECT count(*) FROM " + p.name(t) + ` WHERE mt_dotnet_type LIKE '%.Events.Compacted` + "`" + `1[%' AND NOT coalesce(is_archived, false)`,
		})
	}
	for _, o := range [][2]string{{"is_archived", "archived events"}, {"is_skipped", "events that Marten skips"}} {
		if t.column(o[0]) == nil {
			continue
		}
		l.leftOut = append(l.leftOut, ofStreams(o[1], "SELECT count(*) FROM "+p.name(t)+" AS e WHERE e."+o[0]))
		l.where += " AND NOT coalesce(e." + o[0] + ", false)"
	}
	p.stream(l, "e", t, "stream_id")
	p.id(l, "e", t, "id")
	return l, p.martenTenants(l, t, streams)
}

// martenTenants joins the streams to the events, and keeps tenants apart where
// they share the ids of streams.
func (p *pgProbe) martenTenants(l *layout, t, streams *table) error {
	if err := p.readUniques(); err != nil {
		return err
	}
	key := []string{"id"}
	if !conjoined(t, streams) {
		l.from = p.name(t) + " AS e" + p.martenStreams(streams, key)
		return nil
	}
	l.from = p.name(t) + " AS e" + p.martenStreams(streams, append(key, "tenant_id"))
	tenants, err := p.tenantsOf(l, t, streams)
	if err != nil || len(tenants) < 2 && p.opts.Context == "" {
		return err
	}
	if err := p.inContexts(l, t, "tenant_id", tenants); err != nil || l.matchStream == nil {
		return err
	}
	each, err := p.numberedEach(l, t)
	if each {
		l.withoutOrder()
	}
	return err
}

// conjoined reports whether streams of two tenants can have one id.
func conjoined(t, streams *table) bool {
	return t.column("tenant_id") != nil && streams.column("tenant_id") != nil &&
		!t.uniqueBy("stream_id", "version", "is_archived")
}

// martenStreams is SQL that joins the streams by their key. A stream that was
// archived and begun anew has a row for each, of which the live one counts.
func (p *pgProbe) martenStreams(streams *table, key []string) string {
	of := p.name(streams)
	if !streams.uniqueBy(key...) {
		kind := "min(type)"
		if streams.column("is_archived") != nil {
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

// tenantsOf returns the tenants that have events. Where every event must have the
// row of its stream, they are found by those rows, which are fewer.
func (p *pgProbe) tenantsOf(l *layout, t, streams *table) ([]string, error) {
	bound, err := p.one(`SELECT count(*) FROM pg_constraint c
		JOIN pg_class r ON r.oid = c.conrelid JOIN pg_class f ON f.oid = c.confrelid
		JOIN pg_namespace n ON n.oid = r.relnamespace
		JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = ANY(c.conkey)
		WHERE c.contype = 'f' AND c.convalidated AND n.nspname = $1 AND r.relname = $2 AND f.relname = $3
		AND a.attname = 'tenant_id'`, p.schema, t.name, streams.name)
	if err != nil {
		return nil, err
	}
	if bound.num == 0 {
		return p.session.texts(p.ctx, "SELECT DISTINCT e.tenant_id FROM "+p.name(t)+" AS e WHERE "+l.where+" ORDER BY 1")
	}
	return p.session.texts(p.ctx, "SELECT t.id FROM (SELECT DISTINCT tenant_id AS id FROM "+p.name(streams)+") AS t"+
		" WHERE (SELECT 1 FROM "+p.name(streams)+" AS s JOIN "+p.name(t)+" AS e ON e.tenant_id = s.tenant_id AND e.stream_id = s.id"+
		" WHERE s.tenant_id = t.id AND "+l.where+" LIMIT 1) IS NOT NULL ORDER BY 1")
}

// numberedEach reports whether each tenant has a sequence of its own, so that two
// of them have events with one number.
func (p *pgProbe) numberedEach(l *layout, t *table) (bool, error) {
	if t.uniqueBy("seq_id", "is_archived") {
		return false, nil
	}
	sequences, err := p.session.texts(p.ctx, "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"+
		" WHERE c.relkind = 'S' AND n.nspname = "+quoteText(p.schema)+` AND c.relname LIKE 'mt\_events\_sequence%'`)
	if err != nil || len(sequences) > 0 {
		return slices.ContainsFunc(sequences, func(s string) bool { return s != "mt_events_sequence" }), err
	}
	// A copy of the tables alone: the numbers themselves must tell.
	twice, err := p.one("SELECT 1 FROM " + p.name(t) + " AS e WHERE " + l.where + " GROUP BY e.seq_id HAVING count(*) > 1 LIMIT 1")
	return twice.kind != kindNull, err
}
