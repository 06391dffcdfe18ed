package state

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A pathStep is a part of a path with keys: a token of a JSON pointer, or the key of an
// element.
type pathStep struct {
	token string // unescaped
	key   *key   // nil: token is one

	// For a token with keys after it: all of the text, unescaped, which may be the name of
	// a member as well, and the number of keys.
	whole string
	keys  int
}

// parseSteps reads a path with keys, such as /items[sku=a]/qty, or [sku=a]/qty. It
// returns nil if text has no key or is not such a path.
func parseSteps(text string) []pathStep {
	if text == "" || text[0] != '/' && text[0] != '[' {
		return nil
	}
	var steps []pathStep
	keyed := false
	for rest := text; rest != ""; {
		token, keys, after, ok := cutStep(rest)
		if !ok {
			return nil
		}
		if rest[0] == '/' {
			steps = append(steps, pathStep{token: unescape(token), whole: unescape(rest[1 : len(rest)-len(after)]), keys: len(keys)})
		}
		for i := range keys {
			steps = append(steps, pathStep{key: &keys[i]})
		}
		keyed = keyed || len(keys) > 0
		rest = after
	}
	if !keyed {
		return nil
	}
	return steps
}

// cutStep reads a token with its slash, and the keys after it. At the beginning of a path
// there may be only keys.
func cutStep(s string) (token string, keys []key, rest string, ok bool) {
	end := strings.IndexByte(s[1:], '/') + 1
	if end == 0 {
		end = len(s)
	}
	for i := 0; i < end; i++ {
		if keys, rest = cutKeys(s[i:]); len(keys) > 0 {
			return strings.TrimPrefix(s[:i], "/"), keys, rest, s[0] == '/' && validToken(s[1:i]) || i == 0
		}
	}
	return strings.TrimPrefix(s[:end], "/"), nil, s[end:], s[0] == '/' && validToken(s[1:end])
}

// cutKeys reads keys that a slash or the end follows.
func cutKeys(s string) (keys []key, rest string) {
	rest = s
	for rest != "" && rest[0] == '[' {
		k, after, ok := cutKey(rest)
		if !ok {
			return nil, s
		}
		keys, rest = append(keys, k), after
	}
	if rest != "" && rest[0] != '/' {
		return nil, s
	}
	return keys, rest
}

// validToken reports whether a token is escaped as in a JSON pointer.
func validToken(token string) bool {
	_, err := ParsePointer("/" + token)
	return err == nil
}

// Keyed reports whether the path names an element by a key. Which one that is, the state
// says: see [Path.Find].
func (p Path) Keyed() bool { return p.steps != nil }

// Indexed reports whether the path has both keys and what may be an index.
func (p Path) Indexed() bool {
	return slices.ContainsFunc(p.steps, func(s pathStep) bool {
		_, ok := arrayIndex(s.token)
		return ok && s.key == nil
	})
}

// String returns the path as a JSON pointer, with keys in place of some indexes.
func (p Path) String() string {
	if !p.Keyed() {
		return p.Pointer
	}
	var b []byte
	for _, s := range p.steps {
		b = s.append(b)
	}
	return string(b)
}

func (s *pathStep) append(dst []byte) []byte {
	if s.key != nil {
		return s.key.append(dst)
	}
	return AppendToken(dst, s.token)
}

// Find returns what the path means in a state, as a JSON pointer. A key must name one
// element; what follows the last key is returned as it is, whether or not it exists.
func (p Path) Find(root Value) (pointer string, err error) {
	if !p.Keyed() {
		return p.Pointer, nil
	}
	f := finder{path: p}
	f.walk(spot{v: root}, 0)
	switch len(f.found) {
	case 1:
		return f.found[0], nil
	case 0:
		return "", f.missing()
	}
	return "", &PathError{Path: p.String(), Reason: f.ambiguous(), near: f.found}
}

// Lookup returns the value that the path means in a state, and where it is.
func (p Path) Lookup(root Value) (v Value, err error) {
	pointer, err := p.Find(root)
	if err != nil {
		return Value{}, err
	}
	return Lookup(root, pointer)
}

// FindAll returns all places of a state that the path means, as JSON pointers.
func (p Path) FindAll(root Value) []string {
	if !p.Keyed() {
		if _, err := Lookup(root, p.Pointer); err != nil {
			return nil
		}
		return []string{p.Pointer}
	}
	var all []string
	for _, s := range placesIn(root, p.steps) {
		all = append(all, string(s.path))
	}
	return all
}

