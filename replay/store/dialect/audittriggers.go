package dialect

import (
	"encoding/hex"
	"errors"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/table"
)

// Two triggers for PostgreSQL record the versions of rows of all tables in one table, with
// a sequence. A stream is TABLE/KEY, with SCHEMA. before the table if that is not public.
// The key is the table's primary key, which is read from the catalog. For a table that was
// dropped since, and for versions from before a key of one column was renamed, it is the
// column id of the audit trigger's rows, and the record_id of supa_audit. An update that changes the key is in the stream of the old one, and is counted. Statements
// without rows are left out and counted: after a TRUNCATE no row of its table exists.

// audit-trigger is the audit trigger of the PostgreSQL wiki (9.1 and later) and its forks,
// with hstore or jsonb:
//
//	audit.logged_actions(event_id, schema_name, table_name, relid, session_user_name, action_tstamp_tx, action_tstamp_clk,
//	  transaction_id, action, row_data, changed_fields, statement_only, …)
//
// row_data is the row before an update or a delete, and the row after an insert, and
// changed_fields has what an update changed. In hstore every value is text. The payload is
// the row after the event. Excluded columns are in neither. The transaction is the
// correlation, and the session's user is the actor.
func matchAuditTrigger(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("logged_actions", "event_id", "schema_name", "table_name", "relid", "session_user_name",
		"transaction_id", "action", "row_data", "changed_fields", "statement_only")
	if err != nil {
		return nil, err
	}
	at := "action_tstamp_clk"
	if t.Column(at) == nil {
		at = "action_tstamp_tx"
	}
	if err := t.Require(at); err != nil {
		return nil, err
	}
	get, changed, data, liveRow, err := loggedRow(p, t)
	if err != nil {
		return nil, err
	}
	s := table.RowSource{
		Versions: t, Order: "v.event_id", Time: t.Ref("v", at), ID: "v.event_id::text",
		Type:  table.RowType("v.action::text", "I", "U", "D"),
		Actor: "v.session_user_name", Correlation: "v.transaction_id::text", Data: data,
		Meta: otherMembers(p, t, []string{
			"event_id", "schema_name", "table_name", "relid", "session_user_name", "action_tstamp_tx", "action_tstamp_stm", "action_tstamp_clk",
			"transaction_id", "action", "row_data", "changed_fields", "statement_only",
		}),
	}
	sources, err := ofTables(p, s, "relid", "schema_name", "NOT v.statement_only", get, get("id"))
	if err != nil {
		return nil, err
	}
	return p.RowHistory(&table.RowHistory{
		Recognised: "table logged_actions with row_data and changed_fields", Rows: table.FullRows, Sequence: true, Sources: sources,
		Live: func() ([]table.LiveTable, error) { return loggedLive(p, t, sources[0].Table, liveRow) },
		LeftOut: []table.Omission{
			table.Lost("statement", " without rows, such as TRUNCATE", "SELECT count(*) FROM "+p.Name(t)+" AS v WHERE v.statement_only"),
			keyChanges("SELECT count(*) FROM " + p.Name(t) + " AS v WHERE v.action::text = 'U' AND NOT v.statement_only AND EXISTS (SELECT 1 FROM pg_index AS i" +
				" JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indisprimary AND i.indrelid = v.relid AND " + changed + ")"),
		},
	}), nil
}

// keyChanges counts the updates that changed the key of a row.
func keyChanges(count string) table.Omission {
	return table.Lost("new key", " that an update gave a row, which is in the stream of the old key", count)
}

// loggedRow returns SQL for a column of the row before, for whether the attribute a changed,
// for the row after, and for a live row l.
func loggedRow(p *postgres.Probe, t *table.Table) (get func(string) string, changed, after, live string, err error) {
	if t.Column("row_data").Type == "jsonb" {
		return func(c string) string { return "(v.row_data ->> " + table.QuoteText(c) + ")" }, "v.changed_fields ? a.attname::text",
			"CASE v.action::text WHEN 'U' THEN v.row_data || coalesce(v.changed_fields, '{}') ELSE v.row_data END::text",
			"to_jsonb(l.*)::text", nil
	}
	in, err := p.Texts("SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'hstore'")
	if err != nil {
		return nil, "", "", "", err
	}
	if len(in) == 0 {
		return nil, "", "", "", errors.New("row_data of table logged_actions is neither hstore nor jsonb")
	}
	h := in[0]
	return func(c string) string { return "(v.row_data OPERATOR(" + h + ".->) " + table.QuoteText(c) + ")" },
		"v.changed_fields OPERATOR(" + h + ".?) a.attname::text",
		h + ".hstore_to_json(CASE v.action::text WHEN 'U' THEN v.row_data OPERATOR(" + h + ".||) coalesce(v.changed_fields, ''::" + h + ".hstore)" +
			" ELSE v.row_data END)::text",
		h + ".hstore_to_json(" + h + ".hstore(l.*))::text", nil
}

