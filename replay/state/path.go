package state

import (
	"strings"
	"unicode"
)

// A Path is a path of a value as somebody wrote it.
type Path struct {
	// Pointer is what it means, as a JSON pointer. It is empty for a path with keys,
	// which means a place only in a given state.
	Pointer string

	steps []pathStep // of a path with keys

	// Sure is whether it can't mean anything else: it is a JSON pointer or a single name.
	// Of the others, a key with a dot could have been meant.
	Sure bool
}

// ParsePath reads a path that is a JSON pointer, or else one as JavaScript, JSONPath and
// jq write it: total, .total, $.total, state.total, items[0].qty, items[0]/qty,
// items["a b"]. All of them can name elements by a key: /items[sku=cups-espresso]/qty.
// What it does not accept is a [PathError].
func ParsePath(text string) (Path, error) {
	if steps := parseSteps(text); steps != nil {
		return Path{steps: steps, Sure: true}, nil
	}
	if text == "" || text[0] == '/' {
		_, err := ParsePointer(text)
		return Path{Pointer: text, Sure: true}, err
	}
	if strings.Contains(text, "/") && !strings.ContainsAny(text, ".[") { // a pointer without its first slash
		_, err := ParsePointer("/" + text)
		return Path{Pointer: "/" + text}, err
	}
	r, ofState := pathReader{rest: text}, false
	if rest, ok := strings.CutPrefix(text, "$"); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
		r.rest = rest
	} else if rest, ok := strings.CutPrefix(text, "state"); ok && rest != "" && (rest[0] == '.' || rest[0] == '[') {
		r.rest, ofState = rest, true
	} else if text[0] != '.' && text[0] != '[' {
		r.rest = "." + text
	}
	if r.rest == "." {
		return Path{Sure: true}, nil
	}
	for r.rest != "" {
		if !r.step() {
			return Path{}, &PathError{Path: text, Reason: "it can't be read"}
		}
	}
	if r.keyed {
		steps := parseSteps(string(r.pointer))
		return Path{steps: steps}, nil
	}
	return Path{Pointer: string(r.pointer), Sure: r.steps < 2 && !ofState}, nil
}

// A pathReader takes a path apart, step by step.
type pathReader struct {
	rest    string
	pointer []byte
	steps   int
	keyed   bool
}

// step reads .name, /name, [0] or ["name"]. It returns false if nothing of the kind is next.
func (r *pathReader) step() bool {
	var key string
	switch {
	case r.rest[0] == '.' || r.rest[0] == '/':
		key = r.rest[1:]
		if i := strings.IndexAny(key, "./["); i >= 0 {
			key = key[:i]
		}
		r.rest = r.rest[1+len(key):]
		if strings.IndexFunc(key, oddInName) >= 0 {
			return false
		}
	case r.rest[0] == '[':
		if k, rest, ok := cutKey(r.rest); ok && r.steps > 0 {
			r.pointer, r.rest, r.keyed = k.append(r.pointer), rest, true
			return true
		}
		inner, rest, ok := cutBracket(r.rest[1:])
		if !ok {
			return false
		}
		key, r.rest = inner, rest
	default:
		return false
	}
	if key == "" {
		return false
	}
	r.pointer = AppendToken(r.pointer, key)
	r.steps++
	return true
}

// oddInName reports whether a bare name does not hold r.
func oddInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_$-@: ", r)
}

// cutBracket reads 0] or "name"], and returns what follows it.
func cutBracket(s string) (key, rest string, ok bool) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		return strings.Cut(s[1:], s[:1]+"]")
	}
	key, rest, ok = strings.Cut(s, "]")
	_, isIndex := arrayIndex(key)
	return key, rest, ok && isIndex
}
