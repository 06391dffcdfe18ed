package bounds

import "asof/replay/state"

// A Tracker makes bounds of the states of a fold. It is a [state.Observer] of the state that
// the events are folded into. The zero value has no bounds yet.
type Tracker struct {
	b     *Bounds
	root  state.Value
	parts int
	at    map[*state.Node]*Part // containers that are followed
}

// Bounds returns the bounds of the state that they began with, and of the state after each
// event since. They are nil if none have begun. Later events widen them.
func (t *Tracker) Bounds() *Bounds {
	if t == nil {
		return nil
	}
	return t.b
}

// Begin begins new bounds, of a state that is live.
func (t *Tracker) Begin(root state.Value) {
	t.b, t.parts, t.at = &Bounds{root: &Part{}}, 1, make(map[*state.Node]*Part, len(t.at))
	t.Root(root)
}

// Root adds a state, which is followed from now on in place of the one before. It begins bounds
// if there are none.
func (t *Tracker) Root(v state.Value) {
	if t.b == nil {
		t.Begin(v)
		return
	}
	t.root = v
	t.add(t.b.root, v)
}

// Changed adds what an event wrote to a container.
func (t *Tracker) Changed(n *state.Node) {
	p := t.at[n]
	switch {
	case p == nil:
	case n.Kind() == state.Array:
		p.array(n.Len())
	case p.dropped:
		delete(t.at, n)
	default:
		for key, v := range n.Written() {
			if v.IsContainer() && !n.In(t.root) {
				// It was taken out of the state, and what was put into it may be elsewhere.
				t.drop(p)
				return
			}
			if t.addMember(p, n, key, v); p.dropped {
				return
			}
		}
	}
}

// addMember adds a member of an object.
func (t *Tracker) addMember(p *Part, n *state.Node, key string, v state.Value) {
	m := p.find(key)
	if m == nil {
		if v.IsAbsent() {
			return
		}
		if m = t.newMember(p, n, key); m == nil {
			return
		}
		m.Kinds = Missing // of the objects before
	}
	t.add(m, v)
}

// newMember returns the part of a member of p that is not listed yet, or nil if it can't be.
func (t *Tracker) newMember(p *Part, n *state.Node, key string) *Part {
	if p.deep > 0 && n.Len() > mostMembers || n.Len() > mostParts {
		t.drop(p)
		return nil
	}
	if t.parts >= mostParts || len(key) > mostKey || p.Kinds.Has(Open) {
		p.Kinds |= Open
		return nil
	}
	t.parts++
	m := &Part{key: key, deep: p.deep + 1}
	p.addMember(m)
	return m
}

// drop forgets the members of objects.
func (t *Tracker) drop(p *Part) {
	for _, m := range p.members {
		t.parts--
		t.drop(m)
	}
	p.members, p.index, p.dropped = nil, nil, true
	p.Kinds |= Open
	t.release(p)
}

// release no longer follows the latest container of a part.
func (t *Tracker) release(p *Part) {
	if p.node != nil && t.at[p.node] == p {
		delete(t.at, p.node)
	}
	p.node = nil
}

// add adds a value.
func (t *Tracker) add(p *Part, v state.Value) {
	n := v.Node()
	if p.node != n {
		t.release(p)
	}
	if n == nil {
		p.scalar(v)
		return
	}
	if n.Kind() == state.Array {
		p.array(n.Len())
		p.node, t.at[n] = n, p
		return
	}
	first := !p.Kinds.Has(Object)
	p.Kinds |= Object
	switch {
	case p.dropped:
		return
	case p.deep == mostDeep:
		t.drop(p)
		return
	}
	p.node, t.at[n] = n, p
	t.addMembers(p, n, first)
}

// addMembers adds the members of an object. first says that it is the first object of the
// part. Scalars come first: a large object must not leave none of the parts for them.
func (t *Tracker) addMembers(p *Part, n *state.Node, first bool) {
	known := len(p.members)
	for _, m := range p.members {
		t.add(m, n.Get(m.key))
	}
	for _, containers := range [...]bool{false, true} {
		n.Each(func(key string, v state.Value) bool {
			if v.IsContainer() != containers {
				return true
			}
			m := p.find(key)
			if m == nil {
				m = t.newMember(p, n, key)
			}
			if p.dropped || m == nil && !containers {
				return false
			}
			return true
		})
		if p.dropped {
			return
		}
	}
	for _, m := range p.members[known:] {
		if !first {
			m.Kinds = Missing // of the objects before
		}
		t.add(m, n.Get(m.key))
	}
}
