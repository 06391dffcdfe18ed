package jsonfile

import (
	"bytes"

	"asof/replay"
	"asof/replay/store/cell"
)

// kurrentAtom is an Atom feed of KurrentDB (EventStoreDB) in JSON, requested with
// ?embed=body. A page is an object with entries, newest first, and a file may contain
// several pages in a row. The payload is JSON within a string.
//
// Positions are the event numbers in the stream that was read. For a category ($ce-…)
// they order the events of several streams; pages of different streams have no common
// order. System events ($metadata, $streamDeleted) and unresolved links ($>) are shown
// as the database returns them. A link whose event is deleted is left out and counted.
func kurrentAtom() form {
	var read []byte // the stream that was read
	all := false    // the first pass is over
	atom := form{
		dialect: "kurrentdb-atom",
		how:     "the file is a page with entries that have eventId, eventType and eventNumber",
		needs:   "eventId, eventType and eventNumber",
		fits: func(m []cell.Member) bool {
			return cell.HasMember(m, "eventId") && cell.HasMember(m, "eventType") && cell.HasMember(m, "eventNumber") || isAtomEntry(m)
		},
	}
	atom.read = func(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
		a := atomEntry{event: e, members: members}
		if cell.MemberNamed(members, "eventType") == nil {
			return a.withoutEvent()
		}
		if f := a.coordinates(); f != nil {
			return f
		}
		if of := a.text("positionStreamId"); of != nil {
			if read == nil && !all {
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
	atom.describe = func(*index) []string {
		all = true
		return nil
	}
	return atom
}

// isAtomEntry reports whether an object is an entry of a page, with or without its
// event.
func isAtomEntry(m []cell.Member) bool {
	return cell.HasMember(m, "title") && cell.HasMember(m, "summary") && cell.HasMember(m, "updated")
}

// An atomEntry is one entry of a page.
type atomEntry struct {
	*event
	members []cell.Member
}

// text returns the text of a member, or nil.
func (a *atomEntry) text(key string) []byte {
	m := cell.MemberNamed(a.members, key)
	if m == nil {
		return nil
	}
	s, f := m.Text()
	if f != nil {
		return nil
	}
	return s
}

// withoutEvent handles an entry without an event: a link to a deleted event, or an
// entry of a page that was requested without bodies.
func (a *atomEntry) withoutEvent() *cell.TextError {
	switch {
	case string(a.text("summary")) == linkType, cell.HasMember(a.members, "linkMetaData"):
		a.leftOut = goneLinks
		return nil
	case isAtomEntry(a.members):
		return &cell.TextError{Msg: "the entry does not contain its event: ask for the page with ?embed=body"}
	}
	return missing("eventType")
}

func (a *atomEntry) coordinates() (f *cell.TextError) {
	e := a.event
	for i := range a.members {
		m := &a.members[i]
		switch string(m.Key) {
		case "eventId":
			e.id, f = m.Text()
		case "eventType":
			e.typ, f = m.Text()
		case "streamId":
			e.stream, f = m.Text()
		case "eventNumber":
			e.version, e.hasVersion, f = m.LooseInteger()
		case "positionEventNumber":
			e.position, e.hasPosition, f = m.LooseInteger()
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
	e.category = []byte(cell.CategoryOfName(string(e.stream)))
	return nil
}

const (
	linkType      = "$>"
	tombstoneType = "$streamDeleted"
)

// payload sets the payload. The server marks JSON with isJson; for other payloads it
// returns at most their text.
func (a *atomEntry) payload() {
	e := a.event
	data := cell.MemberNamed(a.members, "data")
	if data != nil && data.Value[0] != '"' {
		e.data = data.Value
		return
	}
	var text []byte
	var f *cell.TextError
	if data != nil {
		text, f = data.Text()
	}
	isJSON := cell.MemberNamed(a.members, "isJson")
	asJSON := isJSON == nil || string(isJSON.Value) != "false"
	switch typ := string(e.typ); {
	case f != nil:
		e.opaque = "not text: " + f.Msg
	case typ == tombstoneType && len(text) == 0:
	case typ == linkType && !asJSON && data != nil: // VERSION@STREAM
		e.data = data.Value
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
	kurrentCorrelation = cell.Pointer{"$correlationId"}
	kurrentCausation   = cell.Pointer{"$causationId"}
)

func (a *atomEntry) metadata() {
	e := a.event
	m := cell.MemberNamed(a.members, "metaData")
	if m == nil {
		return
	}
	raw := m.Value
	if raw[0] == '"' {
		raw, _ = e.textOfJSON(m)
	}
	if len(raw) == 0 || raw[0] != '{' {
		return
	}
	e.raw = raw
	if s, ok := kurrentCorrelation.Find(raw); ok {
		e.correlation = []byte(s)
	}
	if s, ok := kurrentCausation.Find(raw); ok {
		e.causation = []byte(s)
	}
}
