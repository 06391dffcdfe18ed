package table

import (
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A part is one of the values in a stream's name.
type part struct {
	shown string // SQL: the value in the name, before escaping
	key   string // SQL: the value that identifies the part
	text  bool   // it may contain characters to escape
	match func(arg func(any) string, value string) (cond string, ok bool)
}

func (m *mapper) part(t term) (part, error) {
	f := m.flavour
	if t.col == nil || t.at != nil {
		e := m.p.Collated(QuoteText(t.literal))
		if t.col != nil {
			e = m.p.JSON(m.t, t.col, t.at, source.Stream)
		}
		return part{shown: e, key: e, text: true, match: func(arg func(any) string, v string) (string, bool) {
			return f.equal(e) + " = " + arg(v), f.takes(v)
		}}, nil
	}
	one := &Layout{From: m.l.From}
	if err := m.p.MapColumn(one, m.t, source.Stream, t.col); err != nil {
		return part{}, err
	}
	key := one.StreamKey
	if key == "" {
		key = f.Bytes(one.Cols[source.Stream])
	}
	return part{
		shown: one.Cols[source.Stream], key: key, text: t.col.Affinity() != cell.Int,
		match: func(arg func(any) string, v string) (string, bool) { return one.OfStream(f, arg, v) },
	}, nil
}

// composeStream maps the stream to several parts.
func (m *mapper) composeStream(terms []term) error {
	parts := make([]part, len(terms))
	var shown []string
	for i, t := range terms {
		p, err := m.part(t)
		if err != nil {
			return err
		}
		e := p.shown
		if p.text && len(terms) > 1 {
			e = escaped(e)
		}
		parts[i], shown = p, append(shown, e)
		m.partition = append(m.partition, p.key)
		if t.col != nil && (t.at != nil || !t.col.NotNull) {
			m.without(p.key)
		}
	}
	l := m.l
	l.keys = m.partition
	l.named(m.p.Collated, shown, parts)
	if len(terms) > 1 {
		l.CategoryOf = func(stream string) string {
			if values, ok := cell.SplitStream(stream, len(terms)); ok {
				return cell.CategoryOfName(values[len(values)-1])
			}
			return ""
		}
	}
	return nil
}

// named names streams by several values, as SQL that is already escaped.
func (l *Layout) named(collated func(e string) string, shown []string, parts []part) {
	l.Cols[source.Stream] = shown[0]
	if len(shown) > 1 {
		l.Cols[source.Stream] = collated("(" + strings.Join(shown, " || '/' || ") + ")")
	}
	l.MatchStream = func(arg func(any) string, id string) (string, bool) {
		values, ok := cell.SplitStream(id, len(parts))
		var conds []string
		for i := 0; ok && i < len(parts); i++ {
			var cond string
			cond, ok = parts[i].match(arg, values[i])
			conds = append(conds, cond)
		}
		return strings.Join(conds, " AND "), ok
	}
}

// NamedBy names streams by several values, escaped as by [cell.JoinStream], each of which is
// the stream of a layout of its own. No stream gets another name when others are added.
func (l *Layout) NamedBy(collated func(e string) string, values ...*Layout) {
	parts := make([]part, len(values))
	var shown []string
	for i, v := range values {
		parts[i].match = func(arg func(any) string, value string) (string, bool) { return v.OfStream(Flavour{}, arg, value) }
		shown = append(shown, escaped(v.Cols[source.Stream]))
		l.keys = append(l.keys, v.keyOfStream())
	}
	l.named(collated, shown, parts)
}

// escaped returns SQL for a value in a stream's name.
func escaped(e string) string { return "replace(replace(" + e + ", '~', '~0'), '/', '~1')" }

// categoryTerm returns the part of the stream that names its kind, or nil.
func categoryTerm(terms []term) *term {
	for i := range terms {
		t := &terms[i]
		if len(terms) > 1 && (t.col == nil || t.at == nil && source.IsKind(t.col.Name)) {
			return t
		}
	}
	return nil
}
