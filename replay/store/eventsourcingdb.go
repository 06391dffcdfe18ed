package store

import (
	"bytes"
	"strconv"

	"asof/replay"
)

// eventSourcingDB is what EventSourcingDB answers when it is asked for events: one
// object a line, {"type":"event","payload":{…}}, whose payload is a CloudEvent.
// The stream is the subject, the position the id; a subject has no versions of its
// own, so they are the order within it, from 1. The category of /books/42 is
// "books". Heartbeats are left out; an error that the server reports in the midst
// of the events ends the reading, since the rest is missing.
var eventSourcingDB = jsonForm{
	dialect: "eventsourcingdb",
	how:     "the first line is of a type, with a payload; the stream is the subject, the position the id",
	needs:   "type and payload",
	fits: func(m []jsonMember) bool {
		typ, payload := memberNamed(m, "type"), memberNamed(m, "payload")
		if typ == nil || payload == nil || len(m) != 2 || payload.value[0] != '{' {
			return false
		}
		switch string(typ.value) {
		case `"event"`, `"heartbeat"`, `"error"`:
			return true
		}
		return false
	},
	read: readEventSourcingDB,
	tell: func(*jsonIndex) []string { return []string{"versions are the order within the subject"} },
}

func readEventSourcingDB(members []jsonMember, e *jsonEvent, skip replay.Fields) *jsonFault {
	typ, payload := memberNamed(members, "type"), memberNamed(members, "payload")
	if typ == nil {
		return missing("type")
	}
	switch string(typ.value) {
	case `"heartbeat"`:
		e.leftOut = "heartbeats"
		return nil
	case `"error"`:
		f := &jsonFault{at: typ.at, msg: "the server reported an error here, and the events after it are missing"}
		if payload != nil {
			f.msg += ": " + cut(payload.value)
		}
		return f
	case `"event"`:
	default:
		return typ.fault("event, heartbeat or error")
	}
	if payload == nil {
		return missing("payload")
	}
	inner, f := payload.within()
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
	e.scope = nil // a subject is of the whole database
	if path := bytes.TrimPrefix(e.stream, []byte("/")); len(e.category) == 0 || len(path) < len(e.stream) {
		e.category = nil
		if category, _, found := bytes.Cut(path, []byte("/")); found {
			e.category = category
		}
	}
	return nil
}
