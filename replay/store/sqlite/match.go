package sqlite

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Dialect describes the tables of one library in SQLite.
type Dialect = table.Dialect[*Probe]

// matchDialect finds the layout of a database.
func matchDialect(p *Probe, all []Dialect) (*table.Layout, error) {
	m := table.Matcher[*Probe]{Engine: "SQLite", Mapped: "mapped-sqlite", Dialects: all}
	return m.Match(p.Opts, []*Probe{p})
}

// Options returns the options that the store was opened with.
func (p *Probe) Options() *source.Options { return p.Opts }

// Lookup finds a table or, failing that, a view.
func (p *Probe) Lookup(name string) (t *table.Table, what string, err error) {
	if t = p.Table(name); t != nil {
		return t, "table ", nil
	}
	t, err = p.view(name)
	return t, "view ", err
}

// TableNames returns the names of all tables, in lower case.
func (p *Probe) TableNames() []string { return slices.Collect(maps.Keys(p.Tables)) }

// From returns SQL that reads a table.
func (p *Probe) From(t *table.Table) string {
	if t.Source != "" {
		return t.Source
	}
	return table.QuoteName(t.Name)
}

// Rows returns SQL that reads the rows of a statement.
func (p *Probe) Rows(sql string) string { return "(" + sql + "\n)" }

// Ref returns SQL for a column.
func (p *Probe) Ref(c *table.Column) string { return table.QuoteName(c.Name) }

// Collated returns the expression unchanged: expressions already compare byte by byte.
func (p *Probe) Collated(e string) string { return e }

// Order returns SQL for the order of a column or of its JSON.
func (p *Probe) Order(t *table.Table, c *table.Column, at cell.Pointer) string {
	if at == nil {
		return p.Ref(c)
	}
	return p.JSON(t, c, at, source.Time)
}

// Clock returns SQL for the order of times, however they are written.
func (p *Probe) Clock(t *table.Table, c *table.Column, at cell.Pointer) (order string, sure bool) {
	return clockOrder(p.Order(t, c, at)), true
}

// Tie returns the table's rowid or, without one, all columns.
func (p *Probe) Tie(t *table.Table) string {
	if id := t.RowID(); id != "" {
		return table.QuoteName(id)
	}
	all := make([]string, len(t.Cols))
	for i := range t.Cols {
		all[i] = p.Ref(&t.Cols[i])
	}
	return strings.Join(all, ", ")
}

// JSON returns SQL for the value of a pointer in a column.
func (p *Probe) JSON(_ *table.Table, c *table.Column, at cell.Pointer, f source.Field) string {
	return "asof_json(" + table.QuoteName(c.Name) + ", " + table.QuoteText(at.String()) + ", " + jsonForm(f) + ")"
}

// Object returns SQL for a JSON object of columns.
func (p *Probe) Object(_ *table.Table, cols []*table.Column) string {
	sql := "asof_object(" + objectKeys(cols)
	for _, c := range cols {
		sql += ", " + table.QuoteName(c.Name)
	}
	return sql + ")"
}

// Found returns its argument unchanged, because a file contains one store.
func (p *Probe) Found(what string) string { return what }

// Place returns "", because a file contains one store.
func (p *Probe) Place() string { return "" }

// Fatal reports whether the file is unreadable, or the dialect is known but not this
// version of it, or not which application is meant.
func (p *Probe) Fatal(err error) bool {
	var unclear *source.ContextError
	var newer *source.NewerError
	return sqlite.ErrCode(err) != sqlite.ResultOK && isEngineError(err) ||
		errors.As(err, &unclear) || errors.As(err, &newer)
}

// MapColumn maps a field of the layout to a column.
func (p *Probe) MapColumn(l *table.Layout, _ *table.Table, f source.Field, c *table.Column) error {
	l.Cols[f] = table.QuoteName(c.Name)
	switch f {
	case source.Stream:
		return MapStream(l, p, c)
	case source.Type, source.Category, source.ID:
		// In SQL, only text compares as text.
		if c.Affinity() != cell.Text {
			l.Derived |= source.FieldsOf(f)
		}
	}
	return nil
}
