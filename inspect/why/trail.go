package why

import (
	"strconv"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A want is a path of a state, for which the last event that set it is looked for.
type want struct {
	path   string
	parts  bool       // which parts the container has
	deep   bool       // anything in it
	absent bool       // there is no value
	asked  state.Path // of a question, if it names elements by keys

	found   bool
	whole   bool // it came with a member of the root
	at      replay.Version
	then    string         // the path after that event
	earlier state.Value    // before that event
	undo    []state.Change // of parts: brings back those before the event, in order
}

// A trail is the wants at a path and below, while their history is read backwards.
type trail struct {
	array bool
	kids  map[string]*trail
	wants []*want
}

// newTrail returns the trail of wants in a state.
func newTrail(root state.Value, wants []*want) *trail {
	t := &trail{array: root.Kind() == state.Array}
	for _, w := range wants {
		tokens, err := state.ParsePointer(w.path)
		if err != nil || w.found {
			continue
		}
		at, v := t, root
		for _, token := range tokens {
			if at.kids == nil {
				at.kids = map[string]*trail{}
			}
			v = state.Within(v, []string{token})
			kid := at.kids[token]
			if kid == nil {
				kid = &trail{array: v.Kind() == state.Array}
				at.kids[token] = kid
			}
			at = kid
		}
		at.wants = append(at.wants, w)
	}
	return t
}

// back takes a change back that the event at v made.
func (t *trail) back(c *state.Change, v replay.Version) {
	tokens, err := state.ParsePointer(c.Path)
	if err != nil {
		return
	}
	at := t
	for i, token := range tokens {
		at.passed(v, c.Path[:lengthOf(tokens[:i])])
		if i == len(tokens)-1 {
			at.part(c, token, v)
			return
		}
		if at = at.kids[token]; at == nil {
			return
		}
	}
	t.set(c, nil, "", v)
}

func lengthOf(tokens []string) (n int) {
	for _, t := range tokens {
		n += 1 + len(state.EscapeToken(t))
	}
	return n
}

// passed notes a change below the trail.
func (t *trail) passed(v replay.Version, path string) {
	for _, w := range t.wants {
		if w.deep && !w.found {
			w.found, w.at, w.then = true, v, path
		}
	}
}

// part takes back a change of a part of the trail's container.
func (t *trail) part(c *state.Change, token string, v replay.Version) {
	if c.Op != state.OpReplace {
		for _, w := range t.wants {
			if w.parts && (!w.found || w.at == v && w.undo != nil) {
				w.found, w.at, w.then = true, v, c.Path[:len(c.Path)-1-len(state.EscapeToken(token))]
				one := *c
				one.Path = c.Path[len(w.then):]
				back := state.Invert([]state.Change{one})[0]
				if back.Op == state.OpRemove {
					back.From = state.Value{} // later events may have changed it
				}
				w.undo = append(w.undo, back)
			}
		}
	}
	i, isIndex := 0, false
	if t.array {
		n, err := strconv.Atoi(token)
		i, isIndex = n, err == nil
	}
	if kid := t.kids[token]; kid != nil && !(isIndex && c.Op == state.OpRemove) {
		kid.set(c, nil, c.Path, v)
		if isIndex && c.Op == state.OpAdd {
			delete(t.kids, token)
		}
	}
	switch {
	case !isIndex:
	case c.Op == state.OpAdd:
		t.shift(i+1, -1)
	case c.Op == state.OpRemove:
		t.shift(i, 1)
	}
}

// shift renames the elements from index i on.
func (t *trail) shift(i, by int) {
	if len(t.kids) == 0 {
		return
	}
	kids := make(map[string]*trail, len(t.kids))
	for token, kid := range t.kids {
		if k, err := strconv.Atoi(token); err == nil && k >= i {
			token = strconv.Itoa(k + by)
		}
		kids[token] = kid
	}
	t.kids = kids
}

// set notes that a change set the value of the trail. rest is where that is in the value
// of the change, and path where it is in the state.
func (t *trail) set(c *state.Change, rest []string, path string, v replay.Version) {
	earlier := state.Within(c.From, rest)
	for _, w := range t.wants {
		if w.found || w.absent && earlier.IsAbsent() {
			continue
		}
		w.found, w.at, w.then, w.earlier = true, v, path, earlier
		w.whole = c.Op == state.OpAdd && strings.Count(c.Path, "/") == 1
	}
	for token, kid := range t.kids {
		kid.set(c, append(rest[:len(rest):len(rest)], token), string(state.AppendToken([]byte(path), token)), v)
	}
}
