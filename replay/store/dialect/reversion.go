package dialect

import (
	"errors"
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// django-reversion 2.0 to 6.0 (Python) has the versions of all models in one table, as
// Django serializes a row, by revision:
//
//	reversion_version(id, object_id, format, serialized_data, object_repr, content_type_id, revision_id, db)
//	reversion_revision(id, date_created, comment, user_id)
//
// A table is APP_MODEL of django_content_type, after DB. if the database is not the
// default one. The payload is the key as pk and the fields by their names, so that a
// foreign key to a customer is customer, not customer_id. Only JSON is read. The
// revision is the correlation, and its comment is metadata.
//
// The library does not record deletes: a row that was deleted keeps its last version,
// and one that is created again looks like an update. It also has no types: the first
// version is an insert. A row of two tables by inheritance has its parent's fields in
// the parent's stream.
func reversionSQLite() sqlite.Dialect {
	return sqlite.Dialect{Name: "reversion", Match: matchReversion[*sqlite.Probe]}
}

func reversionPostgres() postgres.Dialect {
	return postgres.Dialect{Name: "reversion", Match: matchReversion[*postgres.Probe]}
}

func matchReversion[P table.RowProbe](p P) (*table.Layout, error) {
	v, r, types := p.Table("reversion_version"), p.Table("reversion_revision"), p.Table("django_content_type")
	if v == nil || r == nil || types == nil {
		return nil, errors.New(source.NoTable + "reversion_version, reversion_revision or django_content_type")
	}
	for _, need := range []struct {
		t       *table.Table
		columns []string
	}{
		{v, []string{"id", "object_id", "format", "serialized_data", "content_type_id", "revision_id", "db"}},
		{r, []string{"id", "date_created", "comment", "user_id"}},
		{types, []string{"id", "app_label", "model"}},
	} {
		if err := need.t.Require(need.columns...); err != nil {
			return nil, err
		}
	}
	s := table.RowSource{
		Versions: v,
		Joins: " LEFT JOIN " + p.Name(r) + " AS r ON r.id = v.revision_id" +
			" LEFT JOIN " + p.Name(types) + " AS c ON c.id = v.content_type_id",
		Table: "(CASE v.db WHEN 'default' THEN '' ELSE v.db || '.' END || c.app_label || '_' || c.model)",
		Keys:  []string{p.Key("v", v.Column("object_id"))},
		Order: "v.id", Time: "r.date_created", ID: p.Key("v", v.Column("id")),
		Correlation: p.Key("v", v.Column("revision_id")),
		Data:        "CASE v.format WHEN 'json' THEN v.serialized_data ELSE v.format END",
	}
	var join string
	s.Actor, s.OwnActor, join = djangoUser(p, "r", r.Column("user_id"))
	s.Joins += join
	s.Members = &table.Members{Names: []string{"comment", "user_id"}, Values: []string{"nullif(r.comment, '')", "r.user_id"}}
	s.Meta = p.Members(s.Members.Names, s.Members.Values)
	return p.RowHistory(&table.RowHistory{
		Recognised: "tables reversion_version and reversion_revision; deletes are not recorded",
		Sources:    []table.RowSource{s}, Rows: table.FullRows, Sequence: true, Untyped: true,
		Decoder: func() table.Decoder { return &reversionDecoder{} },
		Lacks:   []string{"deletes"},
		Live: func() ([]table.LiveTable, error) {
			return liveOf(p, "SELECT DISTINCT "+s.Table+" FROM "+p.Name(v)+" AS v"+s.Joins, func(category string) (table.LiveTable, error) {
				return reversionLive(p, category)
			})
		},
	}), nil
}

// reversionLive describes the live table of a model. A foreign key is recorded without
// _id, and a UUID with dashes, which SQLite's table does not have.
func reversionLive(p table.RowProbe, category string) (table.LiveTable, error) {
	live, err := table.Live(p, category, p.Table(category))
	for i := range live.Columns {
		c := &live.Columns[i]
		if stem, ok := strings.CutSuffix(c.Name, "_id"); ok {
			c.Recorded = append(c.Recorded, stem)
		}
	}
	live.Key = append(live.Key, "pk")
	for i, key := range live.Keys {
		if c := keyColumn(live.Table, i); c != nil && strings.EqualFold(c.Type, "char(32)") {
			at := func(from, n int) string { return fmt.Sprintf("substr(%s, %d, %d)", key, from, n) }
			live.Keys[i] = strings.Join([]string{at(1, 8), at(9, 4), at(13, 4), at(17, 4), at(21, 12)}, " || '-' || ")
		}
	}
	return live, err
}

// keyColumn returns a column of a table's primary key in SQLite.
func keyColumn(t *table.Table, i int) *table.Column {
	for k := range t.Cols {
		if t.Cols[k].PK == i+1 {
			return &t.Cols[k]
		}
	}
	return nil
}

// A reversionDecoder makes a row of [{"model": …, "pk": …, "fields": {…}}].
type reversionDecoder struct {
	names [2]cell.Interner
	row   []byte
}

func (d *reversionDecoder) Classify(r *table.Row, e *replay.Event) error {
	return classifyRow(r, e, &d.names)
}

func (d *reversionDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData == 0 {
		e.Data, e.Opaque = d.decode(r.At(source.Data).Text())
	}
	return nil
}

func (d *reversionDecoder) decode(text []byte) (row []byte, opaque string) {
	s := cell.PayloadScanner{In: text}
	if !s.Take('[') {
		return nil, "not serialized as JSON, but: " + shortened(text)
	}
	s.Peek()
	one := s.Value(0)
	pk, known := cell.MemberOf(one, "pk")
	fields, ok := cell.MemberOf(one, "fields")
	if s.Bad || !s.Take(']') || !ok || len(fields) == 0 || fields[0] != '{' {
		return nil, "not a list of one object with fields"
	}
	if !known {
		pk = []byte("null")
	}
	d.row = append(append(d.row[:0], `{"pk":`...), pk...)
	if rest := fields[1:]; len(rest) > 0 && string(rest) != "}" {
		d.row = append(append(d.row, ','), rest...)
		return d.row, ""
	}
	return append(d.row, '}'), ""
}

// shortened returns the beginning of a text for a message.
func shortened(text []byte) string {
	const most = 20
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}
