package jsonfile

import (
	"bytes"
	"io"
	"slices"

	"asof/replay/store/cell"
)

// Some files wrap their events in an object, {"events":[…]}, {"entries":[…]} or
// {"history":{"events":[…]}}, or contain several such pages in a row. The splitter enters
// the array and skips its siblings. Rows of one's own may be under any key.

// maxAround limits, in bytes, the search for the first event and the text after the
// last one.
const maxAround = 16 << 20

// enterArray moves to the first element of the array of events in the next object.
// It reports false if the object contains no such array.
func (s *Splitter) enterArray() (bool, error) {
	for {
		n, depth, more := s.eventsWithin(s.Rest(), 1)
		if n > 0 {
			around, err := s.Take(n, false)
			if err != nil {
				return false, err
			}
			s.around = transactionAround(around.Text)
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

// eventsWithin returns the offset of the first element of an array of events, or 0
// if there is none, the number of objects around it, and whether more text could
// change the result. around counts the objects enclosing b, including b itself.
func (s *Splitter) eventsWithin(b []byte, around int) (at, depth int, more bool) {
	var outer []string
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
		case "stream", "specversion", "type", "payload": // an event, or a form with its own wrapper
			return 0, 0, false
		case "events", "entries", "change":
			at, more = s.firstElement(b, from, key, outer)
			return at, around, more
		case "history":
			if b[from] == '{' && around == 1 {
				if at, depth, more = s.eventsWithin(b[from:], 2); at > 0 {
					at += from
				}
				return at, depth, more
			}
		}
		if at, more = s.firstElement(b, from, key, outer); at > 0 || more {
			return at, around, more
		}
		outer = append(outer, key)
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

// firstElement checks whether the value at from is an array of events.
func (s *Splitter) firstElement(b []byte, from int, key string, outer []string) (at int, more bool) {
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
	holds := ok && key == "change" && cell.HasMember(members, "kind") ||
		ok && key != "change" && cell.HasMember(members, "eventId") && cell.HasMember(members, "eventType") ||
		ok && key == "entries" && isAtomEntry(members)
	if !holds {
		if !ok || s.rows == nil || !s.rows(key, outer, members) {
			return 0, false
		}
		// What comes after the array counts as well, as far as it is near.
		rest, closed := keysAfter(b, from)
		switch {
		case !closed && len(b) < aheadBytes && !s.EOF:
			return 0, true
		case closed && !s.rows(key, append(slices.Clip(outer), rest...), members):
			return 0, false
		}
	}
	s.key = key
	return from + 1, false
}

// keysAfter returns the keys of an object after the value at from, and whether the
// object ends in b.
func keysAfter(b []byte, from int) (keys []string, closed bool) {
	i, ok := cell.SkipJSON(b, from)
	for ok {
		if i = cell.SkipSpaces(b, i); i >= len(b) || b[i] != ',' {
			return keys, i < len(b)
		}
		if i = cell.SkipSpaces(b, i+1); i >= len(b) || b[i] != '"' {
			break
		}
		var end int
		if end, ok = cell.SkipString(b, i); !ok {
			break
		}
		keys = append(keys, string(b[i+1:end-1]))
		if i = cell.SkipSpaces(b, end); i >= len(b) || b[i] != ':' {
			break
		}
		if i = cell.SkipSpaces(b, i+1); i >= len(b) {
			break
		}
		i, ok = cell.SkipJSON(b, i)
	}
	return keys, false
}

// leaveObject skips to the end of the object around the events and enters the next page.
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
		return &placedError{line: s.Line, column: 1, msg: "the text after the events is not JSON: " + f.Msg}
	}
	return s.nextPage()
}

// nextPage enters the next object that has events. It skips empty pages, such as the
// last page of a server's feed.
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
		if !s.isEmptyPage(s.Rest()[:n]) {
			return s.Fault("another page of events")
		}
		if _, err := s.Take(n, false); err != nil {
			return err
		}
	}
}

// toNextPage moves to where another page may begin and returns the byte there. Pages
// are concatenated or are the elements of a list.
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

func (s *Splitter) isEmptyPage(text []byte) bool {
	var scan cell.Scanner
	members, f := scan.Object(text)
	for i := range members {
		m := &members[i]
		if key := string(m.Key); f == nil && key == s.key {
			return m.Value[0] == '[' && cell.SkipSpaces(m.Value, 1) == len(m.Value)-1
		}
	}
	return false
}

// unknownMembers builds an object in scratch from the members that are not known; it
// returns nil if there are none.
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

// textOfJSON decodes a string whose value is JSON text, as stores without a JSON type
// write it.
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

// document checks JSON text embedded in the event.
func (e *event) document(text []byte) *cell.TextError {
	var s cell.Scanner
	f := s.Document(text)
	e.odd |= s.Odd
	return f
}
