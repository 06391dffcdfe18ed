package table

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"asof/replay/fault"
	"asof/replay/store/source"
)

// QueryName is what the rows of a query go by, where a table has a name.
const QueryName = "the query"

// queryMap is the mapping of a query: its columns are fields by their names, unless the
// mapping says otherwise. Without a version they are counted, by position or else by
// time, and without a payload it is the rest of the row.
func queryMap(t *Table, given map[string]string) map[string]string {
	fields := maps.Clone(given)
	if fields == nil {
		fields = map[string]string{}
	}
	also := map[source.Field]string{source.Meta: "metadata", source.Correlation: "correlation_id", source.Causation: "causation_id"}
	for f := range source.NumFields {
		name := source.FieldNames[f]
		for _, n := range []string{name, also[f]} {
			if c := t.Column(n); fields[name] == "" && c != nil && n != "" {
				fields[name] = source.ColumnWord(c.Name)
			}
		}
	}
	for _, by := range []string{"position", "time"} {
		if fields["version"] == "" && fields[by] != "" {
			fields["version"] = "#" + by
		}
	}
	if fields["data"] == "" {
		fields["data"] = "*"
	}
	return fields
}

// OneStatement returns a query without what ends it. The rest is what follows its first
// statement.
func OneStatement(sql, rest string) (string, error) {
	if !blank(rest) {
		return "", errors.New("a query must be a single statement")
	}
	sql = sql[:len(sql)-len(rest)]
	if end := strings.LastIndexByte(sql, ';'); end >= 0 && blank(sql[end:]) {
		sql = sql[:end]
	}
	return sql, nil
}

// blank reports whether SQL is nothing but white space, comments and semicolons.
func blank(sql string) bool {
	for {
		sql = strings.TrimLeft(sql, "; \t\r\n\f")
		switch {
		case sql == "":
			return true
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql, "*/")
		default:
			return false
		}
	}
}

// QueryError is the error of a query, which says where it is: at is counted in bytes.
// Negative, it is not known.
func QueryError(says, sql string, at int) error {
	if at < 0 || at > len(sql) {
		return fmt.Errorf("the query is invalid: %s", says)
	}
	before := sql[:at]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Errorf("the query is invalid at line %d, column %d: %s", line, column, says)
}

// NoSelect is the error of a query that gives no rows to read.
func NoSelect() error { return errors.New("the query returns no rows: write a SELECT") }

// HasParameters is the error of a query with places for values that nobody gives.
func HasParameters() error {
	return errors.New("the query has parameters, which have no values")
}

// Named takes the names of the columns of a query as it is written, where two columns may
// have the same.
func (t *Table) Named(columns []string) {
	seen := map[string]bool{}
	for _, name := range columns {
		name = strings.ToLower(name)
		if seen[name] {
			t.twice = append(t.twice, name)
		}
		seen[name] = true
	}
}

// once refuses a field in a column that shares its name: any choice would be a guess.
func (t *Table) once(f source.Field, e *expr) error {
	for _, one := range e.terms {
		if one.col != nil && slices.Contains(t.twice, strings.ToLower(one.col.Name)) {
			return &mappingError{
				fmt.Sprintf("%s has two columns %q, and the %s is in one of them", t.Name, one.col.Name, source.FieldNames[f]),
				fault.Try("give one of them another name with AS"),
			}
		}
	}
	return nil
}

// A mappingError is a mapping that lacks something, or that can be read in two ways.
type mappingError struct {
	msg  string
	next fault.Remedy
}

func (e *mappingError) Error() string { return e.msg }

// Class returns [fault.Store].
func (*mappingError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindBadStore].
func (*mappingError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns what to do next.
func (e *mappingError) Remedy() fault.Remedy { return e.next }

// lacks is the error of a mapping without a field that every event has.
func (t *Table) lacks(what, field string) error {
	next := "add " + field + "=COLUMN to the mapping"
	if t.Name == QueryName {
		next = "name that column in the query: SELECT … AS " + field
	}
	if field == "version" {
		next += "; " + field + "=#COLUMN in the mapping counts in the order of a column"
	}
	return &mappingError{fmt.Sprintf("the mapping of %s%s names no column for %s", what, t.Name, field), fault.Try(next)}
}
