package dialect

import (
	"bytes"
	"errors"
	"slices"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/mysql"
	"asof/replay/store/postgres"
	"asof/replay/store/rowdoc"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// Three libraries record what changed in rows of all models in one table, which may have
// any name. A stream is TYPE/ID, with the class of the model as the library writes it, and
// the payload has the columns that changed: all of them for an insert and a delete. So the
// state lacks columns that the library was told to ignore. Other words than those for the
// three types are types as they are. The order is that of id, or that of time where id is
// no number. Further columns are metadata.
//
// audited 4 to 5.8 (Ruby): {column: value} of create and destroy, {column: [old, new]} of
// update, in YAML, JSON or jsonb. The request is the correlation. The key is no column.
//
//	audits(id, auditable_id, auditable_type, user_id, username, action, audited_changes, version, comment, request_uuid, created_at, …)
//
// laravel-auditing 4 to 14 (PHP): {column: value} before and after, [] where there is none.
//
//	audits(id, user_type, user_id, event, auditable_type, auditable_id, old_values, new_values, url, ip_address, user_agent, tags, created_at, …)
//
// laravel-activitylog 3 to 5 by Spatie (PHP): {"attributes": …, "old": …} in
// attribute_changes, or before version 5 in properties. Other properties are metadata. An
// activity that changes no column sets none. A table where none changes any is a
// log by hand, whose properties are its payloads, and is not claimed. Without an event,
// the description is the type. A batch is the correlation. Activities without a subject
// are left out and counted.
//
//	activity_log(id, log_name, description, subject_type, subject_id, causer_type, causer_id, properties, [event, batch_uuid, attribute_changes], created_at, …)
type changeLog struct {
	name        string
	needs       []string
	typ, id     string // columns of the stream
	event       func(t *table.Table) string
	words       [3]string // for insert, update and delete
	docs        []string  // columns with what changed, as far as the table has them
	actor       []string  // columns, the first that is not NULL
	correlation string
	pick        func(typ string, docs []rowdoc.Doc) (rowdoc.Doc, string)
	custom      string // a column that says something else where it has no changes
	keyless     bool   // see [table.RowSource]
}

func changeLogs() []changeLog {
	column := func(name string) func(*table.Table) string {
		return func(t *table.Table) string { return t.Ref("v", name) }
	}
	return []changeLog{
		{
			name: "audited", needs: []string{"auditable_type", "auditable_id", "action", "audited_changes", "created_at"},
			typ: "auditable_type", id: "auditable_id", event: column("action"), words: [3]string{"create", "update", "destroy"},
			docs: []string{"audited_changes"}, actor: []string{"username", "user_id"}, correlation: "request_uuid", pick: auditedChanges,
		},
		{
			name: "laravel-auditing", needs: []string{"auditable_type", "auditable_id", "event", "old_values", "new_values", "created_at"},
			typ: "auditable_type", id: "auditable_id", event: column("event"), words: [3]string{"created", "updated", "deleted"},
			docs: []string{"old_values", "new_values"}, actor: []string{"user_id"}, pick: laravelChanges,
		},
		{
			name: "activitylog", needs: []string{"subject_type", "subject_id", "causer_type", "causer_id", "description", "properties", "created_at"},
			typ: "subject_type", id: "subject_id", words: [3]string{"created", "updated", "deleted"},
			event: func(t *table.Table) string {
				if t.Column("event") == nil {
					return t.Ref("v", "description")
				}
				return "coalesce(" + t.Ref("v", "event") + ", " + t.Ref("v", "description") + ")"
			},
			docs: []string{"attribute_changes", "properties"}, actor: []string{"causer_id"}, correlation: "batch_uuid", pick: activityChanges, custom: "properties", keyless: true,
		},
	}
}

func changeLogsSQLite() []sqlite.Dialect {
	var out []sqlite.Dialect
	for _, c := range changeLogs() {
		out = append(out, sqlite.Dialect{Name: c.name, Match: func(p *sqlite.Probe) (*table.Layout, error) { return c.match(p) }})
	}
	return out
}

func changeLogsPostgres() []postgres.Dialect {
	var out []postgres.Dialect
	for _, c := range changeLogs() {
		out = append(out, postgres.Dialect{Name: c.name, Match: func(p *postgres.Probe) (*table.Layout, error) { return c.match(p) }})
	}
	return out
}

func changeLogsMySQL() []mysql.Dialect {
	var out []mysql.Dialect
	for _, c := range changeLogs() {
		out = append(out, mysql.Dialect{Name: c.name, Match: func(p *mysql.Probe) (*table.Layout, error) { return c.match(p) }})
	}
	return out
}

func (c *changeLog) match(p table.RowProbe) (*table.Layout, error) {
	h := &table.RowHistory{
		Rows:    table.ChangedColumns,
		Decoder: func() table.Decoder { return &changesDecoder{pick: c.pick, custom: c.custom} },
	}
	var names []string
	for _, t := range p.All() {
		if t.Column("id") == nil || t.Require(c.needs...) != nil {
			continue
		}
		switch changes, err := c.hasChanges(p, t); {
		case err != nil:
			return nil, err
		case changes:
			h.Sources, names = append(h.Sources, c.source(p, t)), append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return nil, errors.New(source.NoTable + "with " + source.Listed(c.needs, len(c.needs)))
	}
	h.Live = func() ([]table.LiveTable, error) { return railsLive(p, h.Sources, c.typ) }
	h.Sequence = len(names) == 1 && h.Sources[0].OrderIsNumber()
	h.Recognised = source.Listed(c.needs, len(c.needs)) + " in " + source.Listed(names, 5)
	return p.RowHistory(h), nil
}

// noChanges returns SQL for a row whose custom column has no changes.
func (c *changeLog) noChanges(p table.RowProbe, t *table.Table) string {
	e := p.Key("v", t.Column(c.custom))
	return "(" + e + ` NOT LIKE '%"attributes"%' AND ` + e + ` NOT LIKE '%"old"%')`
}

// hasChanges reports whether a row of the table says what changed, or may yet.
func (c *changeLog) hasChanges(p table.RowProbe, t *table.Table) (bool, error) {
	if c.custom == "" || t.Column(c.docs[0]) != nil {
		return true, nil
	}
	rows := "SELECT '1' FROM " + p.Name(t) + " AS v"
	some, err := p.Values(rows + " WHERE NOT " + c.noChanges(p, t) + " LIMIT 1")
	if len(some) > 0 || err != nil {
		return true, err
	}
	some, err = p.Values(rows + " LIMIT 1")
	return len(some) == 0, err
}

// besideChanges is the member of the metadata with a custom column that has the changes
// too. Decoding leaves only what is custom.
const besideChanges = "custom beside changes"

// meta returns the members of the metadata: all columns but its own, and what is custom.
func (c *changeLog) meta(p table.RowProbe, t *table.Table, own []string) *table.Members {
	names, values := otherColumns(p, t, own)
	if c.custom != "" {
		all := c.noChanges(p, t)
		if changes := t.Column(c.docs[0]); changes != nil {
			all += " OR " + p.Key("v", changes) + " IS NOT NULL"
		}
		custom := p.Key("v", t.Column(c.custom))
		names = append(names, c.custom, besideChanges)
		values = append(values, "CASE WHEN "+all+" THEN nullif(nullif("+custom+", '{}'), '[]') END", "CASE WHEN NOT ("+all+") THEN "+custom+" END")
	}
	return &table.Members{Names: names, Values: values}
}

func (c *changeLog) source(p table.RowProbe, t *table.Table) table.RowSource {
	s := table.RowSource{
		Versions: t, Table: t.Ref("v", c.typ), Keys: []string{p.Key("v", t.Column(c.id))}, Columns: []string{c.id}, Keyless: c.keyless,
		Order: t.Ref("v", "id"), Time: t.Ref("v", "created_at"), ID: p.Key("v", t.Column("id")),
		Type: table.RowType(c.event(t), c.words[0], c.words[1], c.words[2]),
	}
	own := slices.Concat([]string{"id", "created_at", "updated_at", c.typ, c.id, c.correlation, "event", "action"}, c.docs, c.actor)
	for _, name := range c.actor {
		col := t.Column(name)
		switch {
		case col == nil:
		case s.Actor == "":
			s.Actor = p.Key("v", col)
		default:
			s.Actor = "coalesce(" + s.Actor + ", " + p.Key("v", col) + ")"
		}
	}
	if col := t.Column(c.correlation); c.correlation != "" && col != nil {
		s.Correlation = p.Key("v", col)
	}
	s.Members = c.meta(p, t, own)
	s.Meta = p.Members(s.Members.Names, s.Members.Values)
	var docs []string
	for _, name := range c.docs {
		docs = append(docs, t.Ref("v", name))
	}
	s.Data = p.Array(docs...)
	return s
}

// A changesDecoder decodes what changed in a row.
type changesDecoder struct {
	pick   func(typ string, docs []rowdoc.Doc) (rowdoc.Doc, string)
	custom string
	names  [2]cell.Interner
	docs   rowDocuments
	out    []byte
}

func (d *changesDecoder) Classify(r *table.Row, e *replay.Event) error {
	return classifyRow(r, e, &d.names)
}

func (d *changesDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if d.custom != "" && skip&replay.FieldMeta == 0 {
		if raw := r.At(source.Meta).Text(); bytes.Contains(raw, []byte(besideChanges)) {
			e.Meta.Raw = rowdoc.Rest(raw, besideChanges, d.custom, "attributes", "old")
		}
	}
	if skip&replay.FieldData != 0 {
		return nil
	}
	parts, err := cell.SplitTexts(r.At(source.Data).Text(), nil)
	if err != nil {
		return err
	}
	docs := make([]rowdoc.Doc, len(parts))
	for i, p := range parts {
		if p == nil {
			continue
		}
		if docs[i], e.Opaque = d.docs.parse(p); e.Opaque != "" {
			return nil
		}
	}
	row, opaque := d.pick(e.Type, docs)
	if e.Opaque = opaque; opaque == "" {
		d.out = row.Append(d.out[:0])
		e.Data = d.out
	}
	return nil
}

func auditedChanges(typ string, docs []rowdoc.Doc) (rowdoc.Doc, string) {
	changes := docs[0]
	if changes.None() || typ == table.RowInsert || typ == table.RowDelete {
		return changes, ""
	}
	return rowdoc.Doc{}.Then(changes)
}

func laravelChanges(typ string, docs []rowdoc.Doc) (rowdoc.Doc, string) {
	if typ == table.RowDelete {
		return docs[0], ""
	}
	return docs[1], ""
}

func activityChanges(typ string, docs []rowdoc.Doc) (rowdoc.Doc, string) {
	changes := docs[0]
	if changes.None() {
		changes = docs[1]
	}
	if old := changes.Member("old"); typ == table.RowDelete && !old.None() {
		return old, ""
	}
	return changes.Member("attributes"), ""
}
