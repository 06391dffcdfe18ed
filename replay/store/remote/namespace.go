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

	// Apart are, by name, the tables and views of which another one has the name but for
	// case. The lower-case name is that of the one in Tables or Views, if any has it.
	Apart map[string]*table.Table
}

// Named returns the table or view of this very name, which is among tables or views; nil:
// none is.
func (n *Namespace) Named(in map[string]*table.Table, name string) *table.Table {
	if t := in[strings.ToLower(name)]; t != nil && t.Name == name {
		return t
	}
	return n.Apart[name]
}

// Add takes a new table or view.
func (n *Namespace) Add(in map[string]*table.Table, t *table.Table) {
	key := strings.ToLower(t.Name)
	switch other := in[key]; {
	case other == nil:
		in[key] = t
		return
	case t.Name == key:
		in[key], t = t, other
	}
	if n.Apart == nil {
		n.Apart = map[string]*table.Table{}
	}
	n.Apart[t.Name] = t
}

// Options returns the options that the store was opened with.
func (n *Namespace) Options() *source.Options { return n.Opts }

// Table finds a table by name, ignoring case unless that tells tables apart.
func (n *Namespace) Table(name string) *table.Table { return n.find(n.Tables, name) }

func (n *Namespace) find(in map[string]*table.Table, name string) *table.Table {
	t := in[strings.ToLower(name)]
	if t != nil && n.Apart[name] != nil {
		return n.Apart[name]
	}
	return t
}

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
		if t := n.find(in.named, name); t != nil {
			return t, in.what, nil
		}
		if t := n.find(in.named, rest); t != nil && qualified && n.Schema == schema {
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
