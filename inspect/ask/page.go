package ask

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"asof/replay"
	"asof/replay/fault"
)

// A Page is the part of a list that a question asks for. A list that is cut at the limit
// comes with a cursor, and the same question with that cursor goes on behind the last
// line. A cursor names that line by what does not change when a store grows, such as a
// version, and never by its place in the list.
type Page struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"at most this many; default all"`
	Cursor string `json:"cursor,omitempty" jsonschema:"go on where the list that gave this cursor was cut; the rest of the question must be the same"`
}

// A CursorError is a cursor that does not belong to the question.
type CursorError struct{ Reason string }

func (e *CursorError) Error() string { return "bad cursor: " + e.Reason }

// Class returns [fault.Usage].
func (e *CursorError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadCursor].
func (e *CursorError) Fault() fault.Kind { return fault.KindBadCursor }

// Remedy returns what to do next.
func (e *CursorError) Remedy() fault.Remedy {
	return fault.Try("ask the question of the list that gave the cursor").Without("cursor")
}

// cursorMark begins every cursor: the form of the rest may change with it.
const cursorMark = "c1"

// markedBytes is the length of the digest of the question in a cursor.
const markedBytes = 6

// digest identifies a question, whatever its page.
func digest(question any) []byte {
	text, err := json.Marshal(question)
	if err != nil {
		panic(fmt.Sprintf("ask: %T: %v", question, err)) // a request is plain data
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%T %s", question, text))
	return sum[:markedBytes]
}

// cursorAt is the cursor behind the line that keys identify. The page of the question is
// empty.
func cursorAt(question any, keys ...string) string {
	text, err := json.Marshal(keys)
	if err != nil {
		panic(fmt.Sprintf("ask: %v", err))
	}
	return cursorMark + base64.RawURLEncoding.EncodeToString(append(digest(question), text...))
}

// begin returns the keys of the line behind which a page begins, or nil if it is the
// first. The page of the question is empty.
func (p Page) begin(question any, want int) ([]string, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	text, ok := strings.CutPrefix(p.Cursor, cursorMark)
	data, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || len(data) < markedBytes {
		return nil, &CursorError{"it is not a cursor of a list"}
	}
	if string(data[:markedBytes]) != string(digest(question)) {
		return nil, &CursorError{"it is of another question"}
	}
	var keys []string
	if err := json.Unmarshal(data[markedBytes:], &keys); err != nil || len(keys) != want {
		return nil, &CursorError{"it is not a cursor of a list"}
	}
	return keys, nil
}

func keyOf[N ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func versionKey(key string) (replay.Version, error) {
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, &CursorError{"it is not a cursor of a list"}
	}
	return replay.Version(n), nil
}

// behind is the part of a span behind a version, in the direction of reading. It returns
// false if nothing is left.
func behind(s replay.Span[replay.Version], v replay.Version, reverse bool) (replay.Span[replay.Version], bool) {
	lo, hasLo := s.Lo()
	hi, hasHi := s.Hi()
	if reverse {
		if !hasHi || v-1 < hi {
			hi, hasHi = v-1, true
		}
	} else if !hasLo || v+1 > lo {
		lo, hasLo = v+1, true
	}
	switch {
	case !hasHi:
		return replay.From(lo), true
	case !hasLo:
		return replay.UpTo(hi), true
	}
	return replay.Between(lo, hi), lo <= hi
}

// A pager passes on a page of a list. It holds the last line back until it is known
// whether another one follows.
type pager[A any] struct {
	limit  int       // 0: no limit
	peeks  bool      // another line is cheap to find: without it, the list is not cut
	keep   func(A) A // makes a line outlive the next; nil: it does
	cut    func(A) A // marks the line behind which the list is cut
	yield  func(A) error
	listed int
	held   *A
}

// pass passes on a line. It returns errEnough behind the last line of the page.
func (p *pager[A]) pass(line A) error {
	if p.held != nil {
		last := p.cut(*p.held)
		p.held = nil
		if err := p.yield(last); err != nil {
			return err
		}
		return errPageEnds
	}
	if p.listed++; p.limit == 0 || p.listed < p.limit {
		return p.yield(line)
	}
	if !p.peeks {
		if err := p.yield(p.cut(line)); err != nil {
			return err
		}
		return errPageEnds
	}
	if p.keep != nil {
		line = p.keep(line)
	}
	p.held = &line
	return nil
}

// end passes on a line that is still held: nothing follows it.
func (p *pager[A]) end() error {
	if p.held == nil {
		return nil
	}
	last := *p.held
	p.held = nil
	return p.yield(last)
}

// errPageEnds ends a list behind the last line of a page.
var errPageEnds = fmt.Errorf("the page ends: %w", errEnough)
