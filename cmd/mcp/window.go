package mcp

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"asof/replay/state"
)

// A cut is a place of a value that is not shown in full.
type cut struct {
	path  string // a JSON pointer from the root of the value
	kind  state.Kind
	size  int // of a container: its members; of a string: its bytes
	shown int // of these
}

// A window shows as much of a value as fits into a number of bytes of JSON.
type window struct {
	offset int // members of the root that are skipped, or bytes if it is a string
	cuts   []cut
	total  int // places that are cut
	depth  int // levels above the value that is shown next
}

// maxCuts bounds the places that a window lists.
const maxCuts = 12

// The least that parts of an outline take, in bytes.
const (
	markBytes = 24  // "…12345678 members"
	maxKey    = 200 // of a key that is shown
	maxPath   = 900 // of a cut that is listed
	maxDepth  = 100 // levels of a value: parsers of clients end at 1,000 or earlier
	maxToken  = 120 // of a string that is shown while there are other members
)

// show returns v, or an outline of it: every container and string that does not fit is
// cut or replaced by a text that begins with … and has its size.
func (w *window) show(v state.Value, budget int) state.Value {
	return w.fit(v, budget, "", w.offset)
}

func (w *window) fit(v state.Value, budget int, path string, offset int) state.Value {
	if offset == 0 && sizeUpTo(v, budget) <= budget && !isDeeper(v, maxDepth-w.depth) {
		return v
	}
	switch v.Kind() {
	case state.String:
		return w.text(v, budget, path, offset)
	case state.Object, state.Array:
		return w.container(v, budget, path, offset)
	}
	if n := sizeUpTo(v, budget); n > budget { // a number with very many digits
		w.cut(cut{path: path, kind: v.Kind(), size: len(v.Text())})
		return state.StringValue(fmt.Sprintf("…%d digits", len(v.Text())))
	}
	return v
}

func (w *window) cut(c cut) {
	w.total++
	if len(w.cuts) < maxCuts && len(c.path) <= maxPath {
		w.cuts = append(w.cuts, c)
	}
}

// text shows the beginning of a string.
func (w *window) text(v state.Value, budget int, path string, offset int) state.Value {
	s := v.Text()
	offset = min(offset, len(s))
	for offset < len(s) && !utf8.RuneStart(s[offset]) {
		offset++
	}
	rest := s[offset:]
	n := min(len(rest), max(budget-len(`"…123456789 bytes"`), 0))
	for n > 0 && (n < len(rest) && !utf8.RuneStart(rest[n]) || len(state.AppendQuoted(nil, rest[:n])) > budget) {
		n = max(n-1-n/8, 0)
	}
	if n == len(rest) {
		return state.StringValue(rest)
	}
	w.cut(cut{path, state.String, len(s), offset + n})
	return state.StringValue(rest[:n] + fmt.Sprintf("…%d bytes", len(s)-offset-n))
}

// A member is a member of a container.
type member struct {
	key   string
	value state.Value
	size  int // up to the budget of the container
	gets  int
}

func (w *window) container(v state.Value, budget int, path string, offset int) state.Value {
	n := v.Node()
	if budget < markBytes+16 || w.depth >= maxDepth {
		w.cut(cut{path, v.Kind(), n.Len(), 0})
		return state.StringValue(mark(v))
	}
	parts, room := partsOf(v, budget, offset)
	share(parts, room)
	if shown := min(offset, n.Len()) + len(parts); shown < n.Len() {
		w.cut(cut{path, v.Kind(), n.Len(), shown})
	}
	array, object := state.NewArray(), state.NewObject()
	w.depth++
	defer func() { w.depth-- }()
	for i, p := range parts {
		token := string(state.AppendToken(nil, p.key))
		if v.Kind() == state.Array {
			token = string(state.AppendIndex(nil, offset+i))
		}
		shown := w.fit(p.value, p.gets, path+token, 0)
		if v.Kind() == state.Array {
			array.Append(shown)
		} else {
			key := shortKey(p.key)
			for n := 2; !object.Get(key).IsAbsent(); n++ { // long keys may begin and end alike
				key = fmt.Sprintf("%s (%d)", shortKey(p.key), n)
			}
			object.Set(key, shown)
		}
	}
	if v.Kind() == state.Array {
		return array.Value()
	}
	return object.Value()
}

