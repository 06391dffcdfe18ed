package jsonfile

import (
	"bytes"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A mapping reads events of any shape. The values of [source.Options].Map are those that
// tables take, with the members of the event's object in place of columns. They may also
// be RFC 6901 pointers into the event. The empty pointer is the whole event, which is the
// default for the payload.
type mapping struct {
	fields   [source.NumFields]*located
	category int             // the term of a composite stream that names its kind, or -1
	used     map[string]bool // members that a rest does not include
	order    *term           // versions are counted in its order
	orderBy  string
	byTime   bool
	found    [source.NumFields]bool
	all      bool // the first pass is over
}

// A located is where a field is.
type located struct {
	terms []term
	join  bool // the value is an object of all terms
	rest  bool // the value is an object of the members that no field uses
}

// A term is a value of an event.
type term struct {
	path     []string     // of members; none: the whole event
	constant *cell.Member // or the same value for all events
}

func (m *mapping) describe(*index) []string {
	m.all = true
	var out []string
	switch {
	case m.order != nil && m.byTime:
		out = append(out, "the versions are counted within the stream by "+m.orderBy+", so they depend on a clock")
	case m.order != nil:
		out = append(out, "the versions are counted within the stream by "+m.orderBy)
	case m.fields[source.Version] == nil:
		out = append(out, "the versions are the order within the stream")
	}
	if m.fields[source.Data] == nil {
		out = append(out, "the payload is the whole event")
	}
	var absent []string
	for c, at := range m.fields {
		if at != nil && !at.rest && !m.found[c] {
			absent = append(absent, source.FieldNames[c])
		}
	}
	if len(absent) > 0 {
		out = append(out, "no event has the mapped "+strings.Join(absent, ", "))
	}
	return out
}

func (m *mapping) read(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	for c := range source.NumFields {
		at := m.fields[c]
		if at == nil || skipped(c, skip) {
			continue
		}
		switch {
		case at.rest || at.join:
			m.object(at, members, e)
			m.find(c)
			continue
		case len(at.terms) > 1:
			if f := m.composite(at.terms, members, e); f != nil {
				return f
			}
			continue
		}
		v, ok := at.terms[0].in(members, e)
		if !ok || v.IsNull() {
			continue
		}
		m.find(c)
		if c != source.Data && c != source.Meta {
			v = plain(v)
		}
		if f := m.set(e, c, &v); f != nil {
			return f
		}
	}
	if len(e.stream) == 0 || m.fields[source.Version] != nil && !e.hasVersion {
		e.leftOut = rowsLeftOut
		return nil
	}
	if e.category == nil && m.fields[source.Category] == nil {
		e.category = e.stream[:len(cell.CategoryOfName(string(e.stream)))]
	}
	if m.fields[source.Revision] != nil && !e.hasRevision {
		e.revision, e.hasRevision = 1, true // from before there were revisions
	}
	if m.order != nil {
		v, _ := m.order.in(members, e)
		if e.order = orderOf(v); m.byTime && e.order.kind == keyText {
			if text, ok := e.clock.Sortable([]byte(e.order.text)); ok {
				e.order.text = text
			}
		}
	}
	if m.fields[source.Data] == nil && skip&replay.FieldData == 0 {
		e.data = e.whole
	}
	return nil
}

// find notes that a field has a value. All are found in the first pass; later ones, which
// may run at once, write nothing, even if the file changes meanwhile.
func (m *mapping) find(c source.Field) {
	if !m.all {
		m.found[c] = true
	}
}

// composite names a stream of several parts. Without one of them, the event has none.
func (m *mapping) composite(terms []term, members []cell.Member, e *event) *cell.TextError {
	e.parts = e.parts[:0]
	for i := range terms {
		v, ok := terms[i].in(members, e)
		if !ok || v.IsNull() {
			return nil
		}
		v = plain(v)
		text, f := v.Label()
		if f != nil {
			return f
		}
		e.parts = append(e.parts, string(text))
	}
	m.find(source.Stream)
	e.stream = []byte(cell.JoinStream(e.parts...))
	if m.fields[source.Category] == nil {
		e.category = []byte(cell.CategoryOfName(e.parts[len(e.parts)-1]))
		if m.category >= 0 {
			e.category = []byte(e.parts[m.category])
		}
	}
	return nil
}

// object makes the payload of several members, or of all that no field uses.
func (m *mapping) object(at *located, members []cell.Member, e *event) {
	out := append(e.scratch[:0], '{')
	add := func(key []byte, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(cell.AppendJSON(out, string(key)), ':')
		out = append(out, value...)
	}
	if at.rest {
		for i := range members {
			if !m.used[string(members[i].Key)] {
				add(members[i].Key, members[i].Value)
			}
		}
	}
	for i := range at.terms {
		if v, ok := at.terms[i].in(members, e); ok {
			add(v.Key, v.Value)
		}
	}
	e.scratch = append(out, '}')
	e.data = e.scratch
}

func skipped(c source.Field, skip replay.Fields) bool {
	switch c {
	case source.Time:
		return skip&replay.FieldTime != 0
	case source.Data:
		return skip&replay.FieldData != 0
	case source.Meta:
		return skip&replay.FieldMeta != 0
	}
	return false
}

// in returns the value of a term in an event. A path continues within a string that is
// JSON, as exports of text columns have it.
func (t *term) in(members []cell.Member, e *event) (cell.Member, bool) {
	if t.constant != nil {
		return *t.constant, true
	}
	if len(t.path) == 0 {
		return cell.Member{Value: e.whole}, len(e.whole) > 0
	}
	at := len(members) - 1
	for at >= 0 && string(members[at].Key) != t.path[0] {
		at--
	}
	if at < 0 {
		return cell.Member{}, false
	}
	v, rest := &members[at], t.path[1:]
	if len(rest) == 0 || v.Value[0] != '"' {
		return v.Lookup(rest)
	}
	inside, f := v.Text()
	var scan cell.Scanner
	if f != nil || scan.Document(inside) != nil {
		return cell.Member{}, false
	}
	raw, ok := cell.Pointer(rest).Raw(inside)
	return cell.Member{Key: v.Key, Value: raw, At: v.At}, ok
}

func (m *mapping) set(e *event, c source.Field, v *cell.Member) (f *cell.TextError) {
	switch c {
	case source.Stream:
		e.stream, f = v.Label()
	case source.Version:
		e.version, e.hasVersion, f = v.LooseInteger()
	case source.Position:
		e.position, e.hasPosition, f = v.LooseInteger()
	case source.Category:
		e.category, f = v.Label()
	case source.Type:
		e.typ, f = v.Label()
	case source.ID:
		e.id, f = v.Label()
	case source.Time:
		f = e.looseTime(v)
	case source.Revision:
		f = e.setRevision(v)
	case source.Actor:
		e.actor, f = v.Label()
	case source.Correlation:
		e.correlation, f = v.Label()
	case source.Causation:
		e.causation, f = v.Label()
	case source.Data:
		e.data = e.embeddedJSON(v)
	case source.Meta:
		w := cell.Member{Key: v.Key, Value: e.embeddedJSON(v), At: v.At}
		e.raw, f = objectOrNull(&w)
	}
	return f
}

// embeddedJSON returns the object or array inside a string, as exports of text columns
// have it; any other value is returned as written.
func (e *event) embeddedJSON(v *cell.Member) []byte {
	if v.Value[0] != '"' {
		return v.Value
	}
	inside, f := v.Text()
	if f != nil {
		return v.Value
	}
	inside = bytes.TrimSpace(inside)
	if len(inside) == 0 || inside[0] != '{' && inside[0] != '[' || e.document(inside) != nil {
		return v.Value
	}
	e.note(noteUnwrapped)
	return inside
}
