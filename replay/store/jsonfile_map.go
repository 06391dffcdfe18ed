package store

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"asof/replay"
)

// A jsonMapping reads events of any shape by [Options].Map, whose values are keys
// of an event's object, or RFC 6901 pointers into it. The empty pointer is the
// whole event, which is also the payload where none is mapped.
type jsonMapping struct {
	at  [numColumns][]string // the tokens of each pointer
	has [numColumns]bool
}

func mappedJSON(fields map[string]string) (jsonForm, error) {
	if err := (&Options{Map: fields}).check(); err != nil {
		return jsonForm{}, err
	}
	var m jsonMapping
	var said []string
	var unit *timeUnit
	for c, name := range columnNames {
		to, ok := fields[name]
		if !ok {
			continue
		}
		said = append(said, name+"="+to)
		if column(c) == colTime {
			to, unit = cutUnit(to)
		}
		m.has[c] = true
		switch {
		case strings.HasPrefix(to, "/"):
			p, ok := parsePointer(to)
			if !ok {
				return jsonForm{}, fmt.Errorf("the mapping of %s is no pointer: %q", name, to)
			}
			m.at[c] = p
		case to != "":
			m.at[c] = []string{to}
		case column(c) != colData && column(c) != colMeta:
			return jsonForm{}, fmt.Errorf("the mapping of %s is empty", name)
		}
	}
	if !m.has[colStream] {
		return jsonForm{}, errors.New("the mapping has no field stream")
	}
	return jsonForm{
		dialect: "mapped-json",
		how:     "by the mapping " + strings.Join(said, ","),
		fits:    func([]jsonMember) bool { return true },
		read:    m.read,
		tell:    m.tell,

		timeUnit: unit,
	}, nil
}

func (m *jsonMapping) tell(x *jsonIndex) []string {
	var out []string
	if !m.has[colVersion] {
		out = append(out, "the versions are the order within the stream")
	}
	if !m.has[colData] {
		out = append(out, "the payload is the whole event")
	}
	return out
}

func (m *jsonMapping) read(members []jsonMember, e *jsonEvent, skip replay.Fields) *jsonFault {
	for c := range numColumns {
		if !m.has[c] || skipped(c, skip) {
			continue
		}
		v, ok := find(members, m.at[c], e.whole)
		if !ok || v.isNull() {
			continue
		}
		if c != colData && c != colMeta {
			v = v.plain()
		}
		if f := m.set(e, c, &v); f != nil {
			return f
		}
	}
	switch {
	case len(e.stream) == 0:
		return missing("stream (" + strings.Join(m.at[colStream], "/") + ")")
	case m.has[colVersion] && !e.hasVersion:
		return missing("version (" + strings.Join(m.at[colVersion], "/") + ")")
	}
	if e.category == nil && !m.has[colCategory] {
		e.category = e.stream[:len(categoryOfName(string(e.stream)))]
	}
	if !m.has[colData] && skip&replay.FieldData == 0 {
		e.data = e.whole
	}
	return nil
}

func skipped(c column, skip replay.Fields) bool {
	switch c {
	case colTime:
		return skip&replay.FieldTime != 0
	case colData:
		return skip&replay.FieldData != 0
	case colMeta:
		return skip&replay.FieldMeta != 0
	}
	return false
}

// find follows a pointer from the members of an event.
func find(members []jsonMember, tokens []string, whole []byte) (jsonMember, bool) {
	if len(tokens) == 0 {
		return jsonMember{value: whole}, len(whole) > 0
	}
	for i := len(members) - 1; i >= 0; i-- {
		if string(members[i].key) == tokens[0] {
			return members[i].lookup(tokens[1:])
		}
	}
	return jsonMember{}, false
}

func (m *jsonMapping) set(e *jsonEvent, c column, v *jsonMember) (f *jsonFault) {
	switch c {
	case colStream:
		e.stream, f = v.label()
	case colVersion:
		e.version, e.hasVersion, f = v.looseInteger()
	case colPosition:
		e.position, e.hasPosition, f = v.looseInteger()
	case colCategory:
		e.category, f = v.label()
	case colType:
		e.typ, f = v.label()
	case colID:
		e.id, f = v.label()
	case colTime:
		f = e.looseTime(v)
	case colRevision:
		f = e.setRevision(v)
	case colActor:
		e.actor, f = v.label()
	case colCorrelation:
		e.correlation, f = v.label()
	case colCausation:
		e.causation, f = v.label()
	case colData:
		e.data = e.unwrap(v)
	case colMeta:
		w := jsonMember{v.key, e.unwrap(v), v.at}
		e.raw, f = w.objectOrNull()
	}
	return f
}

