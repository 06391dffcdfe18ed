package jsonfile

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
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A mapping reads events of any shape. The values of [source.Options].Map are keys of
// the event's object, or RFC 6901 pointers into it. The empty pointer is the whole
// event, which is also the default for the payload.
type mapping struct {
	at  [source.NumFields][]string // tokens of each pointer
	has [source.NumFields]bool
}

func mappedForm(fields map[string]string, first []cell.Member) (form, error) {
	if err := (&source.Options{Map: fields}).Check(); err != nil {
		return form{}, err
	}
	var m mapping
	var said []string
	var unit *cell.TimeUnit
	for c, name := range source.FieldNames {
		to, ok := fields[name]
		if !ok {
			continue
		}
		said = append(said, name+"="+to)
		if source.Field(c) == source.Time {
			to, unit = cell.CutUnit(to)
		}
		m.has[c] = true
		switch {
		case strings.HasPrefix(to, "/"):
			p, ok := cell.ParsePointer(to)
			if !ok {
				return form{}, fmt.Errorf("the mapping of %s is not a pointer: %q", name, to)
			}
			m.at[c] = p
		case to != "":
			m.at[c] = []string{to}
			if _, ok := find(first, m.at[c], nil); !ok && isForTables(to) {
				return form{}, fmt.Errorf("the mapping %s=%s is for tables; a file takes a key, or a JSON pointer such as /meta/kind", name, to)
			}
		case source.Field(c) != source.Data && source.Field(c) != source.Meta:
			return form{}, fmt.Errorf("the mapping of %s is empty", name)
		}
	}
	if !m.has[source.Stream] {
		return form{}, errors.New("the mapping has no field stream")
	}
	return form{
		dialect:  "mapped-json",
		how:      "by the mapping " + strings.Join(said, ","),
		fits:     func([]cell.Member) bool { return true },
		read:     m.read,
		describe: m.describe,

		timeUnit: unit,
	}, nil
}

// isForTables reports whether a text, unless it is a key, is a mapping that only tables
// take: several columns, a count, a constant, a pointer into a column, or all columns.
func isForTables(to string) bool {
	return to == "*" || strings.Contains(to, "+") || strings.Contains(to, ":/") || strings.ContainsAny(to[:1], `#'"`)
}

func (m *mapping) describe(x *index) []string {
	var out []string
	if !m.has[source.Version] {
		out = append(out, "the versions are the order within the stream")
	}
	if !m.has[source.Data] {
		out = append(out, "the payload is the whole event")
	}
	return out
}

func (m *mapping) read(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	for c := range source.NumFields {
		if !m.has[c] || skipped(c, skip) {
			continue
		}
		v, ok := find(members, m.at[c], e.whole)
		if !ok || v.IsNull() {
			continue
		}
		if c != source.Data && c != source.Meta {
			v = plain(v)
		}
		if f := m.set(e, c, &v); f != nil {
			return f
		}
	}
	switch {
	case len(e.stream) == 0:
		return missing("stream (" + strings.Join(m.at[source.Stream], "/") + ")")
	case m.has[source.Version] && !e.hasVersion:
		return missing("version (" + strings.Join(m.at[source.Version], "/") + ")")
	}
	if e.category == nil && !m.has[source.Category] {
		e.category = e.stream[:len(cell.CategoryOfName(string(e.stream)))]
	}
	if !m.has[source.Data] && skip&replay.FieldData == 0 {
		e.data = e.whole
	}
	return nil
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

// find resolves a pointer, starting from the members of an event.
func find(members []cell.Member, tokens []string, whole []byte) (cell.Member, bool) {
	if len(tokens) == 0 {
		return cell.Member{Value: whole}, len(whole) > 0
	}
	for i := len(members) - 1; i >= 0; i-- {
		if string(members[i].Key) == tokens[0] {
			return members[i].Lookup(tokens[1:])
		}
	}
	return cell.Member{}, false
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

// plain strips the type wrapper of MongoDB's extended JSON, as written by mongoexport:
// {"$oid":"…"}, {"$date":"…"}, {"$numberLong":"…"}, {"$binary":…}.
func plain(m cell.Member) cell.Member {
	const nested = 2 // {"$date":{"$numberLong":"…"}}
	for range nested {
		if m.Value[0] != '{' {
			break
		}
		members, ok := cell.WalkObject(m.Value, nil)
		if id := binaryID(members); ok && id != "" {
			return cell.Member{Key: m.Key, Value: cell.AppendJSON(nil, id), At: m.At}
		}
		if !ok || len(members) != 1 {
			break
		}
		switch inner := members[0]; string(inner.Key) {
		case "$oid", "$uuid", "$date":
			m = cell.Member{Key: m.Key, Value: inner.Value, At: m.At + inner.At}
		case "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal":
			if digits := bytes.Trim(inner.Value, `"`); cell.IsNumber(digits) {
				m = cell.Member{Key: m.Key, Value: digits, At: m.At + inner.At}
			}
		}
	}
	return m
}

// binaryID formats a binary value of MongoDB as an id, in either notation:
// {"$binary":{"base64":"…","subType":"04"}}, {"$binary":"…","$type":"04"}. A UUID gets
// its dashes. Legacy UUIDs (03) have a byte order that only their driver knows, so
// they are shown in hexadecimal, like all other bytes.
func binaryID(members []cell.Member) string {
	const uuidKind, uuidBytes = 4, 16
	binary := cell.MemberNamed(members, "$binary")
	if binary == nil {
		return ""
	}
	text, kind := binary, cell.MemberNamed(members, "$type")
	if binary.Value[0] == '{' {
		inner, _ := cell.WalkObject(binary.Value, nil)
		text, kind = cell.MemberNamed(inner, "base64"), cell.MemberNamed(inner, "subType")
	}
	if text == nil || kind == nil {
		return ""
	}
	encoded, f := text.Text()
	if f != nil {
		return ""
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, encoded)
	if err != nil {
		return ""
	}
	id := hex.EncodeToString(raw)
	if n, err := strconv.ParseInt(string(bytes.Trim(kind.Value, `"`)), 16, 64); err == nil && n == uuidKind && len(raw) == uuidBytes {
		return cell.DashUUID(id)
	}
	return id
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

// proposeJSON guesses a mapping from the keys of an event.
func proposeJSON(members []cell.Member) (source.Proposal, bool) {
	prop := source.Proposal{Map: map[string]string{}}
	taken := map[string]bool{}
	for _, c := range append([]source.Field{source.Position}, source.ProposalOrder...) {
		best, most := "", 0
		for i := range members {
			key := string(members[i].Key)
			if taken[key] || key == "" || strings.HasPrefix(key, "/") || strings.ContainsAny(key, ",=") {
				continue
			}
			name := snakeCase(key)
			// A name that suggests a position in a table is more often an id in a file.
			if c == source.Position && !strings.Contains(name, "position") {
				continue
			}
			if n := source.Fits(c, name); n > most {
				best, most = key, n
			}
		}
		if best != "" {
			prop.Map[source.FieldNames[c]], taken[best] = best, true
			prop.Score += most
			prop.Why = append(prop.Why, best+" looks like the "+source.FieldNames[c])
		}
	}
	return prop, prop.Map["stream"] != ""
}

// snakeCase converts a key to the usual form of column names: aggregateId, AggregateID
// and aggregate-id become aggregate_id.
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
