package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Probe is what dialects and mappings look at: the tables of a store, or of one
// schema of a database.
type Probe interface {
	Options() *source.Options
	// Lookup finds the table that a mapping names, and says what it is: "table " or
	// "view ". There is none where it returns nil.
	Lookup(name string) (t *Table, what string, err error)
	TableNames() []string
	// From is SQL that reads a table.
	From(t *Table) string
	// Found adds to what was recognized where that is.
	Found(what string) string
	// Place tells stores of one database apart; empty where it holds only one.
	Place() string
	// MapColumn makes a column a field of the layout.
	MapColumn(l *Layout, t *Table, f source.Field, c *Column) error
	Flavour() (Flavour, error)
	// Ref is SQL for a column of the one table that is read.
	Ref(c *Column) string
	// Collated is SQL for a text, compared byte by byte.
	Collated(e string) string
	// JSON is SQL for what a pointer finds in a column of JSON, as the field wants it;
	// NULL where it finds nothing.
	JSON(t *Table, c *Column, at cell.Pointer, f source.Field) string
	// Object is SQL for a JSON object of columns.
	Object(t *Table, cols []*Column) string
	// Order is SQL for what orders rows by a column, or by what a pointer finds in it:
	// numbers as numbers, and texts byte by byte.
	Order(t *Table, c *Column, at cell.Pointer) string
	// Clock is like Order, of a column with times. sure is set if the order is that of the
	// times however they are written.
	Clock(t *Table, c *Column, at cell.Pointer) (order string, sure bool)
	// Tie is SQL for what orders any two rows of a table that differ.
	Tie(t *Table) string
	// Count makes a layout read rows with the version that counts them in their stream.
	Count(l *Layout, t *Table, c Counting) error
	// Rows is SQL that reads the rows of a statement as those of a table.
	Rows(sql string) string
	// Query describes the rows of SQL as a table, or says what is wrong with it.
	Query(sql string) (*Table, error)
	// Fatal reports whether an error ends the matching: it says nothing about
	// whether a dialect fits.
	Fatal(err error) bool
}

// A Dialect is what is known of one library's tables in one engine, whose probes
// are of type P.
type Dialect[P Probe] struct {
	Name string

	// Match binds the dialect to the tables of a store. Where it does not fit, the
	// error says why, as a reason for "not NAME".
	Match func(p P) (*Layout, error)
}

// A Matcher finds the layout of a store.
type Matcher[P Probe] struct {
	Engine   string // for messages: "SQLite"
	Mapped   string // the dialect of a store that is read by an explicit mapping
	Dialects []Dialect[P]
}

// Match finds the one dialect that fits one of the probes, or follows the mapping of
// the options. An application with an event store may also record the versions of some
// rows: the event store is then the one that is meant.
func (m *Matcher[P]) Match(o *source.Options, probes []P) (*Layout, error) {
	if o.Table != "" || o.Query != "" || len(o.Map) > 0 {
		l, err := mapped(o, probes)
		if err != nil {
			return nil, err
		}
		l.Dialect, l.Mapped = m.Mapped, true
		return l, nil
	}
	if err := m.checkName(o.Dialect); err != nil {
		return nil, err
	}
	unknown := &source.UnknownDialectError{}
	var found, histories []*Layout
	var historyNames []string
	for _, d := range m.Dialects {
		if o.Dialect != "" && o.Dialect != d.Name {
			continue
		}
		layouts, tried, err := d.in(probes)
		if err != nil {
			return nil, err
		}
		for _, l := range layouts {
			if l.layout.Rows != nil {
				histories, historyNames = append(histories, l.layout), append(historyNames, d.Name+l.place)
				continue
			}
			found = append(found, l.layout)
			unknown.Matches = append(unknown.Matches, d.Name+l.place)
		}
		if len(layouts) == 0 {
			unknown.Tried = append(unknown.Tried, tried)
		}
	}
	if found == nil {
		found, unknown.Matches = histories, historyNames
	} else if histories != nil {
		found[0].Recognised += "; the row histories next to it are a separate store: " + strings.Join(historyNames, ", ")
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return nil, unknown
}

// Names returns the names of the dialects.
func Names[P Probe](dialects []Dialect[P]) []string {
	names := make([]string, len(dialects))
	for i, d := range dialects {
		names[i] = d.Name
	}
	return names
}

// checkName returns an error unless name is empty or one of the dialects.
func (m *Matcher[P]) checkName(name string) error {
	names := Names(m.Dialects)
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("no %s dialect is called %q; there are %s", m.Engine, name, strings.Join(names, ", "))
}

// A placed is a layout and where it was found.
type placed struct {
	layout *Layout
	place  string
}

// in matches the dialect with every probe. Where none fits, tried has the most telling
// reason.
func (d *Dialect[P]) in(probes []P) (found []placed, tried source.Tried, err error) {
	tried = source.Tried{Dialect: d.Name, Why: source.NoTable + "of it"}
	for _, p := range probes {
		l, err := d.Match(p)
		var unclear *source.ContextError
		switch {
		case err == nil:
			l.Dialect = d.Name
			found = append(found, placed{l, p.Place()})
		case p.Fatal(err):
			return nil, tried, err
		case errors.As(err, &unclear):
			tried.Why, tried.Known = err.Error(), true
		case !tried.Known && (!strings.HasPrefix(err.Error(), source.NoTable) || strings.HasPrefix(tried.Why, source.NoTable)):
			tried.Why = err.Error()
		}
	}
	return found, tried, nil
}
