package store

import (
	"bytes"

	"asof/replay"
)

// kurrentAtom is what KurrentDB (EventStoreDB) answers as an Atom feed in JSON
// with ?embed=body: a page is an object with entries, newest first. Several pages
// may follow each other in one file. The payload is JSON within a string.
//
// Positions are the numbers in the stream that was read, which for a category
// ($ce-…) orders the events of several; where the pages are of several streams,
// nothing orders those. System events, whose types begin with a dollar sign, are
// left out.
func kurrentAtom() jsonForm {
	var read []byte // the stream that was asked for
	form := jsonForm{
		dialect: "kurrentdb-atom",
		how:     "the file is a page with entries that have eventId, eventType and eventNumber",
		needs:   "eventId, eventType and eventNumber",
		fits: func(m []jsonMember) bool {
			return hasMember(m, "eventId") && hasMember(m, "eventType") && hasMember(m, "eventNumber")
		},
	}
	form.read = func(members []jsonMember, e *jsonEvent, skip replay.Fields) *jsonFault {
		a := atomEntry{jsonEvent: e, members: members}
		if f := a.coordinates(); f != nil {
			return f
		}
		if bytes.HasPrefix(e.typ, []byte("$")) {
			e.leftOut = "system events and links ($…)"
			return nil
		}
		if of := a.text("positionStreamId"); of != nil {
			if read == nil {
				read = bytes.Clone(of)
			}
			e.hasPosition = e.hasPosition && bytes.Equal(of, read)
		}
		if skip&replay.FieldData == 0 {
			a.payload()
		}
		if skip&replay.FieldMeta == 0 {
			a.metadata()
		}
		return nil
	}
	return form
}

// An atomEntry is one entry of a page.
type atomEntry struct {
	*jsonEvent
	members []jsonMember
}

// text returns the text of a member, or nil.
func (a *atomEntry) text(key string) []byte {
	m := memberNamed(a.members, key)
	if m == nil {
		return nil
	}
	s, f := m.text()
	if f != nil {
		return nil
	}
	return s
}

func (a *atomEntry) coordinates() (f *jsonFault) {
	e := a.jsonEvent
	for i := range a.members {
		m := &a.members[i]
		switch string(m.key) {
		case "eventId":
			e.id, f = m.text()
		case "eventType":
			e.typ, f = m.text()
		case "streamId":
			e.stream, f = m.text()
		case "eventNumber":
			e.version, e.hasVersion, f = m.looseInteger()
		case "positionEventNumber":
			e.position, e.hasPosition, f = m.looseInteger()
		case "updated":
			f = e.looseTime(m)
		}
		if f != nil {
			return f
		}
	}
	switch {
	case len(e.stream) == 0:
		return missing("streamId")
	case len(e.typ) == 0:
		return missing("eventType")
	case !e.hasVersion:
		return missing("eventNumber")
	}
	e.category = []byte(categoryOfName(string(e.stream)))
	return nil
}

func (a *atomEntry) payload() {
	e := a.jsonEvent
	data := memberNamed(a.members, "data")
	if isJSON := memberNamed(a.members, "isJson"); isJSON != nil && string(isJSON.value) == "false" {
		e.opaque = "it is binary"
		return
	}
	switch {
	case data == nil:
		e.opaque = "the page does not hold it: ask for the page with ?embed=body"
	case data.value[0] != '"':
		e.data = data.value
	default:
		var why string
		if e.data, why = e.textOfJSON(data); why != "" {
			e.opaque = "not JSON: " + why
		}
	}
}

var (
	kurrentCorrelation = pointer{"$correlationId"}
	kurrentCausation   = pointer{"$causationId"}
)

func (a *atomEntry) metadata() {
	e := a.jsonEvent
	m := memberNamed(a.members, "metaData")
	if m == nil {
		return
	}
	raw := m.value
	if raw[0] == '"' {
		raw, _ = e.textOfJSON(m)
	}
	if len(raw) == 0 || raw[0] != '{' {
		return
	}
	e.raw = raw
	if s, ok := kurrentCorrelation.find(raw); ok {
		e.correlation = []byte(s)
	}
	if s, ok := kurrentCausation.find(raw); ok {
		e.causation = []byte(s)
	}
}
