package dialect

import (
	"errors"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/rowdoc"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// django-auditlog 2 and 3 (Python) has what changed in rows of all models in one table:
//
//	auditlog_logentry(id, content_type_id, object_pk, action, changes, actor_id, timestamp, [cid, remote_addr, additional_data, …])
//
// A table is APP_MODEL of django_content_type. action is 0 create, 1 update, 2 delete or 3
// access. changes is {field: [old, new]} with every value as text, as the library records
// it: None is NULL or a text. Changes of many-to-many fields are left out. The payload has
// the values after the change, or before a delete. cid is the correlation. The order is
// that of id.
func auditlogSQLite() sqlite.Dialect {
	return sqlite.Dialect{Name: "django-auditlog", Match: matchAuditlog[*sqlite.Probe]}
}

func auditlogPostgres() postgres.Dialect {
	return postgres.Dialect{Name: "django-auditlog", Match: matchAuditlog[*postgres.Probe]}
}

var auditlogOwn = []string{
	"id", "content_type_id", "object_pk", "object_id", "object_repr", "action", "changes", "changes_text", "actor_id", "timestamp", "cid",
	"serialized_data",
}

func matchAuditlog[P table.RowProbe](p P) (*table.Layout, error) {
	v, types := p.Table("auditlog_logentry"), p.Table("django_content_type")
	if v == nil || types == nil {
		return nil, errors.New(source.NoTable + "auditlog_logentry or django_content_type")
	}
	if err := v.Require("id", "content_type_id", "object_pk", "action", "changes", "actor_id", "timestamp"); err != nil {
		return nil, err
	}
	if err := types.Require("id", "app_label", "model"); err != nil {
		return nil, err
	}
	s := table.RowSource{
		Versions: v, Joins: " LEFT JOIN " + p.Name(types) + " AS c ON c.id = v.content_type_id",
		Table: "(c.app_label || '_' || c.model)", Keys: []string{p.Key("v", v.Column("object_pk"))},
		Order: "v.id", Time: "v.timestamp", ID: p.Key("v", v.Column("id")),
		Type: "CASE v.action WHEN 0 THEN 'insert' WHEN 1 THEN 'update' WHEN 2 THEN 'delete' WHEN 3 THEN 'access' END",
		Data: p.Array(v.Ref("v", "changes")), Meta: otherMembers(p, v, auditlogOwn),
	}
	if c := v.Column("cid"); c != nil {
		s.Correlation = p.Key("v", c)
	}
	var join string
	s.Actor, s.OwnActor, join = djangoUser(p, "v", v.Column("actor_id"))
	s.Joins += join
	return p.RowHistory(&table.RowHistory{
		Recognised: "table auditlog_logentry with changes", Sources: []table.RowSource{s}, Rows: table.ChangedColumns, Sequence: true,
		Decoder: func() table.Decoder { return &auditlogDecoder{} },
		Live: func() ([]table.LiveTable, error) {
			return liveOf(p, "SELECT DISTINCT "+s.Table+" FROM "+p.Name(v)+" AS v"+s.Joins+" WHERE "+s.Table+" IS NOT NULL", func(category string) (table.LiveTable, error) {
				live, err := reversionLive(p, category)
				for i := range live.Columns {
					live.Columns[i].Same = cell.NoneIsNull(live.Columns[i].Same)
				}
				return live, err
			})
		},
	}), nil
}

// An auditlogDecoder decodes what changed in a row.
type auditlogDecoder struct {
	names [2]cell.Interner
	docs  rowDocuments
	out   []byte
}

func (d *auditlogDecoder) Classify(r *table.Row, e *replay.Event) error {
	return classifyRow(r, e, &d.names)
}

func (d *auditlogDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 {
		return nil
	}
	parts, err := cell.SplitTexts(r.At(source.Data).Text(), nil)
	if err != nil {
		return err
	}
	var changes rowdoc.Doc
	if len(parts) == 1 && parts[0] != nil {
		if changes, e.Opaque = d.docs.parse(parts[0]); e.Opaque != "" {
			return nil
		}
	}
	side := 1
	if e.Type == table.RowDelete {
		side = 0
	}
	d.out = changes.Side(side).Append(d.out[:0])
	e.Data = d.out
	return nil
}
