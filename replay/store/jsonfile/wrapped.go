package jsonfile

import (
	"bytes"
	"io"

	"asof/replay/store/cell"
)

// Some files are one object around their events, {"events":[…]}, {"entries":[…]} or
// {"history":{"events":[…]}}, or several such pages one after the other. The splitter goes
// into the array, and past what is beside it.

// maxAround bounds what is looked at to find the first event, and what may follow
// the last, in bytes.
const maxAround = 16 << 20

// unwrap goes into the array of events that the object at hand holds, if it is
// such a one.
func (s *Splitter) enterArray() (bool, error) {
	for {
		n, depth, more := eventsWithin(s.Rest(), 1)
		if n > 0 {
			if _, err := s.Take(n, false); err != nil {
				return false, err
			}
			s.array, s.wrapped, s.after = true, true, afterBracket
			s.page++
			s.depth = depth
			return true, nil
		}
		if !more || s.EOF || len(s.Rest()) > min(maxAround, s.Limit) {
			return false, nil
		}
		if err := s.Fill(); err != nil {
			return false, err
		}
	}
}

// eventsWithin returns where the elements of an array of events begin, or 0 where
// there is none, how many objects are around it, and whether more of the text could
// tell. The text begins within so many, itself counted.
func eventsWithin(b []byte, around int) (at, depth int, more bool) {
	i := cell.SkipSpaces(b, 1)
	for i < len(b) && b[i] == '"' {
		end, ok := cell.SkipString(b, i)
		if !ok {
			return 0, 0, true
		}
		key := string(b[i+1 : end-1])
		if i = cell.SkipSpaces(b, end); i >= len(b) || b[i] != ':' {
			return 0, 0, i >= len(b)
		}
		from := cell.SkipSpaces(b, i+1)
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
		if i, ok = cell.SkipJSON(b, from); !ok {
			return 0, 0, true
		}
		if i = cell.SkipSpaces(b, i); i >= len(b) || b[i] != ',' {
			return 0, 0, i >= len(b)
		}
		i = cell.SkipSpaces(b, i+1)
	}
	return 0, 0, i >= len(b)
}

// firstElement looks whether the value at from is an array of events.
func firstElement(b []byte, from int, key string) (at int, more bool) {
	if b[from] != '[' {
		return 0, false
	}
	first := cell.SkipSpaces(b, from+1)
	if first >= len(b) || b[first] != '{' {
		return 0, first >= len(b)
	}
	end, ok := cell.SkipJSON(b, first)
	if !ok {
		return 0, true
	}
	members, ok := cell.WalkObject(b[first:end], nil)
	holds := ok && cell.HasMember(members, "eventId") && cell.HasMember(members, "eventType") ||
		ok && key == "entries" && isAtomEntry(members)
	if !holds {
		return 0, false
	}
	return from + 1, false
}

// leave goes past the end of the object around the events, and into the next one.
func (s *Splitter) leaveObject() error {
	tail := append(bytes.Repeat([]byte(`{"":`), s.depth), "[]"...)
	depth, quoted, escaped := s.depth, false, false
	for depth > 0 {
		if n, err := s.AtLeast(1); err != nil {
			return err
		} else if n == 0 {
			return s.Fault("'}' after the events")
		}
		c := s.buf[s.Start]
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
			return s.Fault("'}' after the events")
		}
		if _, err := s.Take(1, false); err != nil {
			return err
		}
	}
	var scan cell.Scanner
	if f := scan.Document(tail); f != nil {
		return &placedError{line: s.Line, column: 1, msg: "what follows the events is no JSON: " + f.Msg}
	}
	return s.nextPage()
}

// nextPage goes into the object that follows, past those that hold no events: the
// last page that a server gives is such a one.
func (s *Splitter) nextPage() error {
	for {
		c, err := s.toNextPage()
		switch {
		case err != nil:
			return err
		case len(s.Rest()) == 0:
			return io.EOF
		case c != '{':
			return s.Fault("the end of the file, or another page of events")
		}
		in, err := s.enterArray()
		if err != nil || in {
			return err
		}
		n, _, err := s.ObjectLength()
		if err != nil {
			return err
		}
		if !isEmptyPage(s.Rest()[:n]) {
			return s.Fault("another page of events")
		}
		if _, err := s.Take(n, false); err != nil {
			return err
		}
	}
}

// toNextPage goes to where another page may begin, and returns the byte there. Pages
// follow each other as they are, or are the elements of a list.
func (s *Splitter) toNextPage() (byte, error) {
	c, err := s.skipBetween()
	if !s.listed || err != nil {
		return c, err
	}
	switch c {
	case ',':
		s.Start++
		if c, err = s.SkipSpace(); err == nil && c != '{' {
			err = s.Fault("another page of events")
		}
		return c, err
	case ']':
		s.Start++
		s.listed = false
		return s.SkipSpace()
	}
	return 0, s.Fault("',' or ']' after a page of events")
}

func isEmptyPage(text []byte) bool {
	var scan cell.Scanner
	members, f := scan.Object(text)
	for i := range members {
		m := &members[i]
		if key := string(m.Key); f == nil && (key == "entries" || key == "events") {
			return m.Value[0] == '[' && cell.SkipSpaces(m.Value, 1) == len(m.Value)-1
		}
	}
	return false
}

// othersOf gathers the members that are not known, as an object in
// scratch; nil where there are none.
func unknownMembers(scratch []byte, members []cell.Member, known func(key string) bool) []byte {
	b := scratch[:0]
	for i := range members {
		m := &members[i]
		if m.IsNull() || known(string(m.Key)) {
			continue
		}
		if len(b) == 0 {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = append(cell.AppendJSON(b, string(m.Key)), ':')
		b = append(b, m.Value...)
	}
	if len(b) == 0 {
		return nil
	}
	return append(b, '}')
}

// textOfJSON takes JSON that is the value of a string, as databases without a type
// for it keep it.
func (e *event) textOfJSON(m *cell.Member) (doc []byte, why string) {
	text, f := m.Text()
	if f != nil {
		return nil, f.Msg
	}
	text = bytes.TrimSpace(text)
	if f := e.document(text); f != nil {
		return nil, f.Msg
	}
	return text, ""
}

// document checks JSON that the event holds in another form than its own.
func (e *event) document(text []byte) *cell.TextError {
	var s cell.Scanner
	f := s.Document(text)
	e.odd |= s.Odd
	return f
}
