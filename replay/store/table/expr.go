package table

import (
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// An expr is the value of a field in a mapping: COLUMN, A+B, COLUMN:/JSON/POINTER, 'a
// constant', #COLUMN (count in its order) or * (the rest of the row). A name in double
// quotes may contain any characters.
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

// parseExpr parses the value of a field in a mapping. A text that is exactly the name of a
// column is that column.
func parseExpr(t *Table, f source.Field, text string) (*expr, error) {
	if c := t.Column(text); c != nil && !quoted(text) {
		return &expr{terms: []term{{col: c}}}, nil
	}
	if text == "*" && f == source.Data {
		return &expr{rest: true}, nil
	}
	e := &expr{}
	p := exprParser{t: t, in: text}
	if rest, ok := strings.CutPrefix(text, "#"); ok && f == source.Version {
		e.counted, p.in = true, rest
		if c := t.Column(rest); c != nil && !quoted(rest) {
			e.terms = []term{{col: c}}
			return e, nil
		}
	}
	for {
		one, err := p.term()
		if err != nil {
			return nil, err
		}
		e.terms = append(e.terms, one)
		if p.in == "" {
			break
		}
		p.in = p.in[1:] // the +
	}
	return e, e.suits(f, text)
}

// suits returns an error for an expr that the field does not allow.
func (e *expr) suits(f source.Field, text string) error {
	ordered := f == source.Version || f == source.Position || f == source.Time
	switch {
	case e.counted && (len(e.terms) != 1 || e.terms[0].col == nil):
		return fmt.Errorf("the mapping counts versions by %q, which is not one column", text)
	case len(e.terms) > 1 && f != source.Stream && f != source.Data:
		return fmt.Errorf("the mapping joins columns for %s; only a stream and the data are made of several", source.FieldNames[f])
	case e.terms[0].col == nil && (ordered || f == source.Revision):
		return fmt.Errorf("the mapping gives every event the %s %s", source.FieldNames[f], text)
	}
	return nil
}

func quoted(s string) bool { return strings.HasPrefix(s, "'") || strings.HasPrefix(s, `"`) }

type exprParser struct {
	t  *Table
	in string
}

// term parses a term, up to a + or the end.
func (p *exprParser) term() (term, error) {
	if strings.HasPrefix(p.in, "'") {
		text, err := p.inQuotes('\'')
		return term{literal: text}, err
	}
	name, err := p.name()
	if err != nil {
		return term{}, err
	}
	one := term{col: p.t.Column(name)}
	if one.col == nil {
		return one, p.t.noColumn(name)
	}
	if rest, ok := strings.CutPrefix(p.in, ":"); ok {
		p.in = rest
		if one.at, err = p.pointer(); err != nil {
			return one, err
		}
	}
	if p.in != "" && p.in[0] != '+' {
		return one, fmt.Errorf("the mapping has %q after the column %s", p.in, name)
	}
	return one, nil
}

func (p *exprParser) name() (string, error) {
	if strings.HasPrefix(p.in, `"`) {
		return p.inQuotes('"')
	}
	end := len(p.in)
	for _, stop := range []string{"+", ":/", `:"`} {
		if i := strings.Index(p.in, stop); i > 0 && i < end {
			end = i
		}
	}
	name := p.in[:end]
	p.in = p.in[end:]
	return name, nil
}

func (p *exprParser) pointer() (cell.Pointer, error) {
	text, rest := p.in, ""
	if strings.HasPrefix(p.in, `"`) {
		var err error
		if text, err = p.inQuotes('"'); err != nil {
			return nil, err
		}
		rest = p.in
	} else if i := strings.IndexByte(text, '+'); i >= 0 {
		text, rest = text[:i], text[i:]
	}
	p.in = rest
	at, ok := cell.ParsePointer(text)
	if !ok {
		return nil, fmt.Errorf("%q is not a JSON pointer: it begins with a slash", text)
	}
	return at, nil
}

// inQuotes parses a quoted text, in which quotes are doubled.
func (p *exprParser) inQuotes(q byte) (string, error) {
	var out strings.Builder
	for i := 1; i < len(p.in); i++ {
		if p.in[i] != q {
			out.WriteByte(p.in[i])
			continue
		}
		if i+1 < len(p.in) && p.in[i+1] == q {
			out.WriteByte(q)
			i++
			continue
		}
		p.in = p.in[i+1:]
		if p.in != "" && p.in[0] != '+' && (q != '"' || p.in[0] != ':') {
			return "", fmt.Errorf("the mapping has %q after a quoted name", p.in)
		}
		return out.String(), nil
	}
	return "", fmt.Errorf("the mapping has a quote %c that does not end: %s", q, p.in)
}

// noColumn is the error of a column that does not exist in the table.
func (t *Table) noColumn(name string) error {
	var names []string
	for _, c := range t.Cols {
		names = append(names, c.Name)
	}
	return fmt.Errorf("table %s has no column %q%s", t.Name, name, source.DidYouMean(name, names))
}