// partsOf returns the members from offset on that fit in their shortest form, at least
// one, and the bytes that are left.
func partsOf(v state.Value, budget, offset int) (parts []member, room int) {
	room = budget - 2
	add := func(key string, of state.Value) bool {
		p := member{key: key, value: of, size: sizeUpTo(of, budget)}
		p.gets = min(p.size, leastOf(v, of, budget))
		need := p.gets + 1
		if v.Kind() == state.Object {
			need += len(state.AppendQuoted(nil, shortKey(key))) + 1
		}
		if need > room && len(parts) > 0 {
			return false
		}
		room -= need
		parts = append(parts, p)
		return true
	}
	if v.Kind() == state.Array {
		elems := v.Node().Elems()
		for _, e := range elems[min(offset, len(elems)):] {
			if !add("", e) {
				break
			}
		}
		return parts, room
	}
	i := 0
	v.Node().Each(func(key string, e state.Value) bool {
		i++
		return i <= offset || add(key, e)
	})
	return parts, room
}

// arrayShares is the part of an array that one element gets at least, as a divisor: few
// elements that can be read say more than the sizes of many.
const arrayShares = 8

// leastOf is about the least that a member of a container takes.
func leastOf(in, member state.Value, budget int) int {
	switch {
	case !member.IsContainer():
		return maxToken
	case in.Kind() == state.Array:
		return max(markBytes, budget/arrayShares)
	}
	return markBytes
}

// share gives the bytes that are left to the members: all that the small ones need, and
// the rest in equal parts.
func share(parts []member, room int) {
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return parts[a].size - parts[b].size })
	for i, at := range order {
		p := &parts[at]
		more := max(min(p.size-p.gets, room/(len(order)-i)), 0)
		p.gets += more
		room -= more
	}
}

// shortKey is a key of an object as it is shown.
func shortKey(key string) string {
	if len(key) <= maxKey {
		return key
	}
	n := maxKey
	for n > 0 && !utf8.RuneStart(key[n]) {
		n--
	}
	return key[:n] + fmt.Sprintf("…%d bytes", len(key)-n)
}

// mark stands for a container.
func mark(v state.Value) string {
	what := "members"
	if v.Kind() == state.Array {
		what = "elements"
	}
	return fmt.Sprintf("…%d %s", v.Node().Len(), what)
}

// isDeeper reports whether a value has more levels of containers that are not empty.
func isDeeper(v state.Value, levels int) bool {
	n := v.Node()
	if n == nil || n.Len() == 0 {
		return false
	}
	if levels <= 0 {
		return true
	}
	if v.Kind() == state.Array {
		return slices.ContainsFunc(n.Elems(), func(e state.Value) bool { return isDeeper(e, levels-1) })
	}
	deeper := false
	n.Each(func(_ string, e state.Value) bool {
		deeper = isDeeper(e, levels-1)
		return !deeper
	})
	return deeper
}

// sizeUpTo returns the size of a value as JSON, or a larger number than limit if it is
// larger.
func sizeUpTo(v state.Value, limit int) int {
	n := v.Node()
	if n == nil {
		if text := v.Text(); len(text) > limit {
			return limit + 1
		}
		return len(state.AppendJSON(nil, v))
	}
	size := 2
	if v.Kind() == state.Array {
		for _, e := range n.Elems() {
			if size += 1 + sizeUpTo(e, limit-size); size > limit {
				return limit + 1
			}
		}
		return size
	}
	n.Each(func(key string, e state.Value) bool {
		if size += len(key) + 2; size <= limit { // a key with escapes is longer
			size += len(state.AppendQuoted(nil, key)) - len(key) + sizeUpTo(e, limit-size)
		}
		return size <= limit
	})
	return min(size, limit+1)
}
