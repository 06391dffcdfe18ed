package state

import (
	"fmt"
	"strconv"
	"strings"

	"asof/replay/fault"
)

// A PathError is a path that does not exist.
type PathError struct {
	Path    string   // as given
	In      string   // the part of Path that exists, if Missing is not empty
	Missing string   // the token after In
	Reason  string   // why it is missing
	Members []string // some of the keys of In

	key  string   // if In is an array: Members are values of this member of its elements
	rest string   // what follows the element in the path
	near []string // paths that may be meant
}

func (e *PathError) Error() string {
	return fmt.Sprintf("path %q: %s", e.Path, e.Reason)
}

// Class returns [fault.NotFound].
func (e *PathError) Class() fault.Class { return fault.NotFound }

// Fault returns [fault.KindNoPath].
func (*PathError) Fault() fault.Kind { return fault.KindNoPath }

// Remedy returns what to do next.
func (e *PathError) Remedy() fault.Remedy {
	if len(e.near) > 0 {
		r := fault.Remedy{Near: e.near[:min(len(e.near), 3)]}
		if len(e.near) == 1 {
			r.For = e.Path
		}
		return r
	}
	if near := fault.Near(e.Missing, e.Members, 3); len(near) > 0 {
		for i, name := range near {
			if e.key != "" {
				near[i] = string(key{name: e.key, text: name}.append([]byte(e.In))) + e.rest
			} else {
				near[i] = string(AppendToken([]byte(e.In), name))
			}
		}
		r := fault.Remedy{Near: near}
		if strings.HasSuffix(e.Path, string(AppendToken([]byte(e.In), e.Missing))) {
			r.For = e.Path
		}
		return r
	}
	if len(e.Members) == 1 {
		return fault.Try("there is only " + e.Members[0])
	}
	if len(e.Members) > 0 && len(e.Members) <= 12 {
		return fault.Try("there are " + strings.Join(e.Members, ", "))
	}
	return fault.Remedy{}
}

// maxMembers is the most keys in a [PathError].
const maxMembers = 1000

// ParsePointer returns the unescaped tokens of a JSON pointer (RFC 6901). The empty
// pointer, which is the whole value, has none. An invalid pointer is a [PathError].
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

// EscapeToken returns a key as an escaped token of a JSON pointer.
func EscapeToken(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// AppendToken appends a key to a JSON pointer, as a slash and the escaped key.
func AppendToken(dst []byte, key string) []byte {
	return append(append(dst, '/'), EscapeToken(key)...)
}

// AppendIndex appends an array index to a JSON pointer.
func AppendIndex(dst []byte, i int) []byte {
	return strconv.AppendInt(append(dst, '/'), int64(i), 10)
}

// AppendPattern appends a JSON pointer with * for each token of digits.
func AppendPattern(dst []byte, pointer string) []byte {
	for pointer != "" {
		token := pointer[1:]
		if end := strings.IndexByte(token, '/'); end >= 0 {
			token = token[:end]
		}
		pointer = pointer[1+len(token):]
		if isNumber(token) {
			token = eachNumber
		}
		dst = append(append(dst, '/'), token...)
	}
	return dst
}

// HasPrefix reports whether path is prefix or below it, by tokens: /items/0 is below
// /items, but /items2 is not.
func HasPrefix(path, prefix string) bool {
	return strings.HasPrefix(path, prefix) &&
		(len(path) == len(prefix) || path[len(prefix)] == '/')
}

// Lookup returns the value at a JSON pointer. If there is none, the error is a
// [PathError].
func Lookup(v Value, pointer string) (Value, error) {
	tokens, err := ParsePointer(pointer)
	if err != nil {
		return Value{}, err
	}
	root := v
	for i, t := range tokens {
		next, reason := step(v, t)
		if next.IsAbsent() {
			e := missing(v, pointer, tokens, i, reason)
			if meant := unscripted(root, pointer); meant != "" {
				e.near = []string{meant}
			}
			return Value{}, e
		}
		v = next
	}
	return v, nil
}

// Within returns the part of v that unescaped tokens lead to, or Absent. v may contain
// itself.
func Within(v Value, tokens []string) Value {
	for _, t := range tokens {
		switch v.kind {
		case Object:
			v = v.n.Get(t)
		case Array:
			i, ok := arrayIndex(t)
			if !ok {
				return Value{}
			}
			v = v.n.At(i)
		case Absent, Null, Bool, Number, String:
			return Value{}
		}
	}
	return v
}

// unscripted returns the pointer that one with the syntax of a script means, as
// /items[0].qty means /items/0/qty. It is empty if that leads nowhere.
func unscripted(root Value, pointer string) string {
	if !strings.ContainsAny(pointer, ".[") {
		return ""
	}
	p, err := ParsePath(strings.TrimPrefix(pointer, "/"))
	if err != nil || p.Keyed() || p.Pointer == pointer {
		return ""
	}
	if _, err := Lookup(root, p.Pointer); err != nil {
		return ""
	}
	return p.Pointer
}

// step returns the value at one token, or the reason why there is none.
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
			reason = fmt.Sprintf("no element %s in an array of %d", token, len(v.n.elems))
		default:
			next = v.n.elems[i]
		}
	case Absent, Null, Bool, Number, String:
		reason = fmt.Sprintf("no %q in %s", token, withArticle(v.kind))
	}
	return next, reason
}

// arrayIndex parses a token as an array index: digits without a leading zero. An
// index that is too large for any array becomes the largest int.
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

// missing returns the error for tokens[at], which is not in v.
func missing(v Value, pointer string, tokens []string, at int, reason string) *PathError {
	var in []byte
	for _, t := range tokens[:at] {
		in = AppendToken(in, t)
	}
	return missingIn(v, &PathError{Path: pointer, In: string(in)}, tokens[at], reason)
}

// missingIn completes the error for a token that is not in v.
func missingIn(v Value, e *PathError, token, reason string) *PathError {
	e.Missing, e.Reason = token, reason
	if e.In != "" {
		e.Reason += " at " + e.In
	}
	if v.kind == Object {
		v.n.Each(func(key string, _ Value) bool {
			e.Members = append(e.Members, key)
			return len(e.Members) < maxMembers
		})
	}
	return e
}

// withArticle returns the name of a kind with its article.
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
