package state

import "strings"

// A Touched is which paths events may have changed: more than they did, perhaps, but never
// fewer. It does not tell the elements of an array apart, nor members whose names are
// numbers. The zero value has none.
type Touched struct {
	all   bool
	marks map[touch]struct{}
}

// AllTouched returns a Touched that every path is in.
func AllTouched() Touched { return Touched{all: true} }

// A touch is what may have happened to the paths with a hash.
type touch struct {
	path uint64
	kind touchKind
}

type touchKind uint8

const (
	touchSet   touchKind = iota // the value was set or removed
	touchBelow                  // something below was
	touchParts                  // it has other members or elements
)

// mostTouches is the most that a Touched keeps. Beyond it, every path may have changed.
const mostTouches = 4096

// rootHash is the hash of the root.
const rootHash uint64 = 14695981039346656037

// below returns the hash of a member or an element of the path with hash h.
func below(h uint64, token string) uint64 {
	const prime = 1099511628211
	if token != "" && strings.Trim(token, "0123456789") == "" {
		token = "*"
	}
	h = (h ^ '/') * prime
	for i := range len(token) {
		h = (h ^ uint64(token[i])) * prime
	}
	return h
}

func (t *Touched) add(h uint64, kind touchKind) {
	if t.all {
		return
	}
	if t.marks == nil {
		t.marks = map[touch]struct{}{}
	}
	if t.marks[touch{h, kind}] = struct{}{}; len(t.marks) > mostTouches {
		t.all, t.marks = true, nil
	}
}

func (t *Touched) has(h uint64, kind touchKind) bool {
	_, ok := t.marks[touch{h, kind}]
	return ok
}

// AddAll adds what o has.
func (t *Touched) AddAll(o Touched) {
	if o.all {
		t.all, t.marks = true, nil
	}
	for m := range o.marks {
		t.add(m.path, m.kind)
	}
}

// Add adds a change.
func (t *Touched) Add(c *Change) { t.addAt(rootHash, c) }

func (t *Touched) addAt(h uint64, c *Change) {
	tokens, err := ParsePointer(c.Path)
	if err != nil || len(tokens) == 0 {
		t.all, t.marks = true, nil
		return
	}
	for i, token := range tokens {
		t.add(h, touchBelow)
		if i == len(tokens)-1 && c.Op != OpReplace {
			t.add(h, touchParts)
		}
		h = below(h, token)
	}
	t.add(h, touchSet)
}

// May reports whether the value at a path may have been set or removed. With parts, it also
// reports whether the container there may have got or lost members or elements; with deep,
// whether anything below may have changed.
func (t *Touched) May(tokens []string, parts, deep bool) bool {
	h := rootHash
	for i := 0; !t.all && !t.has(h, touchSet); i++ {
		if i == len(tokens) {
			return parts && t.has(h, touchParts) || deep && t.has(h, touchBelow)
		}
		h = below(h, tokens[i])
	}
	return true
}

// Track makes each Commit add to t what the event may have changed. at is the path of this
// state in a larger one.
func (s *State) Track(t *Touched, at ...string) {
	s.track, s.trackAt = t, rootHash
	for _, token := range at {
		s.trackAt = below(s.trackAt, token)
	}
}

// note adds to s.track what this event may have changed.
func (s *State) note() {
	if s.rootSet {
		if s.trackAt != rootHash {
			s.track.add(rootHash, touchBelow)
		}
		for _, c := range s.changes() {
			s.track.addAt(s.trackAt, &c)
		}
		return
	}
	for _, n := range s.touched {
		h := s.noteAbove(n, 0)
		if n.kind == Array {
			s.track.add(h, touchParts)
			s.track.add(below(h, "*"), touchSet)
			continue
		}
		for i := range n.saved.members {
			m := &n.saved.members[i]
			s.track.add(below(h, m.key), touchSet)
			if m.at < 0 || n.Get(m.key).IsAbsent() {
				s.track.add(h, touchParts)
			}
		}
	}
}

// mostAbove is the most containers around one that are followed. Containers that the event
// took out of the state may be in one another.
const mostAbove = 1000

// noteAbove adds that something below n and the containers around it may have changed, and
// returns the hash of its path.
func (s *State) noteAbove(n *Node, depth int) uint64 {
	h := s.trackAt
	switch {
	case depth == mostAbove:
		s.track.all, s.track.marks = true, nil
		return h
	case n.parent != nil && n.parent.kind == Array:
		h = below(s.noteAbove(n.parent, depth+1), "*")
	case n.parent != nil:
		h = below(s.noteAbove(n.parent, depth+1), n.key)
	case h != rootHash:
		s.track.add(rootHash, touchBelow)
	}
	s.track.add(h, touchBelow)
	return h
}
