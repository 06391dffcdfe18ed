package jsonfile

import (
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
)

// A form is one way to write an event as a JSON object. To add one, write a file with
// such a value and list it in forms.
type form struct {
	dialect string
	how     string // how the form was recognized, for Info
	rows    bool   // its events are versions of rows
	needs   string // what a file of this form must have, for errors
	fits    func([]cell.Member) bool

	// read fills in an event from the members of its object. It may omit the skipped
	// fields.
	read func(m []cell.Member, e *event, skip replay.Fields) *cell.TextError

	keyed    bool // versions are counted by [event].order
	byClock  bool // which is that of times
	ordinals bool // positions are the order in the file, which an event need not say

	timeUnit *cell.TimeUnit // unit of numeric times; nil: detected from their range

	// describe adds notes for Info, derived from the counts. It is called once, after the
	// first pass: from then on, read changes nothing, since several readers may share it.
	describe func(x *index) []string
}

// forms lists the forms in the order in which they are tried on the first event.
func forms() []form {
	return []form{nativeJSON, cloudEvents, eventSourcingDB, kurrentAtom(), temporalHistory, debezium, maxwell, wal2json}
}

// nativeJSON is the shape that asof prints: one object per event, with the keys stream,
// category, version, position, id, type, revision, time, actor, correlation_id,
// causation_id, data and metadata. The key opaque explains data that is null because
// the payload is unreadable. An absent key means null, and unknown keys are ignored.
// The default category is the stream's id up to the first dash.
var nativeJSON = form{
	dialect: "asof-ndjson",
	how:     "the first event has stream, version and type",
	needs:   "stream, version and type",
	fits: func(m []cell.Member) bool {
		return cell.HasMember(m, "stream") && cell.HasMember(m, "version") && cell.HasMember(m, "type")
	},
	read: readNative,
}

func missing(key string) *cell.TextError {
	return &cell.TextError{Msg: fmt.Sprintf("the event has no %s", key)}
}

func readNative(members []cell.Member, e *event, skip replay.Fields) (f *cell.TextError) {
	var opaque []byte
	for i := range members {
		m := &members[i]
		switch string(m.Key) {
		case "stream":
			e.stream, f = m.Text()
		case "category":
			e.category, f = m.Text()
		case "version":
			e.version, e.hasVersion, f = m.Integer()
		case "position":
			e.position, e.hasPosition, f = m.Integer()
		case "id":
			e.id, f = m.Text()
		case "type":
			e.typ, f = m.Text()
		case "revision":
			f = e.setRevision(m)
		case "time":
			if skip&replay.FieldTime == 0 {
				f = e.strictTime(m)
			}
		case "actor":
			e.actor, f = m.Text()
		case "correlation_id":
			e.correlation, f = m.Text()
		case "causation_id":
			e.causation, f = m.Text()
		case "data":
			e.data = m.Value
		case "opaque":
			if m.Value[0] == '"' {
				opaque, f = m.Text()
			}
		case "metadata":
			e.raw, f = objectOrNull(m)
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
		e.category = e.stream[:len(cell.CategoryOfName(string(e.stream)))]
	}
	return nil
}

func (e *event) setRevision(m *cell.Member) *cell.TextError {
	n, ok, f := m.LooseInteger()
	if f != nil {
		return f
	}
	if n < 0 || n > 1<<31-1 {
		return m.Fault("the revision of a schema")
	}
	e.revision, e.hasRevision = int(n), ok
	return nil
}

// objectOrNull returns an object as written, or nil for null.
func objectOrNull(m *cell.Member) ([]byte, *cell.TextError) {
	switch m.Value[0] {
	case '{':
		return m.Value, nil
	case 'n':
		return nil, nil
	case '"':
		var e event
		if inside := e.embeddedJSON(m); inside[0] == '{' {
			return inside, nil
		}
	}
	return nil, m.Fault("an object")
}
