package query

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"zombiezen.com/go/sqlite"

	"asof/replay/fault"
)

// engineWords are what the engine writes before a message: where it was, and a class.
var engineWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(sqlite: |prepare: |step: |\d+:\d+: |SQL logic error: )+`)
})

var missing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`no such (column|table|function): (.+?)( - should this be a string literal in single-quotes\?)?$`)
})

var unshared = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`cannot join using column (.+) - column not present in both tables$`)
})

var syntaxNear = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^near "(.+)": syntax error$`) })

// unknownColumn is the column that a statement names and no table has; empty if that is
// not what is wrong.
func unknownColumn(err error) string {
	if err == nil {
		return ""
	}
	if m := missing().FindStringSubmatch(err.Error()); m != nil && m[1] == "column" {
		return m[2]
	}
	if m := unshared().FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}

// refused explains why SQLite does not take a statement.
func (db *DB) refused(sql string, err error) error {
	out := &Error{SQL: sql, Offset: -1, Msg: engineWords().ReplaceAllString(err.Error(), "")}
	if at, ok := sqlite.ErrorOffset(err); ok {
		out.Offset = at
	}
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultAuth || strings.HasSuffix(err.Error(), "not authorized") {
		out.Msg, out.Next = "the statement does more than read", "write a SELECT"
		return out
	}
	if m := missing().FindStringSubmatch(err.Error()); m != nil {
		db.missing(out, m[1], m[2])
		return out
	}
	if m := syntaxNear().FindStringSubmatch(out.Msg); m != nil {
		if near := fault.Near(m[1], clauses, 1); len(near) > 0 && !strings.EqualFold(near[0], m[1]) {
			out.meant(m[1], near)
			out.Fixed = sql[:max(out.Offset, 0)] + near[0] + sql[max(out.Offset, 0)+len(m[1]):]
		}
	}
	return out
}

// unbound refuses a statement with a parameter: without a value, it would be NULL, and a
// condition with it true of no row.
func unbound(sql string, stmt *sqlite.Stmt) error {
	out := &Error{SQL: sql, Offset: -1, Next: "write the value in its place; a string goes in single quotes"}
	name := stmt.BindParamName(1)
	for t := range tokensOf(sql) {
		if out.Offset < 0 && t.is("?", ":", "@", "$") && strings.HasPrefix(sql[t.at:], name) {
			out.Offset = t.at
		}
	}
	out.Msg = "the parameter " + cmp.Or(name, "?") + " has no value"
	return out
}

// clauses are the words that are most often misspelled where they cannot be names.
var clauses = []string{"SELECT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "JOIN", "UNION", "WITH", "OFFSET"}

// missing explains a name that nothing has.
func (db *DB) missing(out *Error, what, name string) {
	out.Msg = "there is no " + what + " " + name
	switch what {
	case "table":
		for t := range tokensOf(out.SQL) {
			if out.Offset < 0 && strings.EqualFold(t.name(), name) {
				out.Offset = t.at
			}
		}
		out.Next = "the tables are " + listed(db.names())
		out.meant(name, fault.Near(name, db.names(), 3))
	case "function":
		out.Next = "the functions are those of SQLite, plus t, member, blame, dec, dec_add, dec_sub, dec_mul and dec_cmp"
		out.meant(name, fault.Near(name, db.functionNames(), 3))
	case "column":
		db.missingColumn(out, name)
	}
}

func (db *DB) missingColumn(out *Error, name string) {
	bare, isText := strings.Trim(name, `"`), strings.HasPrefix(name, `"`)
	table, last, dotted := strings.Cut(name, ".")
	if dotted && !isText {
		bare = last
	}
	names := db.columnNames(out.SQL)
	switch {
	case isText && !plainName(bare):
		out.text(name, bare)
		return
	case dotted && slices.Contains(names, bare):
		out.Next = table + " is not a table of the statement"
		return
	case len(names) > 0:
		out.Next = "the columns are " + listed(names)
	}
	if out.meant(bare, fault.Near(bare, names, 3)); isText && len(out.Near) == 0 {
		out.text(name, bare)
	}
}

// text explains a text in double quotes, as some dialects of SQL write it.
func (e *Error) text(name, bare string) {
	e.Next = "a string goes in single quotes"
	if at := e.Offset; at >= 0 && strings.HasPrefix(e.SQL[at:], name) {
		e.Fixed = e.SQL[:at] + textLiteral(bare) + e.SQL[at+len(name):]
	}
}

// listed are names in a sentence: the first of many.
func listed(names []string) string {
	const most = 24
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// functionNames are the functions that a statement can call.
func (db *DB) functionNames() (names []string) {
	if db.conn.SetAuthorizer(nil) != nil {
		return nil
	}
	defer db.conn.SetAuthorizer(readOnly{}) //nolint:errcheck // it was set before
	stmt, _, err := db.conn.PrepareTransient("SELECT DISTINCT name FROM pragma_function_list")
	if err != nil {
		return nil
	}
	defer stmt.Finalize() //nolint:errcheck // only read
	for {
		if more, err := stmt.Step(); err != nil || !more {
			return names
		}
		names = append(names, stmt.ColumnText(0))
	}
}

func (db *DB) names() []string {
	var names []string
	for _, t := range db.tables {
		names = append(names, t.name)
	}
	return names
}

// mentioned are the tables whose names occur in a statement where a table may stand.
func (db *DB) mentioned(sql string) []*table {
	named := sourcesOf(sql)
	var out []*table
	for _, t := range db.tables {
		if named[strings.ToLower(t.name)] {
			out = append(out, t)
		}
	}
	return out
}

func (db *DB) columnNames(sql string) []string {
	var names []string
	for _, t := range db.mentioned(sql) {
		for _, c := range t.cols {
			if !c.hidden && !slices.Contains(names, c.name) {
				names = append(names, c.name)
			}
		}
	}
	return names
}
