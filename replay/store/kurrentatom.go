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
// nothing orders those. The database's own events ($metadata, $streamDeleted) and
// links that were not followed ($>) are events as it gives them. A link whose event
// is gone has nothing to show: it is left out and counted.
func kurrentAtom() jsonForm {
	var read []byte // the stream that was asked for
	form := jsonForm{
		dialect: "kurrentdb-atom",
		how:     "the file is a page with entries that have eventId, eventType and eventNumber",
		needs:   "eventId, eventType and eventNumber",
		fits: func(m []jsonMember) bool {
			return hasMember(m, "eventId") && hasMember(m, "eventType") && hasMember(m, "eventNumber") || isAtomEntry(m)
		},
	}
	form.read = func(members []jsonMember, e *jsonEvent, skip replay.Fields) *jsonFault {
		a := atomEntry{jsonEvent: e, members: members}
		if memberNamed(members, "eventType") == nil {
			return a.withoutEvent()
		}
		if f := a.coordinates(); f != nil {
			return f
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

// isAtomEntry reports whether an object is an entry of a page, though it may hold no
// event.
func isAtomEntry(m []jsonMember) bool {
	return hasMember(m, "title") && hasMember(m, "summary") && hasMember(m, "updated")
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

// withoutEvent is for an entry without an event: a link whose event is gone, or one
// of a page that was asked for without the events.
func (a *atomEntry) withoutEvent() *jsonFault {
	switch {
	case string(a.text("summary")) == linkType, hasMember(a.members, "linkMetaData"):
		a.leftOut = "links whose events are gone"
		return nil
	case isAtomEntry(a.members):
		return &jsonFault{msg: "the entry does not hold its event: ask for the page with ?embed=body"}
	}
	return missing("eventType")
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

const (
	linkType      = "$>"
	tombstoneType = "$streamDeleted"
)

// payload takes the payload in. The server says by isJson whether it is JSON, and of
// another it gives the text at most.
func (a *atomEntry) payload() {
	e := a.jsonEvent
	data := memberNamed(a.members, "data")
	if data != nil && data.value[0] != '"' {
		e.data = data.value
		return
	}
	var text []byte
	var f *jsonFault
	if data != nil {
		text, f = data.text()
	}
	isJSON := memberNamed(a.members, "isJson")
	asJSON := isJSON == nil || string(isJSON.value) != "false"
	switch typ := string(e.typ); {
	case f != nil:
		e.opaque = "not text: " + f.msg
	case typ == tombstoneType && len(text) == 0:
	case typ == linkType && !asJSON && data != nil: // VERSION@STREAM
		e.data = data.value
	case data == nil && !asJSON:
		e.opaque = "the server says that it is not JSON, and the page does not hold it"
	case data == nil:
		e.opaque = "the page does not hold it: ask for the page with ?embed=body"
	case !asJSON:
		e.opaque, e.text = "the server says that it is not JSON", text
	case len(text) == 0:
		e.opaque = replay.NoPayload
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
