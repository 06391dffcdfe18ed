package store

import (
	"context"
	"errors"
	"fmt"

	"asof/replay"
)

// A jsonForm is one way to write an event as a JSON object. To add one, write a
// file with such a value and name it in jsonForms.
type jsonForm struct {
	dialect string
	how     string // it was recognised, in words
	needs   string // for that, in words
	fits    func([]jsonMember) bool

	// read fills in an event from the members of its object. What is skipped it
	// need not.
	read func(m []jsonMember, e *jsonEvent, skip replay.Fields) *jsonFault

	timeUnit *timeUnit // that times are counted in; nil: found by their range

	// tell adds what the counts say about how the file was read.
	tell func(x *jsonIndex) []string
}

// jsonForms are tried in order on the first event of a file.
func jsonForms() []jsonForm {
	return []jsonForm{nativeJSON, cloudEvents, eventSourcingDB, kurrentAtom(), temporalHistory}
}

// nativeJSON is the shape that asof itself prints: one object an event, with the
// keys stream, category, version, position, id, type, revision, time, actor,
// correlation_id, causation_id, data and metadata, and opaque beside data that is
// null because it could not be read. An absent key is the same as
// null; others are not read. Without a category that is the stream's id before its
// first dash.
var nativeJSON = jsonForm{
	dialect: "asof-ndjson",
	how:     "the first event has stream, version and type",
	needs:   "stream, version and type",
	fits: func(m []jsonMember) bool {
		return hasMember(m, "stream") && hasMember(m, "version") && hasMember(m, "type")
	},
	read: readNative,
}

func hasMember(m []jsonMember, key string) bool {
	for i := range m {
		if string(m[i].key) == key {
			return true
		}
	}
	return false
}

func missing(key string) *jsonFault {
	return &jsonFault{msg: fmt.Sprintf("the event has no %s", key)}
}

func readNative(members []jsonMember, e *jsonEvent, skip replay.Fields) (f *jsonFault) {
	var opaque []byte
	for i := range members {
		m := &members[i]
		switch string(m.key) {
		case "stream":
			e.stream, f = m.text()
		case "category":
			e.category, f = m.text()
		case "version":
			e.version, e.hasVersion, f = m.integer()
		case "position":
			e.position, e.hasPosition, f = m.integer()
		case "id":
			e.id, f = m.text()
		case "type":
			e.typ, f = m.text()
		case "revision":
			f = e.setRevision(m)
		case "time":
			if skip&replay.FieldTime == 0 {
				f = e.strictTime(m)
			}
		case "actor":
			e.actor, f = m.text()
		case "correlation_id":
			e.correlation, f = m.text()
		case "causation_id":
			e.causation, f = m.text()
		case "data":
			e.data = m.value
		case "opaque":
			if m.value[0] == '"' {
				opaque, f = m.text()
			}
		case "metadata":
			e.raw, f = m.objectOrNull()
		}
		if f != nil {
			return f
		}
	}
	switch {
	case len(e.stream) == 0:
		return missing("stream")
	case !e.hasVersion:
		return missing("version")
	case len(e.typ) == 0:
		return missing("type")
	}
	if len(opaque) > 0 && (e.data == nil || string(e.data) == "null") {
		e.data, e.opaque = nil, string(opaque)
	}
	if e.category == nil {
		e.category = e.stream[:len(categoryOfName(string(e.stream)))]
	}
	return nil
}

func (e *jsonEvent) setRevision(m *jsonMember) *jsonFault {
	n, ok, f := m.looseInteger()
	if f != nil {
		return f
	}
	if n < 0 || n > 1<<31-1 {
		return m.fault("the revision of a schema")
	}
	e.revision, e.hasRe = int(n), ok
	return nil
}

// objectOrNull returns an object as it stands, or nil for null.
func (m *jsonMember) objectOrNull() ([]byte, *jsonFault) {
	switch m.value[0] {
	case '{':
		return m.value, nil
	case 'n':
		return nil, nil
	case '"':
		var e jsonEvent
		if inside := e.unwrap(m); inside[0] == '{' {
			return inside, nil
		}
	}
	return nil, m.fault("an object")
}

// openJSON opens a file of events in JSON, which may be compressed by gzip; "-" is
// standard input.
func openJSON(ctx context.Context, path string, o Options) (replay.Reader, error) {
	src, text, err := openJSONSource(ctx, path, o)
	if err != nil {
		return nil, err
	}
	if o.Context != "" || o.Clock == ClockValid {
		src.Close()
		return nil, src.fail("open", errors.New("a file of events has neither applications nor clocks to choose from"))
	}
	if o.Dialect == "" && o.Map == nil || o.Dialect == ocelDialect.name {
		var ocel bool
		if text, ocel = ocelInput(text); ocel {
			return openOCEL(ctx, src, text, &o)
		}
	}
	r := &jsonReader{src: src, options: o}
	if err := r.index(ctx, text); err != nil {
		src.Close()
		return nil, err
	}
	return r, nil
}
