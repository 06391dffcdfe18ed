package state

import (
	"fmt"
	"strconv"
	"strings"

	"asof/replay/fault"
)

// A PathError is a path that leads nowhere.
type PathError struct {
	Path    string   // as it was asked for
	In      string   // the part of Path that exists, when Missing is not empty
	Missing string   // the token after it
	Reason  string   // why that is not there
	Members []string // what is there instead: some of the keys of In
}

func (e *PathError) Error() string {
	return fmt.Sprintf("path %q: %s", e.Path, e.Reason)
}

// Class returns [fault.NotFound].
func (e *PathError) Class() fault.Class { return fault.NotFound }

// Remedy returns what to do next.
func (e *PathError) Remedy() fault.Remedy {
	if near := fault.Near(e.Missing, e.Members, 3); len(near) > 0 {
		for i, key := range near {
			near[i] = string(AppendToken([]byte(e.In), key))
		}
		return fault.Remedy{Near: near}
	}
	if len(e.Members) > 0 && len(e.Members) <= 12 {
		return fault.Try("there are " + strings.Join(e.Members, ", "))
	}
	return fault.Remedy{}
}

// maxMembers bounds the keys that a [PathError] lists.
const maxMembers = 1000

// ParsePointer returns the tokens of a JSON pointer (RFC 6901), unescaped: none
// for the empty pointer, which is the whole value. Text that is no pointer is a
// [PathError].
func ParsePointer(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, &PathError{Path: pointer, Reason: "it does not begin with /"}
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, t := range tokens {
		for j := 0; j < len(t); j++ {
			if t[j] == '~' && (j+1 == len(t) || t[j+1] != '0' && t[j+1] != '1') {
				return nil, &PathError{Path: pointer, Reason: "a ~ is followed by neither 0 nor 1"}
			}
		}
		tokens[i] = unescape(t)
	}
	return tokens, nil
}

func unescape(token string) string {
	if !strings.Contains(token, "~") {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// EscapeToken returns a key as a token of a JSON pointer.
func EscapeToken(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// AppendToken appends a key as one more step of a JSON pointer: a slash and the
// key, escaped.
func AppendToken(dst []byte, key string) []byte {
	return append(append(dst, '/'), EscapeToken(key)...)
}

// AppendIndex appends an array index as one more step of a JSON pointer.
func AppendIndex(dst []byte, i int) []byte {
	return strconv.AppendInt(append(dst, '/'), int64(i), 10)
}

// HasPrefix reports whether path is prefix or below it, token by token: /items
// has /items/0 below it, but not /items2.
func HasPrefix(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) &&
		(len(path) == len(prefix) || path[len(prefix)] == '/')
}

// Lookup returns the value at a JSON pointer. Where there is none, the error is
// a [PathError].
func Lookup(v Value, pointer string) (Value, error) {
	tokens, err := ParsePointer(pointer)
	if err != nil {
		return Value{}, err
	}
	for i, t := range tokens {
		next, reason := step(v, t)
		if next.IsAbsent() {
			return Value{}, missing(v, pointer, tokens, i, reason)
		}
		v = next
	}
	return v, nil
}

// step returns what one token leads to, or why it leads nowhere.
func step(v Value, token string) (next Value, reason string) {
	switch v.kind {
	case Object:
		if next = v.n.Get(token); next.IsAbsent() {
			reason = fmt.Sprintf("no member %q", token)
		}
	case Array:
		i, ok := arrayIndex(token)
		switch {
		case !ok:
			reason = fmt.Sprintf("%q is not an array index", token)
		case i >= len(v.n.elems):
			reason = fmt.Sprintf("no element %s, there are %d", token, len(v.n.elems))
		default:
			next = v.n.elems[i]
		}
	case Absent, Null, Bool, Number, String:
		reason = fmt.Sprintf("no %q in %s", token, withArticle(v.kind))
	}
	return next, reason
}

// arrayIndex reads a token as an array index: digits without a leading zero. One
// that is too large for any array is the largest int.
func arrayIndex(token string) (int, bool) {
	if token == "" || len(token) > 1 && token[0] == '0' {
		return 0, false
	}
	for i := range len(token) {
		if token[i]-'0' > 9 {
			return 0, false
		}
	}
	i, err := strconv.Atoi(token)
	if err != nil {
		return int(^uint(0) >> 1), true
	}
	return i, true
}

// missing says that tokens[at] is not in v.
func missing(v Value, pointer string, tokens []string, at int, reason string) *PathError {
	var in []byte
	for _, t := range tokens[:at] {
		in = AppendToken(in, t)
	}
	e := &PathError{Path: pointer, In: string(in), Missing: tokens[at], Reason: reason}
	if len(in) > 0 {
		e.Reason += " at " + string(in)
	}
	if v.kind == Object {
		v.n.Each(func(key string, _ Value) bool {
			e.Members = append(e.Members, key)
			return len(e.Members) < maxMembers
		})
	}
	return e
}

// withArticle names a kind in a sentence.
func withArticle(k Kind) string {
	switch k {
	case Absent:
		return "nothing"
	case Null:
		return "null"
	case Array, Object:
		return "an " + k.String()
	case Bool, Number, String:
	}
	return "a " + k.String()
}
