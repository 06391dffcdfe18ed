package inspect

import (
	"context"

	"asof/inspect/past"
	"asof/replay"
	"asof/replay/state"
)

// A backing is a blame that reads the history backwards, from kept states. The result is
// that of [blaming]; it costs what lies between the end and the earliest event looked for.
type backing struct {
	s        replay.Subject
	from     replay.Moment
	before   *Origin // of what was set up to from
	root     *sought
	left     int // origins not found yet
	by       *Origin
	up       int // see [Blamed]
	question *sought
}

// A sought is a value whose origin is looked for, or a container around one.
type sought struct {
	mark  *mark // gets the origin; nil: the place is above the path of the question
	last  bool  // what last changed anything inside is looked for, too
	array bool
	elems []*sought // nil: nothing is looked for there
	parts map[string]*sought
}

// readsBack reports whether it pays to read the history backwards: most of it lies before a
// kept state.
func readsBack(ctx context.Context, p *past.Past, to replay.Moment) bool {
	begins, ok := p.Begin(ctx, to)
	return ok && begins > to.Version()/2
}

// blame fills in a blame whose range is set.
func (k *backing) blame(ctx context.Context, p *past.Past, b *Blamed, path string) error {
	root, err := p.Read(ctx, b.Moment)
	if err != nil {
		return err
	}
	if b.Account, err = k.s.Account(ctx); err != nil {
		return err
	}
	if err := b.find(root, path); err != nil {
		return err
	}
	k.before = &Origin{none: HowBefore}
	tokens, err := state.ParsePointer(b.Path)
	if err != nil {
		return err
	}
	k.root = k.around(root, tokens)
	k.by, k.up = &Origin{none: HowInit}, len(tokens)
	b.root = k.question.mark
	if err := p.Back(ctx, b.Moment.Version(), k); err != nil {
		return err
	}
	b.by, b.up = k.by, k.up
	return nil
}

// around returns the place of a value, of which only the part that tokens lead to is looked
// for.
func (k *backing) around(v state.Value, tokens []string) *sought {
	if len(tokens) == 0 {
		k.question = k.place(v)
		return k.question
	}
	p := &sought{array: v.Kind() == state.Array}
	kid := k.around(state.Within(v, tokens[:1]), tokens[1:])
	if !p.array {
		p.parts = map[string]*sought{tokens[0]: kid}
		return p
	}
	p.elems = make([]*sought, v.Node().Len())
	if i, ok := elemIndex(tokens[0]); ok {
		p.elems[i] = kid
	}
	return p
}

// place returns the place of a value and of all in it.
func (k *backing) place(v state.Value) *sought {
	p := &sought{mark: &mark{}}
	k.left++
	if !v.IsContainer() {
		return p
	}
	k.left++
	n := v.Node()
	p.last, p.array = true, v.Kind() == state.Array
	p.mark.in = &inside{array: p.array}
	if p.array {
		p.elems, p.mark.in.elems = make([]*sought, n.Len()), make([]*mark, n.Len())
		for i, e := range n.Elems() {
			p.elems[i] = k.place(e)
			p.mark.in.elems[i] = p.elems[i].mark
		}
		return p
	}
	p.parts = make(map[string]*sought, n.Len())
	n.Each(func(key string, e state.Value) bool {
		p.parts[key] = k.place(e)
		p.mark.in.put(key, p.parts[key].mark)
		return true
	})
	return p
}

// Open reports whether an origin is looked for.
func (k *backing) Open() bool { return k.left > 0 }

// mostMay is the most places that are compared with what some events touched; beyond it, the
// events are read.
const mostMay = 20_000

// May reports whether events that touched these paths may have set a place.
func (k *backing) May(touched *state.Touched) bool {
	left := mostMay
	return k.root.may(touched.Root(), &left)
}

func (p *sought) may(at state.TouchedAt, left *int) bool {
	if p == nil {
		return false
	}
	if *left--; *left < 0 || at.Set() {
		return true
	}
	if !at.Below() {
		return false
	}
	if p.last {
		return true
	}
	for i, kid := range p.elems {
		if kid != nil && kid.may(at.Elem(i), left) {
			return true
		}
	}
	for key, kid := range p.parts {
		if kid.may(at.Part(key), left) {
			return true
		}
	}
	return false
}

// See takes the changes of an event back.
func (k *backing) See(v replay.Version, e *replay.Event, changes []state.Change) {
	by := k.before
	if k.from.IsStart() || v > k.from.Version() {
		by = &Origin{Moment: k.s.Timeline.Moment(e), Event: e}
	}
	for i := len(changes) - 1; i >= 0 && k.root != nil; i-- {
		k.back(&changes[i], by)
	}
}

func (k *backing) back(c *state.Change, by *Origin) {
	tokens, err := state.ParsePointer(c.Path)
	if err != nil {
		return
	}
	if len(tokens) == 0 {
		k.set(k.root, by, 0)
		k.root = nil
		return
	}
	at := k.root
	for i, token := range tokens {
		if at == nil {
			return
		}
		if at.last {
			at.last, at.mark.in.last = false, by
			k.left--
		}
		if i == len(tokens)-1 {
			k.part(at, c.Op, token, by)
			return
		}
		at = at.part(token)
	}
}

// part returns the place of a part, or nil.
func (p *sought) part(token string) *sought {
	if !p.array {
		return p.parts[token]
	}
	if i, ok := elemIndex(token); ok && i < len(p.elems) {
		return p.elems[i]
	}
	return nil
}

// part takes back what a change did to a part of a place.
func (k *backing) part(p *sought, op state.Op, token string, by *Origin) {
	if op != state.OpRemove {
		k.set(p.part(token), by, 0)
	}
	if !p.array {
		delete(p.parts, token) // what was there before is another value
		return
	}
	i, ok := elemIndex(token)
	switch {
	case !ok || i > len(p.elems) || i == len(p.elems) && op != state.OpRemove:
	case op == state.OpRemove:
		p.elems = append(p.elems, nil)
		copy(p.elems[i+1:], p.elems[i:])
		p.elems[i] = nil
	case op == state.OpAdd:
		p.elems = append(p.elems[:i], p.elems[i+1:]...)
	default:
		p.elems[i] = nil
	}
}

// set notes that an event set a place, with the container up to which there are up others.
func (k *backing) set(p *sought, by *Origin, up int) {
	if p == nil {
		return
	}
	if p == k.question {
		k.by, k.up = by, up
	}
	if p.mark != nil {
		k.left--
		if up == 0 {
			p.mark.by = by
		}
		if p.last {
			p.last = false
			k.left--
		}
	}
	for _, kid := range p.elems {
		k.set(kid, by, up+1)
	}
	for _, kid := range p.parts {
		k.set(kid, by, up+1)
	}
}
