package state

// Touched returns what one of the changes of an event did to the places that a path with
// keys names, given the state after the event: the change itself if it is at the path or
// below it, or the part of it that is at the path. Elements are named by the key that
// they have at the event, whatever their index. A change of the key itself counts.
func (p Path) Touched(after Value, c *Change) []Change {
	tokens, err := ParsePointer(c.Path)
	if err != nil {
		return nil
	}
	v, steps := after, p.steps
	for i, t := range tokens {
		if len(steps) > 0 && steps[0].keys > 0 && steps[0].token == "" && v.kind == Array {
			steps = steps[1:]
		}
		if len(steps) == 0 {
			return []Change{*c}
		}
		s := &steps[0]
		switch {
		case s.key == nil && s.keys > 0 && v.kind == Object && t == s.whole:
			steps = steps[1+s.keys:]
		case s.key == nil:
			if t != s.token || s.keys > 0 && v.kind == Object && !v.n.Get(s.whole).IsAbsent() {
				return nil // another member, or a member that is called items[id=1]
			}
			steps = steps[1:]
		case v.kind != Array:
			return nil
		case i == len(tokens)-1:
			return s.key.parts(v.n, c, steps[1:])
		default:
			if i == len(tokens)-2 && tokens[i+1] == s.key.name && (s.key.fit(c.From) > 0 || s.key.fit(c.To) > 0) {
				return []Change{*c}
			}
			if elem, _ := step(v, t); !s.key.names(v.n, elem) {
				return nil
			}
			steps = steps[1:]
		}
		v, _ = step(v, t)
	}
	return parts(c, c.From, c.To, steps)
}

// names reports whether the key names an object as an element of arr.
func (k key) names(arr *Node, v Value) bool {
	if v.kind != Object {
		return false
	}
	switch k.fit(v.n.Get(k.name)) {
	case 2:
		return true
	case 1:
		found := k.find(arr)
		return len(found) == 0 || k.fit(arr.elems[found[0]].n.Get(k.name)) == 1
	}
	return false
}

// parts returns what the change of an element did to what the rest of a path leads to.
func (k key) parts(arr *Node, c *Change, rest []pathStep) []Change {
	from, to := c.From, c.To
	if !k.names(arr, from) {
		from = Value{}
	}
	if !k.names(arr, to) {
		to = Value{}
	}
	return parts(c, from, to, rest)
}

func parts(c *Change, from, to Value, rest []pathStep) []Change {
	was, is := placesIn(from, rest), placesIn(to, rest)
	if len(was) == 1 && len(is) == 1 {
		if Equal(was[0].v, is[0].v) {
			return nil
		}
		return []Change{{Op: OpReplace, Path: c.Path + string(is[0].path), From: was[0].v, To: is[0].v}}
	}
	var out []Change
	for _, s := range was {
		out = append(out, Change{Op: OpRemove, Path: c.Path + string(s.path), From: s.v})
	}
	for _, s := range is {
		out = append(out, Change{Op: OpAdd, Path: c.Path + string(s.path), To: s.v})
	}
	return out
}

// placesIn returns the values that steps lead to.
func placesIn(v Value, steps []pathStep) []spot {
	if v.IsAbsent() {
		return nil
	}
	f := finder{path: Path{steps: steps}}
	f.walk(spot{v: v}, 0)
	var out []spot
	for _, pointer := range f.found {
		if at, err := Lookup(v, pointer); err == nil {
			out = append(out, spot{at, []byte(pointer)})
		}
	}
	return out
}
