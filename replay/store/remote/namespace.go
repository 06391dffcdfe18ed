package remote

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Namespace has the tables of one schema of PostgreSQL, or of one database of MySQL.
type Namespace struct {
	Opts   *source.Options
	Schema string
	Tables map[string]*table.Table // by lower-case name
	Views  map[string]*table.Table
}

// Options returns the options that the store was opened with.
func (n *Namespace) Options() *source.Options { return n.Opts }

// Table finds a table by name, ignoring case.
func (n *Namespace) Table(name string) *table.Table { return n.Tables[strings.ToLower(name)] }

// All returns the tables, by name.
func (n *Namespace) All() []*table.Table { return table.ByName(n.Tables) }

// TableNames returns the names of the tables, in lower case.
func (n *Namespace) TableNames() []string { return slices.Collect(maps.Keys(n.Tables)) }

// Need finds a table with the given columns. Its error says what is missing.
func (n *Namespace) Need(name string, columns ...string) (*table.Table, error) {
	t := n.Table(name)
	if t == nil {
		return nil, fmt.Errorf(source.NoTable+"%s", name)
	}
	return t, t.Require(columns...)
}

// Lookup finds a table or view. The name may be SCHEMA.TABLE.
func (n *Namespace) Lookup(name string) (t *table.Table, what string, err error) {
	schema, rest, qualified := strings.Cut(name, ".")
	for _, in := range []struct {
		what  string
		named map[string]*table.Table
	}{{"table ", n.Tables}, {"view ", n.Views}} {
		if t := in.named[strings.ToLower(name)]; t != nil {
			return t, in.what, nil
		}
		if t := in.named[strings.ToLower(rest)]; t != nil && qualified && n.Schema == schema {
			return t, in.what, nil
		}
	}
	return nil, "", nil
}

// Name returns SQL that names the table.
func (n *Namespace) Name(t *table.Table) string {
	return table.QuoteName(n.Schema) + "." + table.QuoteName(t.Name)
}

// From returns SQL that reads a table as e.
func (n *Namespace) From(t *table.Table) string {
	if t.Source != "" {
		return t.Source
	}
	return n.Name(t) + " AS e"
}

// Rows returns SQL that reads the rows of a statement as e.
func (n *Namespace) Rows(sql string) string { return "(" + sql + "\n) AS e" }

// Ref returns SQL for a column of the table e.
func (n *Namespace) Ref(c *table.Column) string { return "e." + table.QuoteName(c.Name) }