// A spot is a place in a state that a part of a path leads to.
type spot struct {
	v    Value
	path []byte
}

func (s spot) to(v Value, token string) spot {
	return spot{v, AppendToken(s.path[:len(s.path):len(s.path)], token)}
}

// A finder follows a path along all elements that its keys name.
type finder struct {
	path  Path
	found []string

	several *key // the first that named more than one element
	end     spot // if nothing is found: the place after which the path leads nowhere
	done    int  // the number of steps up to there
}

func (f *finder) walk(at spot, done int) {
	if done >= f.done {
		f.end, f.done = at, done
	}
	if rest := f.path.steps[done:]; !slices.ContainsFunc(rest, func(s pathStep) bool { return s.key != nil }) {
		b := at.path
		for i := range rest {
			b = rest[i].append(b)
		}
		f.found = append(f.found, string(b))
		return
	}
	s := &f.path.steps[done]
	switch {
	case s.key != nil:
		if at.v.kind != Array {
			return
		}
		elems := s.key.find(at.v.n)
		if len(elems) > 1 && f.several == nil {
			f.several = s.key
		}
		for _, i := range elems {
			f.walk(at.to(at.v.n.elems[i], strconv.Itoa(i)), done+1)
		}
	case s.keys > 0 && at.v.kind == Object && !at.v.n.Get(s.whole).IsAbsent():
		f.walk(at.to(at.v.n.Get(s.whole), s.whole), done+1+s.keys)
	case s.keys > 0 && s.token == "" && at.v.kind == Array:
		f.walk(at, done+1)
	default:
		if v, _ := step(at.v, s.token); !v.IsAbsent() {
			f.walk(at.to(v, s.token), done+1)
		}
	}
}

func (f *finder) ambiguous() string {
	return fmt.Sprintf("%d elements have %s", len(f.found), f.several.condition())
}

// missing returns the error of a path that leads nowhere.
func (f *finder) missing() *PathError {
	at, s := f.end, &f.path.steps[f.done]
	in := string(at.path)
	e := &PathError{Path: f.path.String(), In: in}
	if in == "" {
		in = "the state"
	}
	if s.key == nil {
		_, reason := step(at.v, s.token)
		return missingIn(at.v, e, s.token, reason)
	}
	if at.v.kind != Array {
		e.Reason = fmt.Sprintf("%s is %s, not an array", in, withArticle(at.v.kind))
		return e
	}
	e.Missing, e.key, e.rest = s.key.text, s.key.name, Path{steps: f.path.steps[f.done+1:]}.String()
	e.Reason = fmt.Sprintf("no element with %s in %s", s.key.condition(), in)
	for _, v := range at.v.n.elems {
		if v.kind != Object {
			continue
		}
		if text := v.n.Get(s.key.name).s; text != "" && len(e.Members) < maxMembers {
			e.Members = append(e.Members, text)
		}
	}
	return e
}

// condition returns the key as text: sku=a.
func (k key) condition() string {
	b := k.append(nil)
	return string(b[1 : len(b)-1])
}

// Stem returns the members at the beginning of a path that lead to the first array that it may
// need in a state, as a JSON pointer. ok is false if it needs none: no part of it is a key or an
// index.
func (p Path) Stem(root Value) (pointer string, ok bool) {
	steps := p.steps
	if !p.Keyed() {
		tokens, err := ParsePointer(p.Pointer)
		if err != nil {
			return "", false
		}
		for _, t := range tokens {
			steps = append(steps, pathStep{token: t})
		}
	}
	var b []byte
	for i := range steps {
		s := &steps[i]
		_, index := arrayIndex(s.token)
		if s.key != nil || root.kind == Array || index && root.kind != Object || s.keys > 0 && !root.member(s.whole).IsAbsent() {
			return string(b), true
		}
		if s.keys == 0 || s.token != "" {
			b, root = AppendToken(b, s.token), root.member(s.token)
		}
	}
	return "", false
}

// member returns a member of an object; absent: it has none, or v is something else.
func (v Value) member(name string) Value {
	if v.kind != Object {
		return Value{}
	}
	return v.n.Get(name)
}