// plain returns the value that MongoDB's extended JSON says with its type, as
// mongoexport writes it: {"$oid":"…"}, {"$date":"…"}, {"$numberLong":"…"}, {"$binary":…}.
func (m jsonMember) plain() jsonMember {
	const nested = 2 // {"$date":{"$numberLong":"…"}}
	for range nested {
		if m.value[0] != '{' {
			break
		}
		members, ok := walkObject(m.value, nil)
		if id := binaryID(members); ok && id != "" {
			return jsonMember{m.key, appendJSONString(nil, id), m.at}
		}
		if !ok || len(members) != 1 {
			break
		}
		switch inner := members[0]; string(inner.key) {
		case "$oid", "$uuid", "$date":
			m = jsonMember{m.key, inner.value, m.at + inner.at}
		case "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal":
			if digits := bytes.Trim(inner.value, `"`); isJSONNumber(digits) {
				m = jsonMember{m.key, digits, m.at + inner.at}
			}
		}
	}
	return m
}

// binaryID returns what identifies something as MongoDB's binary value, in either
// writing: {"$binary":{"base64":"…","subType":"04"}}, {"$binary":"…","$type":"04"}. A
// UUID is shown as one. The old kind of UUID (03) is in an order of bytes that only
// its driver knows, so it is shown in hexadecimal, as all other bytes are.
func binaryID(members []jsonMember) string {
	const uuidKind, uuidBytes = 4, 16
	binary := memberNamed(members, "$binary")
	if binary == nil {
		return ""
	}
	text, kind := binary, memberNamed(members, "$type")
	if binary.value[0] == '{' {
		inner, _ := walkObject(binary.value, nil)
		text, kind = memberNamed(inner, "base64"), memberNamed(inner, "subType")
	}
	if text == nil || kind == nil {
		return ""
	}
	encoded, f := text.text()
	if f != nil {
		return ""
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, encoded)
	if err != nil {
		return ""
	}
	id := hex.EncodeToString(raw)
	if n, err := strconv.ParseInt(string(bytes.Trim(kind.value, `"`)), 16, 64); err == nil && n == uuidKind && len(raw) == uuidBytes {
		return dashUUID(id)
	}
	return id
}

// unwrap returns a value as it stands; where it is a string that holds an object
// or an array, as exports of text columns do, what it holds.
func (e *jsonEvent) unwrap(v *jsonMember) []byte {
	if v.value[0] != '"' {
		return v.value
	}
	inside, f := v.text()
	if f != nil {
		return v.value
	}
	inside = bytes.TrimSpace(inside)
	if len(inside) == 0 || inside[0] != '{' && inside[0] != '[' || e.document(inside) != nil {
		return v.value
	}
	e.note(noteUnwrapped)
	return inside
}

// proposeJSON guesses a mapping from the keys of an event.
func proposeJSON(members []jsonMember) (Proposal, bool) {
	prop := Proposal{Map: map[string]string{}}
	taken := map[string]bool{}
	for _, c := range append([]column{colPosition}, proposalOrder...) {
		best, most := "", 0
		for i := range members {
			key := string(members[i].key)
			if taken[key] || key == "" || strings.HasPrefix(key, "/") || strings.ContainsAny(key, ",=") {
				continue
			}
			name := snakeCase(key)
			// What may be a position in a table is in a file more often an id.
			if c == colPosition && !strings.Contains(name, "position") {
				continue
			}
			if n := fits(c, name); n > most {
				best, most = key, n
			}
		}
		if best != "" {
			prop.Map[columnNames[c]], taken[best] = best, true
			prop.Score += most
			prop.Why = append(prop.Why, best+" looks like the "+columnNames[c])
		}
	}
	return prop, prop.Map["stream"] != ""
}

// snakeCase writes a key as columns are named: aggregateId, AggregateID and
// aggregate-id become aggregate_id.
func snakeCase(key string) string {
	var b strings.Builder
	lower := false
	for _, r := range strings.ReplaceAll(key, "-", "_") {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// mapFlag writes a mapping as the command line takes it.
func mapFlag(fields map[string]string) string {
	var out []string
	for _, name := range columnNames {
		if to, ok := fields[name]; ok {
			out = append(out, name+"="+to)
		}
	}
	return "--map " + shellWord(strings.Join(out, ","))
}
