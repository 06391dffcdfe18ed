package quick

import (
	"slices"

	"asof/replay/state"
)

// inherited are the names that every object inherits.
var inherited = map[string]bool{
	"constructor": true, "hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true,
	"toLocaleString": true, "toString": true, "valueOf": true, "__proto__": true, "__defineGetter__": true,
	"__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
}

// Inherited reports whether every object inherits a member of that name.
func Inherited(name string) bool { return inherited[name] }

const length = "length"

// get reads a member by a literal key that is not inherited.
func (r *run) get(v val, key string) val {
	switch v.kind {
	case container:
		n := r.current(v.n)
		if n.Kind() == state.Object {
			return r.member(n, key)
		}
		if key == length {
			return ofNumber(float64(n.Len()))
		}
	case event:
		return r.field(key)
	case list:
		if key == length {
			return ofNumber(float64(r.length(v)))
		}
	case text:
		if key == length {
			return ofNumber(float64(r.units(v.s)))
		}
	case cut:
		return v
	}
	panic(giveUp)
}

// member reads a member of an object.
func (r *run) member(n *state.Node, key string) val {
	v := n.Get(key)
	if r.concealing {
		r.reveal(n, v)
	}
	return r.read(v, key, r.passing(n))
}

// memberNear is [run.member] for a place in the script, which remembers in at where the
// last object had the key.
func (r *run) memberNear(n *state.Node, key string, at *int) val {
	v := n.GetNear(key, at)
	if r.concealing {
		r.reveal(n, v)
	}
	switch v.Kind() {
	case state.Array, state.Object:
		return ofNode(v.Node())
	case state.String:
		return val{kind: text, s: v.Text(), passing: r.passing(n)}
	}
	return r.read(v, key, r.passing(n))
}

// passing reports whether the memory of strings in a container ends with the event.
func (r *run) passing(n *state.Node) bool { return r.st != nil && !r.st.Owns(n) }

// getBy reads a member by a computed key.
func (r *run) getBy(v, key val) val {
	v = r.now(v)
	switch v.kind {
	case container:
		if v.n.Kind() == state.Object {
			k := r.string(key)
			if m := r.member(v.n, k); m.kind != undefined || !inherited[k] {
				return m
			}
			break
		}
		if i, ok := index(key); ok {
			return r.elem(v, i)
		}
	case list:
		if i, ok := index(key); ok {
			return r.elem(v, i)
		}
	case text:
		if i, ok := index(key); ok {
			if x := r.letter(v, i); x.s != "" {
				return x
			}
			return val{}
		}
	case cut:
		return v
	}
	panic(giveUp)
}

// index returns a key as an array index.
func index(key val) (int, bool) {
	if key.kind != number || key.f < 0 || key.f >= 1<<31 {
		return 0, false
	}
	i := int(key.f)
	return i, float64(i) == key.f
}

// length returns the length of an array of the tree or of the script.
func (r *run) length(v val) int {
	switch v = r.now(v); {
	case v.kind == list:
		return len(v.l.elems)
	case v.kind == container && v.n.Kind() == state.Array:
		return v.n.Len()
	}
	panic(giveUp)
}

// elem reads an element of an array in its current form; undefined if there is none.
func (r *run) elem(v val, i int) val {
	if v.kind == list {
		if i < len(v.l.elems) {
			return v.l.elems[i]
		}
		return val{}
	}
	x := v.n.At(i)
	if r.concealing {
		r.reveal(v.n, x)
	}
	return r.read(x, "", r.passing(v.n))
}

// has is the operator in.
func (r *run) has(v, key val) val {
	v = r.now(v)
	if v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	k := r.string(key)
	found := !v.n.Get(k).IsAbsent()
	if !found && inherited[k] {
		panic(giveUp)
	}
	return ofBool(found)
}

// set writes a member.
func (r *run) set(v val, key string, passing bool, x val) {
	if v.kind != container {
		panic(giveUp)
	}
	n := r.owned(v.n)
	if n.Kind() != state.Object || key == "__proto__" {
		panic(giveUp)
	}
	w := r.write(x, key)
	if IsIndex(key) && len(r.fresh) > 0 && r.isNew(n) && n.Get(key).IsAbsent() {
		panic(giveUp) // the engine sorts such keys in a new object
	}
	key = r.keep(key, passing)
	n.Set(key, w)
	r.put(n, key, x)
}

// setBy writes a member by a computed key.
func (r *run) setBy(v, key, x val) {
	v = r.now(v)
	switch {
	case v.kind == container && v.n.Kind() == state.Object:
		r.set(v, r.string(key), key.passing, x)
		return
	case v.kind == list:
		if i, ok := index(key); ok && i < len(v.l.elems) {
			v.l.elems[i] = x
			return
		} else if ok && i == len(v.l.elems) {
			r.spend(4)
			v.l.elems = append(v.l.elems, x)
			return
		}
	case v.kind == container:
		n := r.owned(v.n)
		if i, ok := index(key); ok && i <= n.Len() {
			w := r.write(x, "")
			if i <= n.Len() {
				n.SetAt(i, w)
				r.put(n, "", x)
				return
			}
		}
	}
	panic(giveUp)
}

func (r *run) delete(v val, key string) {
	if v = r.now(v); v.kind != container || v.n.Kind() != state.Object {
		panic(giveUp)
	}
	r.owned(v.n).Delete(key)
}

// Keys returns the keys of an object in the language's order: array indexes
// ascending, then the others in insertion order.
func Keys(n *state.Node) []string {
	keys := make([]string, 0, n.Len())
	indexes := 0
	n.Each(func(key string, _ state.Value) bool {
		keys = append(keys, key)
		if IsIndex(key) {
			indexes++
		}
		return true
	})
	if indexes > 0 {
		slices.SortStableFunc(keys, compareKeys)
	}
	return keys
}

// compareKeys orders array indexes before other keys, and among themselves.
func compareKeys(a, b string) int {
	switch ia, ib := IsIndex(a), IsIndex(b); {
	case ia && ib:
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		if a < b {
			return -1
		}
		return 1
	case ia:
		return -1
	case ib:
		return 1
	}
	return 0
}

// IsIndex reports whether the key is an array index as in JavaScript: an integer
// below 2^32-1 in canonical form.
func IsIndex(key string) bool {
	if key == "" || len(key) > 10 || key[0] == '0' && len(key) > 1 {
		return false
	}
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return false
		}
	}
	return len(key) < 10 || key < "4294967295"
}
