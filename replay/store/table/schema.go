package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/replay/store/cell"
)

// QuoteText quotes a string for SQL.
func QuoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// timeColumn splits COLUMN:UNIT, unless a column has exactly that name.
func (t *Table) timeColumn(name string) (string, *cell.TimeUnit, error) {
	if t.Column(name) != nil {
		return name, nil, nil
	}
	col, unit := cell.CutUnit(name)
	if i := strings.LastIndexByte(name, ':'); unit == nil && i > 0 && !strings.ContainsAny(name[i:], `/"`) && t.Column(name[:i]) != nil {
		return "", nil, fmt.Errorf("unknown unit of time %q; the units are %s", name[i+1:], strings.Join(cell.UnitNames(), ", "))
	}
	return col, unit, nil
}

// MaxTables is the maximum number of tables to examine.
const MaxTables = 10_000

// A Table is a table of a store, not a view, a virtual table or one of SQLite's own.
type Table struct {
	Name         string
	WithoutRowID bool
	Cols         []Column

	// Source is SQL that reads the rows, as returned by [Probe.Rows], if they are not
	// simply the rows of the table Name.
	Source string

	Uniques [][]string // lower-case columns of unique indexes and primary keys

	twice []string // columns of a query that have the name of another one
}

// A Column is one column of a table.
type Column struct {
	Name string
	Type string // as declared
	PK   int    // index in the primary key, from 1

	NotNull bool // declared NOT NULL
}

// Column finds a column by name, ignoring case.
func (t *Table) Column(name string) *Column {
	for i := range t.Cols {
		if strings.EqualFold(t.Cols[i].Name, name) {
			return &t.Cols[i]
		}
	}
	return nil
}

// neverNullIn reports whether the columns are declared NOT NULL.
func (t *Table) neverNullIn(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		c := t.Column(name)
		return c == nil || !c.NotNull
	})
}

// Require returns an error that lists the missing columns.
func (t *Table) Require(names ...string) error {
	var missing []string
	for _, n := range names {
		if t.Column(n) == nil {
			missing = append(missing, n)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("table %s has no column %s", t.Name, strings.Join(missing, ", "))
	}
	return nil
}

// Partly returns an error that lists the missing columns if the table has at least that many of
// the columns, but not all: another release of a library may have made it.
func (t *Table) Partly(least int, names ...string) error {
	has := 0
	for _, n := range names {
		if t.Column(n) != nil {
			has++
		}
	}
	if has < least {
		return nil
	}
	return t.Require(names...)
}

// UniqueBy reports whether the values of these columns are unique.
func (t *Table) UniqueBy(columns ...string) bool {
	return slices.ContainsFunc(t.Uniques, func(unique []string) bool {
		return !slices.ContainsFunc(unique, func(c string) bool { return !slices.Contains(columns, c) })
	})
}

// RowID returns a name for the table's rowid: its INTEGER PRIMARY KEY, or an alias that no
// column hides. It returns "" if the table has no rowid.
func (t *Table) RowID() string {
	if t.WithoutRowID {
		return ""
	}
	keys, alias := 0, ""
	for _, c := range t.Cols {
		if c.PK > 0 {
			keys++
			if strings.EqualFold(c.Type, "INTEGER") {
				alias = c.Name
			}
		}
	}
	if keys == 1 && alias != "" {
		return alias
	}
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if t.Column(name) == nil {
			return name
		}
	}
	return ""
}

// Affinity returns the SQLite affinity of the column's declared type.
func (c *Column) Affinity() cell.Kind {
	t := strings.ToUpper(c.Type)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(t, p) })
	}
	switch {
	case has("INT"):
		return cell.Int
	case has("CHAR", "CLOB", "TEXT"):
		return cell.Text
	case t == "" || has("BLOB"):
		return cell.Blob
	}
	return cell.Real
}

// ByName returns tables in the order of their names.
func ByName(tables map[string]*Table) []*Table {
	all := make([]*Table, 0, len(tables))
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		all = append(all, tables[name])
	}
	return all
}

// Pairs returns SQL for the arguments of a function that makes an object: names and values.
func Pairs(names, values []string) string {
	pairs := make([]string, len(names))
	for i := range names {
		pairs[i] = QuoteText(names[i]) + ", " + values[i]
	}
	return strings.Join(pairs, ", ")
}

// QuoteName quotes an identifier, except an empty one.
func QuoteName(name string) string {
	if name == "" {
		return ""
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