// supa-audit is supa_audit 0.2 to 0.3 by Supabase:
//
//	audit.record_version(id, record_id, old_record_id, op, ts, table_oid, table_schema, table_name, record, old_record, [auth_uid, auth_role])
//
// The payload is record, or old_record of a delete. auth_uid is the actor. A question about
// one row reads all versions of its table, by the index of table_oid: record_id is a hash
// of the key that needs an extension.
func matchSupaAudit(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("record_version", "id", "record_id", "old_record_id", "op", "ts", "table_oid", "table_schema", "table_name", "record", "old_record")
	if err != nil {
		return nil, err
	}
	get := func(c string) string {
		return "(coalesce(v.old_record, v.record) ->> " + table.QuoteText(c) + ")"
	}
	s := table.RowSource{
		Versions: t, Order: "v.id", Time: "v.ts", ID: "v.id::text",
		Type: "lower(v.op::text)", Data: "coalesce(v.record, v.old_record)::text",
		Meta: otherMembers(p, t, []string{
			"id", "record_id", "old_record_id", "op", "ts", "table_oid", "table_schema", "table_name", "record", "old_record", "auth_uid",
		}),
	}
	if t.Column("auth_uid") != nil {
		s.Actor = "v.auth_uid::text"
	}
	sources, err := ofTables(p, s, "table_oid", "table_schema", "v.op::text <> 'TRUNCATE'", get, "coalesce(v.old_record_id, v.record_id)::text")
	if err != nil {
		return nil, err
	}
	return p.RowHistory(&table.RowHistory{
		Recognised: "table record_version with record and old_record", Rows: table.FullRows, Sequence: true, Sources: sources,
		Live: func() ([]table.LiveTable, error) { return loggedLive(p, t, sources[0].Table, "to_jsonb(l.*)::text") },
		LeftOut: []table.Omission{
			table.Lost("TRUNCATE statement", "", "SELECT count(*) FROM "+p.Name(t)+" AS v WHERE v.op::text = 'TRUNCATE'"),
			keyChanges("SELECT count(*) FROM " + p.Name(t) + " AS v WHERE v.op::text = 'UPDATE' AND v.record_id <> v.old_record_id"),
		},
	}), nil
}

// ofTables returns a source for each table whose rows have versions, by its primary key,
// and one for the tables that no longer exist.
func ofTables(p *postgres.Probe, s table.RowSource, oid, schema, where string, get func(string) string, otherwise string) ([]table.RowSource, error) {
	logged, err := p.Steps(s.Versions, oid)
	if err != nil {
		return nil, err
	}
	found, err := p.Texts("SELECT o.oid || ' ' || string_agg(encode(convert_to(a.attname, 'UTF8'), 'hex'), ' ' ORDER BY array_position(i.indkey::int2[], a.attnum))" +
		" FROM unnest('{" + strings.Join(logged, ",") + "}'::oid[]) AS o(oid) JOIN pg_index i ON i.indrelid = o.oid AND i.indisprimary" +
		" JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = ANY(i.indkey) GROUP BY o.oid ORDER BY o.oid")
	if err != nil {
		return nil, err
	}
	s.Table = "(CASE v." + schema + " WHEN 'public' THEN '' ELSE v." + schema + " || '.' END || v.table_name)"
	var out []table.RowSource
	var oids []string
	for _, line := range found {
		words := strings.Fields(line)
		one := s
		one.Where = where + " AND v." + oid + "::oid = " + words[0]
		for _, word := range words[1:] {
			name, err := hex.DecodeString(word)
			if err != nil {
				return nil, err
			}
			key := get(string(name))
			if len(words) == 2 { // versions from before the column was renamed
				key = "coalesce(" + key + ", " + otherwise + ")"
			}
			one.Keys = append(one.Keys, key)
		}
		out, oids = append(out, one), append(oids, words[0])
	}
	rest := s
	rest.Where, rest.Keys = where, []string{otherwise}
	if oids != nil {
		rest.Where += " AND (v." + oid + " IS NULL OR v." + oid + "::oid NOT IN (" + strings.Join(oids, ", ") + "))"
	}
	return append(out, rest), nil
}
