package mysql

import (
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Dialect describes the tables of one library in MySQL.
type Dialect = table.Dialect[*Probe]

// matchDatabase finds the layout of a database.
func matchDatabase(p *Probe, o *source.Options, all []Dialect) (*table.Layout, error) {
	m := table.Matcher[*Probe]{Engine: "MySQL", Mapped: "mapped-mysql", Dialects: all}
	return m.Match(o, []*Probe{p})
}

// Flavour returns the SQL variant of MySQL.
func (p *Probe) Flavour() (table.Flavour, error) { return flavour, nil }

// Order returns SQL for the order of a column or of its JSON.
func (p *Probe) Order(t *table.Table, c *table.Column, at cell.Pointer) string {
	if at != nil {
		text := p.JSON(t, c, at, source.Time)
		return "(CASE WHEN " + text + " REGEXP '^-?[0-9]+([.][0-9]+)?$' THEN CAST(" + text + " AS DECIMAL(65,30)) END), " + binaryText(text)
	}
	if classOf(c.Type) == isText {
		return binaryText(p.Ref(c))
	}
	return p.Ref(c)
}

// Clock returns SQL for the order of times, which is only that of the times if the column is
// not of texts.
func (p *Probe) Clock(t *table.Table, c *table.Column, at cell.Pointer) (order string, sure bool) {
	order = p.Order(t, c, at)
	return order, at == nil && classOf(c.Type) != isText && classOf(c.Type) != isBytes
}

// Tie returns the primary key or, without one, all columns.
func (p *Probe) Tie(t *table.Table) string {
	var by []string
	for _, name := range p.primary[t] {
		by = append(by, p.Order(t, t.Column(name), nil))
	}
	for i := 0; by == nil || i < len(t.Cols) && len(p.primary[t]) == 0; i++ {
		by = append(by, p.Order(t, &t.Cols[i], nil))
	}
	return strings.Join(by, ", ")
}

// Count counts versions by a window function: the transaction is READ ONLY, and may not
// create a temporary table.
func (p *Probe) Count(l *table.Layout, _ *table.Table, c table.Counting) error {
	l.From = "(" + strings.Replace(c.Window(), "SELECT *", "SELECT e.*", 1) + ") AS e"
	return nil
}

// Found returns its argument unchanged, because the connection string names the database.
func (p *Probe) Found(what string) string { return what }

// Place returns "", because a connection string names one database.
func (p *Probe) Place() string { return "" }

// Fatal reports whether the server or the connection failed.
func (p *Probe) Fatal(err error) bool { return isFailure(err) }

// MapColumn maps a field of the layout to a column.
func (p *Probe) MapColumn(l *table.Layout, t *table.Table, f source.Field, c *table.Column) error {
	switch f {
	case source.Stream:
		p.Stream(l, "e", t, c.Name)
	case source.ID:
		p.ID(l, "e", t, c.Name)
	case source.Type, source.Category:
		l.Cols[f] = p.Text("e", t, c.Name)
	default:
		l.Cols[f] = p.Ref(c)
	}
	return nil
}

// noDatabase is the error of a connection string without one.
func (s *session) noDatabase(names []string) error {
	next := "name it after the host: mysql://HOST/DATABASE"
	if len(names) > 0 {
		next += "; there are " + source.Listed(names, 10)
	}
	return &replay.StoreError{Path: s.shown, Op: "open", Err: errNoDatabase, Next: fault.Try(next)}
}
