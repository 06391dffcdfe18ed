package source

import (
	"fmt"
	"strings"

	"asof/replay/store/cell"
)

// An Expr is the value of a field in a mapping: NAME, A+B, NAME:/JSON/POINTER, 'a
// constant', #NAME (count in its order) or * (whatever no other field uses). A name is
// that of a column, or of a member of an event; in double quotes it may contain any
// characters.
type Expr struct {
	Terms   []Term
	Counted bool // the version counts events in the order of the only term
	Rest    bool
}

// A Term is one part of an Expr: a column, a value in its JSON, or a constant.
type Term struct {
	Name    string
	At      cell.Pointer
	Literal *string // a constant; Name is empty
}

// A Scope knows the names that a mapping may use.
type Scope struct {
	Has     func(name string) bool
	Missing func(name string) error // for a name that is not there; nil accepts it

	// Resolves is set for events, where a term may be a pointer into the whole event. It
	// tells a plus within a pointer from one that joins.
	Resolves func(cell.Pointer) bool
}

// ParseExpr parses the value of a field in a mapping. A text that is exactly a name is
// that name.
func (s *Scope) ParseExpr(f Field, text string) (*Expr, error) {
	if s.Has(text) && !quoted(text) {
		return &Expr{Terms: []Term{{Name: text}}}, nil
	}
	if text == "*" && f == Data {
		return &Expr{Rest: true}, nil
	}
	e := &Expr{}
	p := exprParser{s: s, in: text}
	if rest, ok := strings.CutPrefix(text, "#"); ok && f == Version {
		e.Counted, p.in = true, rest
		if s.Has(rest) && !quoted(rest) {
			e.Terms = []Term{{Name: rest}}
			return e, nil
		}
	}
	for {
		one, err := p.term()
		if err != nil {
			return nil, err
		}
		e.Terms = append(e.Terms, one)
		if p.in == "" {
			break
		}
		p.in = p.in[1:] // the +
	}
	return e, e.suits(f, text)
}

// suits returns an error for an expr that the field does not allow.
func (e *Expr) suits(f Field, text string) error {
	ordered := f == Version || f == Position || f == Time
	constant := e.Terms[0].Literal != nil
	switch {
	case e.Counted && (len(e.Terms) != 1 || constant):
		return fmt.Errorf("the mapping counts versions by %q, which is not one column", text)
	case len(e.Terms) > 1 && f != Stream && f != Data:
		return fmt.Errorf("the mapping joins columns for %s; only a stream and the data are made of several", FieldNames[f])
	case constant && (ordered || f == Revision):
		return fmt.Errorf("the mapping gives every event the %s %s", FieldNames[f], text)
	}
	return nil
}

func quoted(s string) bool { return strings.HasPrefix(s, "'") || strings.HasPrefix(s, `"`) }

type exprParser struct {
	s  *Scope
	in string
}

// term parses a term, up to a + or the end.
func (p *exprParser) term() (Term, error) {
	if strings.HasPrefix(p.in, "'") {
		text, err := p.inQuotes('\'')
		return Term{Literal: &text}, err
	}
	if p.s.Resolves != nil && strings.HasPrefix(p.in, "/") {
		at, err := p.pointer()
		if err != nil {
			return Term{}, err
		}
		return Term{Name: at[0], At: at[1:]}, nil
	}
	name, err := p.name()
	if err != nil {
		return Term{}, err
	}
	one := Term{Name: name}
	if !p.s.Has(name) {
		if err := p.s.Missing(name); err != nil {
			return one, err
		}
	}
	if rest, ok := strings.CutPrefix(p.in, ":"); ok {
		p.in = rest
		if one.At, err = p.pointer(); err != nil {
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
	} else if i := strings.IndexByte(text, '+'); i >= 0 && !p.whole(text) {
		text, rest = text[:i], text[i:]
	}
	p.in = rest
	at, ok := cell.ParsePointer(text)
	if !ok {
		return nil, fmt.Errorf("%q is not a JSON pointer: it begins with a slash", text)
	}
	return at, nil
}

// whole reports whether a pointer with a plus leads to something in an event.
func (p *exprParser) whole(text string) bool {
	at, ok := cell.ParsePointer(text)
	return ok && p.s.Resolves != nil && p.s.Resolves(at)
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
