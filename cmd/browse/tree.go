package browse

import (
	"slices"
	"strconv"
	"strings"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

const (
	// shownMembers is how many members of a container are shown at first.
	shownMembers = 50
	// moreMembers is how many more Enter shows.
	moreMembers = 500
	// maxRows bounds the rows of a tree.
	maxRows = 20_000
	// maxDepth is the depth from which containers are shown as their size.
	maxDepth = 60
)

// A treeRow is a line of a state.
type treeRow struct {
	path  string
	depth int
	key   string // safe
	value state.Value
	open  bool
	mark  byte // + ~ for what the event set, · above it, or a space
	rest  int  // of a line that stands for members that are not shown
	by    replay.Version
	has   bool // by is known
}

// A tree is a state as lines. The zero tree is empty.
type tree struct {
	rows   []treeRow
	cut    bool // there are more than maxRows
	closed map[string]bool
	more   map[string]int // how many members are shown beyond shownMembers
	marks  marks
	blame  bool // the gutter is known
}

// marks say what an event set in a state.
type marks struct {
	set  map[string]byte            // by path
	kids map[string]map[string]bool // the tokens below a path that lead to something set
}

// marksOf finds out where the changes of an event are in the state after it. A change of
// an array moves what stands behind it, and the places of earlier changes with it.
func marksOf(root state.Value, changes []state.Change) marks {
	const most = 2000
	type place struct {
		path string
		mark byte
	}
	var all []place
	for i := range changes[:min(len(changes), most)] {
		c := &changes[i]
		slash := strings.LastIndexByte(c.Path, '/')
		if n, isIndex := indexOf(c.Path[slash+1:]); isIndex && c.Op != state.OpReplace {
			if v, err := state.Lookup(root, c.Path[:slash]); err == nil && v.Kind() == state.Array {
				for j := range all {
					all[j].path = moved(all[j].path, c.Path[:slash], n, c.Op == state.OpAdd)
				}
			}
		}
		switch c.Op {
		case state.OpAdd:
			all = append(all, place{c.Path, '+'})
		case state.OpReplace:
			all = append(all, place{c.Path, '~'})
		default:
			all = append(all, place{c.Path[:max(slash, 0)], '·'})
		}
	}
	m := marks{map[string]byte{}, map[string]map[string]bool{}}
	for _, p := range all {
		if p.mark != '·' {
			m.set[p.path] = p.mark
		} else {
			m.above(p.path)
			continue
		}
		m.above(p.path)
	}
	return m
}

// above marks the containers above a path.
func (m *marks) above(path string) {
	for path != "" {
		slash := strings.LastIndexByte(path, '/')
		if slash < 0 {
			return
		}
		up := path[:slash]
		if m.kids[up] == nil {
			m.kids[up] = map[string]bool{}
		}
		if m.kids[up][path[slash+1:]] {
			return
		}
		m.kids[up][path[slash+1:]] = true
		path = up
	}
}

func indexOf(token string) (int, bool) {
	if token == "" || token[0] < '0' || token[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(token)
	return n, err == nil
}

// moved is where a path is after an element was put into an array, or taken out.
func moved(path, array string, n int, in bool) string {
	rest, ok := strings.CutPrefix(path, array+"/")
	if !ok {
		return path
	}
	token, below, deeper := strings.Cut(rest, "/")
	i, ok := indexOf(token)
	switch {
	case !ok || i < n:
		return path
	case in:
		i++
	case i > n:
		i--
	}
	out := array + "/" + strconv.Itoa(i)
	if deeper {
		out += "/" + below
	}
	return out
}

// build lays out a state. blamed may be nil; it must be of this state.
func (t *tree) build(root state.Value, changes []state.Change, blamed *inspect.Blamed) {
	t.rows, t.cut, t.blame = t.rows[:0], false, blamed != nil
	t.marks = marksOf(root, changes)
	spot := func() (inspect.Spot, bool) {
		if blamed == nil {
			return inspect.Spot{}, false
		}
		return blamed.Root(), true
	}
	at, known := spot()
	t.add(treeRow{key: "", value: root}, at, known, 0)
}

// add adds a value and what is below it. set is the mark of a container that is new as a
// whole.
func (t *tree) add(r treeRow, spot inspect.Spot, known bool, set byte) {
	if len(t.rows) >= maxRows {
		t.cut = true
		return
	}
	r.mark = ' '
	if m, ok := t.marks.set[r.path]; ok {
		r.mark = m
		set = m
	} else if set != 0 {
		r.mark = set
	} else if t.marks.kids[r.path] != nil {
		r.mark = '·'
	}
	if known {
		if o := originOf(spot, r.value); o != nil && o.Event != nil {
			r.by, r.has = o.Moment.Version(), true
		}
	}
	full := r.value.IsContainer() && r.value.Node().Len() > 0
	r.open = full && r.depth < maxDepth && !t.closed[r.path]
	t.rows = append(t.rows, r)
	if r.open {
		t.members(r, spot, known, set)
	}
}

// originOf is what set a value, or the last thing in a container.
func originOf(spot inspect.Spot, v state.Value) *inspect.Origin {
	if v.IsContainer() {
		return spot.Last()
	}
	return spot.By()
}

// members adds the members of a container: the first ones, and those that the event
// changed.
func (t *tree) members(r treeRow, spot inspect.Spot, known bool, set byte) {
	n := r.value.Node()
	limit := shownMembers + t.more[r.path]
	kids := t.marks.kids[r.path]
	shown := 0
	one := func(key, token string, v state.Value, at func() inspect.Spot) {
		child := treeRow{path: r.path + "/" + token, depth: r.depth + 1, key: key, value: v}
		var below inspect.Spot
		if known {
			below = at()
		}
		t.add(child, below, known, set)
		shown++
	}
	if n.Kind() == state.Array {
		elem := func(i int) {
			one(strconv.Itoa(i), strconv.Itoa(i), n.At(i), func() inspect.Spot { return spot.Elem(i) })
		}
		for i := range min(n.Len(), limit) {
			elem(i)
		}
		for _, i := range indexes(kids, limit, n.Len()) {
			elem(i)
		}
	} else {
		member := func(key string, v state.Value) {
			one(clean(key), state.EscapeToken(key), v, func() inspect.Spot { return spot.Member(key) })
		}
		listed := map[string]bool{}
		n.Each(func(key string, v state.Value) bool {
			if len(kids) > 0 {
				listed[state.EscapeToken(key)] = true
			}
			member(key, v)
			return shown < limit
		})
		if n.Len() > limit {
			for _, token := range sortedTokens(kids, listed) {
				if key := unescaped(token); !n.Get(key).IsAbsent() {
					member(key, n.Get(key))
				}
			}
		}
	}
	if rest := n.Len() - shown; rest > 0 {
		t.rows = append(t.rows, treeRow{path: r.path, depth: r.depth + 1, rest: rest, mark: ' '})
	}
}

// indexes are the tokens that are indexes of an array from a limit on, in order.
func indexes(tokens map[string]bool, limit, length int) []int {
	var all []int
	for token := range tokens {
		if i, ok := indexOf(token); ok && i >= limit && i < length {
			all = append(all, i)
		}
	}
	slices.Sort(all)
	return all
}

func sortedTokens(tokens, without map[string]bool) []string {
	var all []string
	for token := range tokens {
		if !without[token] {
			all = append(all, token)
		}
	}
	slices.Sort(all)
	return all
}

func unescaped(token string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}

// row is the line of a path, or of the nearest container above it.
func (t *tree) row(path string) int {
	for {
		if i := slices.IndexFunc(t.rows, func(r treeRow) bool { return r.path == path && r.rest == 0 }); i >= 0 {
			return i
		}
		slash := strings.LastIndexByte(path, '/')
		if slash < 0 {
			return 0
		}
		path = path[:slash]
	}
}

// toggle folds or unfolds a line, or shows more of it.
func (t *tree) toggle(i int) {
	if i < 0 || i >= len(t.rows) {
		return
	}
	switch r := t.rows[i]; {
	case r.rest > 0:
		if t.more == nil {
			t.more = map[string]int{}
		}
		t.more[r.path] += moreMembers
	case r.value.IsContainer():
		if t.closed == nil {
			t.closed = map[string]bool{}
		}
		t.closed[r.path] = !t.closed[r.path]
	}
}

// sizeOf is how many values a value has, itself included.
func sizeOf(v state.Value) int {
	if !v.IsContainer() {
		return 1 + len(v.Text())/64
	}
	n := 1
	v.Node().Each(func(_ string, v state.Value) bool {
		n += sizeOf(v)
		return true
	})
	for _, v := range v.Node().Elems() {
		n += sizeOf(v)
	}
	return n
}
