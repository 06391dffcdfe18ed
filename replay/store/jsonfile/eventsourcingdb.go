package jsonfile

import (
	"bytes"
	"strconv"

	"asof/replay"
	"asof/replay/store/cell"
)

// eventSourcingDB is the output of EventSourcingDB's read-events: one object per line,
// {"type":"event","payload":{…}}, whose payload is a CloudEvent. The stream is the
// subject, and the position is the id. Subjects have no versions, so the versions are
// the order within the subject, from 1. The category of /books/42 is "books".
// Heartbeats are left out. An error reported by the server ends the reading, because
// the events after it are missing.
var eventSourcingDB = form{
	dialect: "eventsourcingdb",
	how:     "the first line is of a type, with a payload; the stream is the subject, the position the id",
	needs:   "type and payload",
	fits: func(m []cell.Member) bool {
		typ, payload := cell.MemberNamed(m, "type"), cell.MemberNamed(m, "payload")
		if typ == nil || payload == nil || len(m) != 2 || payload.Value[0] != '{' {
			return false
		}
		switch string(typ.Value) {
		case `"event"`, `"heartbeat"`, `"error"`:
			return true
		}
		return false
	},
	read:     readEventSourcingDB,
	describe: func(*index) []string { return []string{"versions are the order within the subject"} },
}

func readEventSourcingDB(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	typ, payload := cell.MemberNamed(members, "type"), cell.MemberNamed(members, "payload")
	if typ == nil {
		return missing("type")
	}
	switch string(typ.Value) {
	case `"heartbeat"`:
		e.leftOut = heartbeats
		return nil
	case `"error"`:
		f := &cell.TextError{At: typ.At, Msg: "the server reported an error here, and the events after it are missing"}
		if payload != nil {
			f.Msg += ": " + cell.Cut(payload.Value)
		}
		return f
	case `"event"`:
	default:
		return typ.Fault("event, heartbeat or error")
	}
	if payload == nil {
		return missing("payload")
	}
	inner, f := payload.Within()
	if f != nil {
		return f
	}
	if f := readCloudEvent(inner, e, skip); f != nil {
		return f
	}
	n, err := strconv.ParseInt(string(e.id), 10, 64)
	if err != nil {
		return missing("id that is a number")
	}
	e.position, e.hasPosition = n, true
	e.hasVersion = false
	e.scope = nil // subjects are unique in the database
	if path := bytes.TrimPrefix(e.stream, []byte("/")); len(e.category) == 0 || len(path) < len(e.stream) {
		e.category = nil
		if category, _, found := bytes.Cut(path, []byte("/")); found {
			e.category = category
		}
	}
	return nil
}
