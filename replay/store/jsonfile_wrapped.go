package store

import (
	"bytes"
	"io"
)

// Some files are one object around their events, {"events":[…]} or
// {"entries":[…]}, or several such pages one after the other. The splitter goes
// into the array, and past what is beside it.

// maxAround bounds what is looked at to find the first event, and what may follow
// the last, in bytes.
const maxAround = 16 << 20

// unwrap goes into the array of events that the object at hand holds, if it is
// such a one.
func (s *jsonSplitter) unwrap() (bool, error) {
	for {
		n, more := eventsWithin(s.rest())
		if n > 0 {
			if _, err := s.take(n, false); err != nil {
				return false, err
			}
			s.array, s.wrapped, s.after = true, true, afterBracket
			return true, nil
		}
		if !more || s.eof || len(s.rest()) > min(maxAround, s.limit) {
			return false, nil
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

// eventsWithin returns where the elements of an array of events begin, or 0 where
// there is none, and whether more of the text could tell.
func eventsWithin(b []byte) (at int, more bool) {
	i := skipSpaces(b, 1)
	for i < len(b) && b[i] == '"' {
		end, ok := skipString(b, i)
		if !ok {
			return 0, true
		}
		key := string(b[i+1 : end-1])
		if i = skipSpaces(b, end); i >= len(b) || b[i] != ':' {
			return 0, i >= len(b)
		}
		from := skipSpaces(b, i+1)
		if from >= len(b) {
			return 0, true
		}
		switch key {
		case "stream", "specversion", "type", "payload": // an event, or a form of its own
			return 0, false
		case "events", "entries":
			return firstElement(b, from)
		}
		if i, ok = skipJSON(b, from); !ok {
			return 0, true
		}
		if i = skipSpaces(b, i); i >= len(b) || b[i] != ',' {
			return 0, i >= len(b)
		}
		i = skipSpaces(b, i+1)
	}
	return 0, i >= len(b)
}

// firstElement looks whether the value at from is an array of events.
func firstElement(b []byte, from int) (at int, more bool) {
	if b[from] != '[' {
		return 0, false
	}
	first := skipSpaces(b, from+1)
	if first >= len(b) || b[first] != '{' {
		return 0, first >= len(b)
	}
	end, ok := skipJSON(b, first)
	if !ok {
		return 0, true
	}
	members, ok := walkObject(b[first:end], nil)
	if !ok || !hasMember(members, "eventId") || !hasMember(members, "eventType") {
		return 0, false
	}
	return from + 1, false
}

// leave goes past the end of the object around the events, and into the next one.
func (s *jsonSplitter) leave() error {
	tail := []byte(`{"":[]`)
	depth, quoted, escaped := 1, false, false
	for depth > 0 {
		if n, err := s.atLeast(1); err != nil {
			return err
		} else if n == 0 {
			return s.fault("'}' after the events")
		}
		c := s.buf[s.start]
		switch {
		case escaped:
			escaped = false
		case quoted:
			quoted, escaped = c != '"', c == '\\'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if tail = append(tail, c); len(tail) > maxAround {
			return s.fault("'}' after the events")
		}
		if _, err := s.take(1, false); err != nil {
			return err
		}
	}
	var scan jsonScanner
	if f := scan.document(tail); f != nil {
		return &placedError{line: s.line, column: 1, msg: "what follows the events is no JSON: " + f.msg}
	}
	if c, err := s.skipSpace(); err != nil {
		return err
	} else if len(s.rest()) == 0 {
		return io.EOF
	} else if c != '{' {
		return s.fault("the end of the file, or another page of events")
	}
	in, err := s.unwrap()
	if err == nil && !in {
		err = s.fault("another page of events")
	}
	return err
}

// within returns the members of an object that is the value of a member, with
// their places in the event.
func (m *jsonMember) within() ([]jsonMember, *jsonFault) {
	members, ok := walkObject(m.value, nil)
	if !ok {
		return nil, m.fault("an object")
	}
	for i := range members {
		members[i].at += m.at
	}
	return members, nil
}

// memberNamed finds a member by its key; null is none.
func memberNamed(members []jsonMember, key string) *jsonMember {
	for i := len(members) - 1; i >= 0; i-- {
		if string(members[i].key) == key && !members[i].isNull() {
			return &members[i]
		}
	}
	return nil
}

// othersOf gathers the members that are not known, as an object in
// scratch; nil where there are none.
func othersOf(scratch []byte, members []jsonMember, known func(key string) bool) []byte {
	b := scratch[:0]
	for i := range members {
		m := &members[i]
		if m.isNull() || known(string(m.key)) {
			continue
		}
		if len(b) == 0 {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = append(appendJSONString(b, string(m.key)), ':')
		b = append(b, m.value...)
	}
	if len(b) == 0 {
		return nil
	}
	return append(b, '}')
}

// textOfJSON takes JSON that is the value of a string, as databases without a type
// for it keep it.
func (e *jsonEvent) textOfJSON(m *jsonMember) (doc []byte, why string) {
	text, f := m.text()
	if f != nil {
		return nil, f.msg
	}
	text = bytes.TrimSpace(text)
	if f := e.document(text); f != nil {
		return nil, f.msg
	}
	return text, ""
}

// document checks JSON that the event holds in another form than its own.
func (e *jsonEvent) document(text []byte) *jsonFault {
	var s jsonScanner
	f := s.document(text)
	e.odd |= s.odd
	return f
}
