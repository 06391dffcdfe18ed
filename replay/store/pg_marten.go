package store

import "fmt"

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
// a context: streams of several are shown as TENANT/ID.
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
		leftOut:    []omission{{"tombstones of transactions that failed", "SELECT count(*) FROM " + p.name(t) + " WHERE type = 'tombstone'"}},
	}
	join := "s.id = e.stream_id"
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
	for _, o := range [][2]string{{"is_archived", "archived events"}, {"is_skipped", "events that Marten skips"}} {
		if t.column(o[0]) == nil {
			continue
		}
		l.leftOut = append(l.leftOut, omission{o[1], "SELECT count(*) FROM " + p.name(t) + " WHERE " + o[0]})
		l.where += " AND NOT coalesce(e." + o[0] + ", false)"
	}
	p.stream(l, "e", t, "stream_id")
	p.id(l, "e", t, "id")
	if t.column("tenant_id") != nil && streams.column("tenant_id") != nil {
		tenants, err := p.session.texts(p.ctx, "SELECT DISTINCT tenant_id FROM "+p.name(streams)+" ORDER BY 1")
		if err != nil {
			return nil, err
		}
		if len(tenants) > 1 {
			join += " AND s.tenant_id = e.tenant_id"
			if err := p.inContexts(l, t, "tenant_id", tenants); err != nil {
				return nil, err
			}
		}
	}
	l.from = p.name(t) + " AS e LEFT JOIN " + p.name(streams) + " AS s ON " + join
	return l, nil
}

// inContexts keeps the streams of several applications apart that one table
// holds, unless one of them is chosen.
func (p *pgProbe) inContexts(l *layout, t *table, column string, contexts []string) error {
	chosen, err := p.opts.choose(contexts)
	if err != nil {
		return err
	}
	l.contexts = contexts
	if len(chosen) == 0 {
		return nil
	}
	e := ref("e", t, column)
	if len(chosen) > 1 {
		l.prefixed(e, chosen)
		l.recognised += fmt.Sprintf("; of %d applications or tenants, whose streams begin with the name: %s", len(chosen), listed(chosen, 5))
		return nil
	}
	l.where = andAlso(l.where, e+" = "+quoteText(chosen[0]))
	l.leftOut = append(l.leftOut, omission{
		"events of other applications or tenants (" + listed(without(contexts, chosen[0]), 5) + ")",
		"SELECT count(*) FROM " + p.name(t) + " WHERE " + quoteName(t.column(column).name) + " <> " + quoteText(chosen[0]),
	})
	return nil
}

func andAlso(where, cond string) string {
	if where == "" {
		return cond
	}
	return where + " AND " + cond
}
