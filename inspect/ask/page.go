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

// A Page selects part of a list. A list cut at the limit comes with a cursor, and the
// same question with that cursor continues after the last line. A cursor identifies
// that line by something stable, such as a version, never by its index in the list.
type Page struct {
	Limit  int    `json:"limit,omitempty" jsonschema:"at most this many; default all"`
	Cursor string `json:"cursor,omitempty" jsonschema:"continue the list that printed this cursor; the rest of the question must be the same"`
}

// A CursorError means a cursor does not belong to the question.
type CursorError struct{ Reason string }

func (e *CursorError) Error() string { return "bad cursor: " + e.Reason }

// Class returns [fault.Usage].
func (e *CursorError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadCursor].
func (e *CursorError) Fault() fault.Kind { return fault.KindBadCursor }

// Remedy returns what to do next.
func (e *CursorError) Remedy() fault.Remedy {
	return fault.Try("repeat the question that printed the cursor").Without("cursor")
}

// cursorMark is the prefix of every cursor. It changes with the format.
const cursorMark = "c2"

// markedBytes is the length of the question's digest in a cursor.
const markedBytes = 6

// digest identifies a question, except its page.
func digest(question any) []byte {
	text, err := json.Marshal(question)
	if err != nil {
		panic(fmt.Sprintf("ask: %T: %v", question, err)) // a request is plain data
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%T %s", question, text))
	return sum[:markedBytes]
}

// cursorAt returns the cursor after the line with these keys. The page of the question
// must be empty.
func cursorAt(question any, keys ...string) string {
	exact := make([][]byte, len(keys)) // an id may be bytes that are not UTF-8
	for i, key := range keys {
		exact[i] = []byte(key)
	}
	text, err := json.Marshal(exact)
	if err != nil {
		panic(fmt.Sprintf("ask: %v", err))
	}
	return cursorMark + base64.RawURLEncoding.EncodeToString(append(digest(question), text...))
}

// begin returns the keys of the line before the page, or nil for the first page. The
// page of the question must be empty.
func (p Page) begin(question any, want int) ([]string, error) {
	if p.Cursor == "" {
		return nil, nil
	}
	text, ok := strings.CutPrefix(p.Cursor, cursorMark)
	data, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || len(data) < markedBytes {
		return nil, &CursorError{"not a cursor"}
	}
	if string(data[:markedBytes]) != string(digest(question)) {
		return nil, &CursorError{"it belongs to another question"}
	}
	var exact [][]byte
	if err := json.Unmarshal(data[markedBytes:], &exact); err != nil || len(exact) != want {
		return nil, &CursorError{"not a cursor"}
	}
	keys := make([]string, want)
	for i, key := range exact {
		keys[i] = string(key)
	}
	return keys, nil
}

func keyOf[N ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func versionKey(key string) (replay.Version, error) {
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return 0, &CursorError{"not a cursor"}
	}
	return replay.Version(n), nil
}

// spanAfter returns the part of a span after a version, in the direction of reading. It
// returns false if nothing is left.
func spanAfter(s replay.Span[replay.Version], v replay.Version, reverse bool) (replay.Span[replay.Version], bool) {
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

// A pager passes on a page of a list. It holds back the last line until it knows
// whether another one follows.
type pager[A any] struct {
	limit  int       // 0: no limit
	peeks  bool      // another line costs little: without one, the list is not cut
	keep   func(A) A // copies a line that must outlive the next; nil: not needed
	cut    func(A) A // sets the cursor on the last line of the page
	yield  func(A) error
	listed int
	held   *A
}

// pass passes on a line. It returns errEnough after the last line of the page.
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

// end passes on the line held back: nothing follows it.
func (p *pager[A]) end() error {
	if p.held == nil {
		return nil
	}
	last := *p.held
	p.held = nil
	return p.yield(last)
}

// errPageEnds ends a list after the last line of a page.
var errPageEnds = fmt.Errorf("the page ends: %w", errEnough)
