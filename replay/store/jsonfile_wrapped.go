package store

import (
	"bytes"
	"io"
)

// Some files are one object around their events, {"events":[…]}, {"entries":[…]} or
// {"history":{"events":[…]}}, or several such pages one after the other. The splitter goes
// into the array, and past what is beside it.

// maxAround bounds what is looked at to find the first event, and what may follow
// the last, in bytes.
const maxAround = 16 << 20

// unwrap goes into the array of events that the object at hand holds, if it is
// such a one.
func (s *jsonSplitter) unwrap() (bool, error) {
	for {
		n, depth, more := eventsWithin(s.rest(), 1)
		if n > 0 {
			if _, err := s.take(n, false); err != nil {
				return false, err
			}
			s.array, s.wrapped, s.after = true, true, afterBracket
			s.page++
			s.depth = depth
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
// there is none, how many objects are around it, and whether more of the text could
// tell. The text begins within so many, itself counted.
func eventsWithin(b []byte, around int) (at, depth int, more bool) {
	i := skipSpaces(b, 1)
	for i < len(b) && b[i] == '"' {
		end, ok := skipString(b, i)
		if !ok {
			return 0, 0, true
		}
		key := string(b[i+1 : end-1])
		if i = skipSpaces(b, end); i >= len(b) || b[i] != ':' {
			return 0, 0, i >= len(b)
		}
		from := skipSpaces(b, i+1)
		if from >= len(b) {
			return 0, 0, true
		}
		switch key {
		case "stream", "specversion", "type", "payload": // an event, or a form of its own
			return 0, 0, false
		case "events", "entries":
			at, more = firstElement(b, from, key)
			return at, around, more
		case "history":
			if b[from] == '{' && around == 1 {
				if at, depth, more = eventsWithin(b[from:], 2); at > 0 {
					at += from
				}
				return at, depth, more
			}
		}
		if i, ok = skipJSON(b, from); !ok {
			return 0, 0, true
		}
		if i = skipSpaces(b, i); i >= len(b) || b[i] != ',' {
			return 0, 0, i >= len(b)
		}
		i = skipSpaces(b, i+1)
	}
	return 0, 0, i >= len(b)
}

// firstElement looks whether the value at from is an array of events.
func firstElement(b []byte, from int, key string) (at int, more bool) {
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
	holds := ok && hasMember(members, "eventId") && hasMember(members, "eventType") ||
		ok && key == "entries" && isAtomEntry(members)
	if !holds {
		return 0, false
	}
	return from + 1, false
}

// leave goes past the end of the object around the events, and into the next one.
func (s *jsonSplitter) leave() error {
	tail := append(bytes.Repeat([]byte(`{"":`), s.depth), "[]"...)
	depth, quoted, escaped := s.depth, false, false
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
	return s.nextPage()
}

// nextPage goes into the object that follows, past those that hold no events: the
// last page that a server gives is such a one.
func (s *jsonSplitter) nextPage() error {
	for {
		c, err := s.toNextPage()
		switch {
		case err != nil:
			return err
		case len(s.rest()) == 0:
			return io.EOF
		case c != '{':
			return s.fault("the end of the file, or another page of events")
		}
		in, err := s.unwrap()
		if err != nil || in {
			return err
		}
		n, _, err := s.objectLength()
		if err != nil {
			return err
		}
		if !isEmptyPage(s.rest()[:n]) {
			return s.fault("another page of events")
		}
		if _, err := s.take(n, false); err != nil {
			return err
		}
	}
}

// toNextPage goes to where another page may begin, and returns the byte there. Pages
// follow each other as they are, or are the elements of a list.
func (s *jsonSplitter) toNextPage() (byte, error) {
	c, err := s.skipBetween()
	if !s.listed || err != nil {
		return c, err
	}
	switch c {
	case ',':
		s.start++
		if c, err = s.skipSpace(); err == nil && c != '{' {
			err = s.fault("another page of events")
		}
		return c, err
	case ']':
		s.start++
		s.listed = false
		return s.skipSpace()
	}
	return 0, s.fault("',' or ']' after a page of events")
}

func isEmptyPage(text []byte) bool {
	var scan jsonScanner
	members, f := scan.object(text)
	for i := range members {
		m := &members[i]
		if key := string(m.key); f == nil && (key == "entries" || key == "events") {
			return m.value[0] == '[' && skipSpaces(m.value, 1) == len(m.value)-1
		}
	}
	return false
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
