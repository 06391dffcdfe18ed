package postgres

import (
	"strings"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// PrimaryKey returns the columns of a table's primary key.
func (p *Probe) PrimaryKey(t *table.Table) ([]string, error) { return p.KeyOf(p.Schema, t.Name) }

// Describe returns a table of any schema with the columns that the user may read, or nil.
func (p *Probe) Describe(schema, name string) (*table.Table, error) {
	t := &table.Table{Name: name, WithoutRowID: true}
	err := p.session.Run(p.ctx, `SELECT column_name::text, data_type::text FROM information_schema.columns
		WHERE table_schema = $1 AND table_name = $2 AND has_table_privilege(to_regclass(quote_ident($1) || '.' || quote_ident($2)), 'SELECT')
		ORDER BY ordinal_position`, []any{schema, name}, func(r *rawRow) error {
		t.Cols = append(t.Cols, table.Column{Name: string(r.cells[0]), Type: string(r.cells[1])})
		return nil
	})
	if t.Cols == nil {
		return nil, err
	}
	return t, err
}

// KeyOf returns the columns of the primary key of a table of any schema.
func (p *Probe) KeyOf(schema, name string) ([]string, error) {
	return p.Texts(`SELECT a.attname::text
		FROM pg_index i
		JOIN pg_class c ON c.oid = i.indrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
		WHERE i.indisprimary AND n.nspname = $1 AND c.relname = $2
		ORDER BY array_position(i.indkey::int2[], a.attnum)`, schema, name)
}

// References returns the names of the tables to which foreign keys of a table lead.
func (p *Probe) References(t *table.Table) ([]string, error) {
	return p.Texts(`SELECT DISTINCT o.relname::text
		FROM pg_constraint f
		JOIN pg_class c ON c.oid = f.conrelid
		JOIN pg_class o ON o.oid = f.confrelid AND o.relnamespace = c.relnamespace
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE f.contype = 'f' AND n.nspname = $1 AND c.relname = $2`, p.Schema, t.Name)
}

// Key returns SQL for a column of a key as text.
func (p *Probe) Key(alias string, c *table.Column) string {
	e := alias + "." + table.QuoteName(c.Name)
	if c.Type == "bytea" {
		return "encode(" + e + ", 'hex')"
	}
	return e + "::text"
}

// Row returns SQL for a JSON object of the columns. A timestamp with a time zone is in
// UTC, because the zone of the session says nothing.
func (p *Probe) Row(alias string, _ *table.Table, cols []*table.Column) (string, error) {
	values := make([]string, len(cols))
	for i, c := range cols {
		e := alias + "." + table.QuoteName(c.Name)
		switch c.Type {
		case "bytea":
			e = "translate(encode(" + e + ", 'base64'), E'\\n', '')"
		case "timestamp with time zone":
			e = "CASE WHEN isfinite(" + e + ") THEN (to_json(" + e + " AT TIME ZONE 'UTC') #>> '{}') || 'Z' ELSE " + e + "::text END"
		}
		values[i] = e + " AS " + table.QuoteName(c.Name)
	}
	return "(SELECT row_to_json(x.*)::text FROM (SELECT " + strings.Join(values, ", ") + ") AS x)", nil
}

// Members returns SQL for a JSON object without what is NULL.
func (p *Probe) Members(names, values []string) string {
	if len(names) == 0 {
		return ""
	}
	return "nullif(json_strip_nulls(json_build_object(" + table.Pairs(names, values) + "))::text, '{}')"
}

// Array returns SQL for a JSON array of texts.
func (p *Probe) Array(values ...string) string {
	for i, v := range values {
		values[i] = "(" + v + ")::text"
	}
	return "json_build_array(" + strings.Join(values, ", ") + ")::text"
}

// SameKey returns an SQL condition for a row whose key is in another table.
func (p *Probe) SameKey(alias string, c *table.Column, other string, o *table.Column) string {
	a, b := alias+"."+table.QuoteName(c.Name), other+"."+table.QuoteName(o.Name)
	number := func(c *table.Column) bool { return c.Type == "bigint" || c.Type == "integer" || c.Type == "smallint" }
	if c.Type == o.Type || number(c) && number(o) {
		return a + " = " + b
	}
	return a + "::text = " + b + "::text"
}

// Values returns the first column of a query.
func (p *Probe) Values(sql string) ([]string, error) { return p.Texts(sql) }

// RowHistory orders the versions of rows in a subquery.
func (p *Probe) RowHistory(h *table.RowHistory) *table.Layout {
	l := h.Layout(p, "("+h.Ordered(p, table.RowTypes{Text: "text", Integer: "bigint"})+") AS e", "e")
	l.Recognised = p.Found(l.Recognised)
	l.Cols[source.Data] = "e.data"
	for f := range h.Owns() {
		l.Own[f] = "e.own_" + source.FieldNames[f]
	}
	l.Cols[source.Type] = h.TypeOf("e.type", "e.version")
	for _, f := range []source.Field{source.Stream, source.Category, source.Type, source.ID, source.Actor, source.Correlation} {
		if l.Has(f) {
			l.Cols[f] = p.Collated(l.Cols[f])
		}
	}
	l.StreamArg = func(id string) (any, bool) { return id, isStorable(id) }
	return l
}
