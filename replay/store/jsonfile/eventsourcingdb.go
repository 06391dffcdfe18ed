package jsonfile

import (
	"bytes"
	"strconv"

	"asof/replay"
	"asof/replay/store/cell"
)

// eventSourcingDB is what EventSourcingDB answers when it is asked for events: one
// object a line, {"type":"event","payload":{…}}, whose payload is a CloudEvent.
// The stream is the subject, the position the id; a subject has no versions of its
// own, so they are the order within it, from 1. The category of /books/42 is
// "books". Heartbeats are left out; an error that the server reports in the midst
// of the events ends the reading, since the rest is missing.
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
		e.leftOut = "heartbeats"
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
	e.scope = nil // a subject is of the whole database
	if path := bytes.TrimPrefix(e.stream, []byte("/")); len(e.category) == 0 || len(path) < len(e.stream) {
		e.category = nil
		if category, _, found := bytes.Cut(path, []byte("/")); found {
			e.category = category
		}
	}
	return nil
}
