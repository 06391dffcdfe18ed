package mysql

import (
	"slices"
	"strings"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// PrimaryKey returns the columns of a table's primary key.
func (p *Probe) PrimaryKey(t *table.Table) ([]string, error) { return slices.Clone(p.primary[t]), nil }

// References returns the names of the tables to which foreign keys of a table lead.
func (p *Probe) References(t *table.Table) ([]string, error) {
	return p.Texts("SELECT DISTINCT referenced_table_name FROM information_schema.referential_constraints" +
		" WHERE constraint_schema = database() AND unique_constraint_schema = constraint_schema AND table_name = " + table.QuoteText(t.Name))
}

// Key returns SQL for a column of a key as text.
func (p *Probe) Key(alias string, c *table.Column) string {
	e := alias + "." + table.QuoteName(c.Name)
	if classOf(c.Type) == isText {
		return "CAST(" + e + " AS CHAR)"
	}
	return id(e, c.Type)
}

// Row returns SQL for a JSON object of the columns.
func (p *Probe) Row(alias string, _ *table.Table, cols []*table.Column) (string, error) {
	return object(alias, cols), nil
}

// Members returns SQL for a JSON object without what is NULL.
func (p *Probe) Members(names, values []string) string {
	if len(names) == 0 {
		return ""
	}
	return "nullif(CAST(json_merge_patch('{}', json_object(" + table.Pairs(names, values) + ")) AS CHAR), '{}')"
}

// Array returns SQL for a JSON array of texts.
func (p *Probe) Array(values ...string) string {
	for i, v := range values {
		values[i] = "CAST(" + v + " AS CHAR)"
	}
	return "CAST(json_array(" + strings.Join(values, ", ") + ") AS CHAR)"
}

// SameKey returns an SQL condition for a row whose key is in another table.
func (p *Probe) SameKey(alias string, c *table.Column, other string, o *table.Column) string {
	a, b := alias+"."+table.QuoteName(c.Name), other+"."+table.QuoteName(o.Name)
	if classOf(c.Type) == classOf(o.Type) && classOf(c.Type) != isText {
		return a + " = " + b
	}
	return binaryText(a) + " = " + binaryText(b)
}

// Values returns the first column of a query.
func (p *Probe) Values(sql string) ([]string, error) { return p.Texts(sql) }

// Steps returns the different values of a column, by the index that begins with it.
func (p *Probe) Steps(t *table.Table, column string) ([]string, error) {
	of := table.QuoteName(t.Column(column).Name)
	return p.Texts("SELECT DISTINCT " + of + " FROM " + p.Name(t) + " WHERE " + of + " IS NOT NULL")
}

// RowHistory orders the versions of rows in a subquery.
func (p *Probe) RowHistory(h *table.RowHistory) *table.Layout {
	l := h.Layout(p, "("+h.Ordered(p, table.RowTypes{Text: "char", Integer: "signed"})+") AS e", "e")
	l.Cols[source.Data] = "e.data"
	for f := range h.Owns() {
		l.Own[f] = "e.own_" + source.FieldNames[f]
	}
	l.Cols[source.Type] = h.TypeOf("e.type", "e.version")
	l.StreamArg = func(id string) (any, bool) { return id, isStorable(id) }
	return l
}
