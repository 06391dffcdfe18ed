package table

import (
	"fmt"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// An expr is a [source.Expr] whose names are columns of a table.
type expr struct {
	terms   []term
	counted bool // the version counts rows in the order of the only term
	rest    bool // all columns that no other field uses
}

// A term is one part of an expr: a column, a value in its JSON, or a constant.
type term struct {
	col     *Column // nil for a constant
	at      cell.Pointer
	literal string
}

// plain returns the column if the expr is only a column.
func (e *expr) plain() *Column {
	if len(e.terms) == 1 && e.terms[0].at == nil && !e.counted {
		return e.terms[0].col
	}
	return nil
}

// parseExpr parses the value of a field in a mapping of the table.
func parseExpr(t *Table, f source.Field, text string) (*expr, error) {
	scope := source.Scope{Has: func(name string) bool { return t.Column(name) != nil }, Missing: t.noColumn}
	parsed, err := scope.ParseExpr(f, text)
	if err != nil {
		return nil, err
	}
	e := &expr{counted: parsed.Counted, rest: parsed.Rest}
	for _, one := range parsed.Terms {
		if one.Literal != nil {
			e.terms = append(e.terms, term{literal: *one.Literal})
			continue
		}
		e.terms = append(e.terms, term{col: t.Column(one.Name), at: one.At})
	}
	return e, nil
}

// noColumn is the error of a column that does not exist in the table.
func (t *Table) noColumn(name string) error {
	var names []string
	for _, c := range t.Cols {
		names = append(names, c.Name)
	}
	what := "table " + t.Name
	if t.Name == QueryName {
		what = t.Name
	}
	return source.Missing(fmt.Sprintf("%s has no column %q", what, name), name, names)
}
