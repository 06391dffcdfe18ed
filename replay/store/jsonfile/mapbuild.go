package jsonfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

func mappedForm(fields map[string]string, first *sample) (form, error) {
	if err := (&source.Options{Map: fields}).Check(); err != nil {
		return form{}, err
	}
	b := mapBuilder{fields: fields, first: first, m: &mapping{category: -1, used: map[string]bool{}}}
	if _, ok := fields[source.FieldNames[source.Stream]]; !ok {
		return form{}, errors.New("the mapping has no field stream")
	}
	var said []string
	for c, name := range source.FieldNames {
		to, ok := fields[name]
		if !ok {
			continue
		}
		said = append(said, name+"="+to)
		if err := b.field(source.Field(c), to); err != nil {
			return form{}, err
		}
	}
	m := b.m
	return form{
		dialect:  "mapped-json",
		how:      "by the mapping " + strings.Join(said, ","),
		fits:     func([]cell.Member) bool { return true },
		read:     m.read,
		describe: m.describe,
		keyed:    m.order != nil,
		ordinals: b.ordinals,
		byClock:  m.byTime,

		timeUnit: b.unit,
	}, nil
}

// A mapBuilder makes a mapping of what the user wrote.
type mapBuilder struct {
	m      *mapping
	fields map[string]string
	first  *sample
	unit   *cell.TimeUnit

	ordinals bool // positions are the order in the file
}

func (b *mapBuilder) field(c source.Field, to string) error {
	m, name := b.m, source.FieldNames[c]
	switch {
	case to == "" && c != source.Data && c != source.Meta:
		return fmt.Errorf("the mapping of %s is empty", name)
	case to == "":
		m.fields[c] = &located{terms: []term{{}}}
		return nil
	case c == source.Position && b.isOrder(to):
		b.ordinals = true
		return nil
	case c == source.Version && strings.HasPrefix(to, "#") && !b.first.has(to):
		return b.counted(to)
	}
	e, err := b.parse(c, to)
	if err != nil {
		return err
	}
	at := &located{rest: e.Rest, join: c == source.Data && len(e.Terms) > 1}
	for i := range e.Terms {
		t := &e.Terms[i]
		if at.join && (t.Literal != nil || len(t.At) > 0) {
			return errors.New("the mapping of data joins what is not a whole member")
		}
		one, err := b.term(c, t)
		if err != nil {
			return err
		}
		at.terms = append(at.terms, one)
		kind := t.Literal != nil || len(t.At) == 0 && source.IsKind(t.Name)
		if c == source.Stream && len(e.Terms) > 1 && m.category < 0 && kind {
			m.category = i
		}
	}
	m.fields[c] = at
	return nil
}

// parse reads an expression, and notes what it uses.
func (b *mapBuilder) parse(c source.Field, to string) (*source.Expr, error) {
	if c == source.Time && !b.first.has(to) {
		to, b.unit = cell.CutUnit(to)
	}
	scope := source.Scope{Has: b.first.has, Resolves: b.first.resolves, Missing: func(name string) error {
		if i := strings.LastIndexByte(name, ':'); c == source.Time && i > 0 && b.first.has(name[:i]) {
			return fmt.Errorf("there is no unit of time %q; there are %s", name[i+1:], strings.Join(cell.UnitNames(), ", "))
		}
		switch c {
		case source.Stream, source.Version, source.Type, source.Data:
			return b.first.missing(name)
		}
		return nil // optional, and perhaps in later events
	}}
	e, err := scope.ParseExpr(c, to)
	if err != nil {
		return nil, err
	}
	for _, t := range e.Terms {
		if t.Literal == nil && len(t.At) == 0 {
			b.m.used[t.Name] = true
		}
	}
	return e, nil
}

func (b *mapBuilder) term(c source.Field, t *source.Term) (term, error) {
	if t.Literal == nil {
		one := term{path: append([]string{t.Name}, t.At...)}
		if (c == source.Stream || c == source.Version) && len(t.At) > 0 && !b.first.resolves(one.path) {
			return one, b.first.missing(cell.Pointer(one.path).String())
		}
		return one, nil
	}
	value := cell.AppendJSON(nil, *t.Literal)
	if c == source.Data {
		var payloads cell.PayloadDecoder
		doc, opaque := payloads.Decode(&cell.Value{Kind: cell.Text, B: []byte(*t.Literal)})
		if opaque != "" {
			return term{}, fmt.Errorf("the mapping gives every event the data %s, which is not JSON", *t.Literal)
		}
		value = bytes.Clone(doc)
	}
	return term{constant: &cell.Member{Key: []byte(source.FieldNames[c]), Value: value}}, nil
}

// isOrder reports whether a name means the order in the file.
func (b *mapBuilder) isOrder(name string) bool {
	return strings.EqualFold(name, "rowid") && !b.first.has(name)
}

// counted reads what versions are counted by: a member, another field of the mapping, or
// the order in the file.
func (b *mapBuilder) counted(to string) error {
	name := to[1:]
	field := source.Version
	for _, f := range []source.Field{source.Position, source.Time, source.ID} {
		if name == source.FieldNames[f] && !b.first.has(name) {
			if name = b.fields[name]; name == "" && f != source.Position {
				return fmt.Errorf("the mapping counts versions by the %s, and has no field of that name", source.FieldNames[f])
			}
			field = f
		}
	}
	if name == "" || b.isOrder(name) {
		return nil // as without a version
	}
	if field == source.Version {
		name = "#" + name
	}
	e, err := b.parse(field, name)
	if err != nil {
		return err
	}
	if len(e.Terms) != 1 || e.Terms[0].Literal != nil {
		return fmt.Errorf("the mapping counts versions by %q, which is not one member", to)
	}
	one, err := b.term(field, &e.Terms[0])
	b.m.order, b.m.orderBy = &one, strings.Join(one.path, "/")
	b.m.byTime = field == source.Time || b.isTime(e)
	return err
}

// isTime reports whether an expression is where the time is.
func (b *mapBuilder) isTime(e *source.Expr) bool {
	to := b.fields[source.FieldNames[source.Time]]
	if to == "" {
		return false
	}
	t, err := b.parse(source.Time, to)
	return err == nil && len(t.Terms) == 1 && t.Terms[0].Name == e.Terms[0].Name && t.Terms[0].At.String() == e.Terms[0].At.String()
}
