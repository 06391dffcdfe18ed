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
			e = "replace(replace(" + e + ", '~', '~0'), '/', '~1')"
		}
		parts[i], shown = p, append(shown, e)
		m.partition = append(m.partition, p.key)
		if t.col != nil && (t.at != nil || !t.col.NotNull) {
			m.without(p.key)
		}
	}
	l := m.l
	l.Cols[source.Stream] = shown[0]
	if len(terms) > 1 {
		l.Cols[source.Stream] = m.p.Collated("(" + strings.Join(shown, " || '/' || ") + ")")
		l.CategoryOf = func(stream string) string {
			if values, ok := cell.SplitStream(stream, len(terms)); ok {
				return cell.CategoryOfName(values[len(values)-1])
			}
			return ""
		}
	}
	l.keys = m.partition
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
	return nil
}

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
