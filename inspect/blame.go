package inspect

import (
	"cmp"
	"context"
	"strings"

	"asof/inspect/past"
	"asof/replay"
	"asof/replay/state"
)

// How says how a value was set.
type How string

// The kinds of How.
const (
	HowSet     How = "set"     // an event set this path
	HowSubtree How = "subtree" // an event set a container around it
	HowInit    How = "init"    // it is part of the state before the first event
	HowBefore  How = "before"  // it was set before the range
)

// An Origin is the event that set a value, or the reason there is none.
type Origin struct {
	Moment replay.Moment
	Event  *replay.Event // without payload and metadata; nil if there is none

	none How // HowInit or HowBefore: the reason there is no event
}

// Before reports whether the value was set before a range.
func (o *Origin) Before() bool { return o.none == HowBefore }

func originOf(m replay.Moment, e *replay.Event) *Origin {
	bare := *e
	bare.Data, bare.Meta.Raw = nil, nil
	return &Origin{Moment: m, Event: bare.Clone()}
}

// Blamed is the state at a moment with the event that last set each path of it.
type Blamed struct {
	From, Moment replay.Moment // start of the range; values set up to it are not told apart
	Projection   string
	Path         string      // the path of the question, and a prefix of all paths
	Label        string      // with keys of array elements, if it has any
	State        state.Value // the value at Path
	Account      replay.Account

	keys []string // array keys
	root *mark
	by   *Origin // of the whole state, if root has none
	up   int     // number of containers above root that by set; 0: root itself
}

// A PathBlame is the event that last set one path.
type PathBlame struct {
	Path    string
	Value   state.Value
	How     How
	Subtree string  // for HowSubtree: the path of the container that was set
	By      *Origin // its Event is nil for HowInit and HowBefore
}

// Blame returns the event that last set each path at or below path, at the end of the
// interval. A key in path names the element that has it at the end. A path that does
// not exist there is a [state.PathError].
func Blame(ctx context.Context, s replay.Subject, i replay.Interval, path string) (*Blamed, error) {
	b := &Blamed{From: i.From, Moment: i.To, Projection: s.Fold.Reducer.Name(), keys: s.Fold.ArrayKeys}
	s = s.Counting()
	if kept := (&past.Past{Subject: s, Events: true}); readsBack(ctx, kept, i.To) {
		k := backing{s: s, from: i.From}
		return b, k.blame(ctx, kept, b, path)
	}
	p := blaming{s: s, from: i.From}
	err := p.run(ctx, i.To, nil)
	if err == nil {
		b.Account, err = s.Account(ctx)
	}
	if err == nil {
		err = b.find(p.root, path)
	}
	if err != nil {
		return nil, err
	}
	at := spotAt(p.root, p.marks.root, b.Path)
	b.by, b.up = at.by, at.up
	b.root = &mark{in: at.in}
	return b, nil
}

// find looks for the path of the question in the state.
func (b *Blamed) find(root state.Value, path string) error {
	p, err := state.ParsePath(path)
	if err == nil {
		b.Path, err = p.Find(root)
	}
	if err != nil {
		return err
	}
	v, err := state.Lookup(root, b.Path)
	if err != nil {
		return err
	}
	b.Label = state.NewLabeler(root, state.DiffOptions{ArrayKeys: b.keys}).LabelOf(b.Path)
	b.State = state.Clone(v)
	return nil
}

// spotAt descends from the root to a pointer that exists.
func spotAt(root state.Value, m *mark, pointer string) Spot {
	at := Spot{Value: root}.with(m)
	tokens, _ := state.ParsePointer(pointer)
	for _, t := range tokens {
		at = at.part(t)
	}
	return at
}

// Labels returns a function that returns the label of a path at or below Path, or "".
func (b *Blamed) Labels() func(path string) string {
	l := state.NewLabeler(b.State, state.DiffOptions{ArrayKeys: b.keys})
	return func(path string) string {
		rest := path[len(b.Path):]
		label := l.LabelOf(rest)
		switch {
		case label == "" && b.Label == "":
			return ""
		case label == "":
			label = rest
		}
		return cmp.Or(b.Label, b.Path) + label
	}
}

// Root returns the place at Path.
func (b *Blamed) Root() Spot {
	s := Spot{Value: b.State, by: b.by, up: b.up}
	if b.root != nil {
		s.in = b.root.in
	}
	return s
}

// Each calls f with every scalar and every empty container of the state, in tree order,
// until f returns false.
func (b *Blamed) Each(f func(PathBlame) bool) {
	if b.State.IsAbsent() {
		return
	}
	root := b.Root()
	subtree := b.Path
	for range root.up {
		subtree = subtree[:strings.LastIndexByte(subtree, '/')]
	}
	root.each([]byte(b.Path), len(subtree), f)
}

// A Spot is a place in a blamed state.
type Spot struct {
	Value state.Value
	in    *inside
	by    *Origin // what set it, or a container around it
	up    int     // number of containers up to the one that was set; 0: the value itself
}

// By returns what set the value. For a container, later changes inside do not count.
func (s Spot) By() *Origin { return s.by }

// Last returns what last changed the value or anything inside it.
func (s Spot) Last() *Origin {
	if s.in != nil && s.in.last != nil {
		return s.in.last
	}
	return s.by
}

// How returns how By set the value.
func (s Spot) How() How {
	switch {
	case s.by == nil:
		return HowInit
	case s.by.none != "":
		return s.by.none
	case s.up > 0:
		return HowSubtree
	}
	return HowSet
}

// Elem returns the place of an array element.
func (s Spot) Elem(i int) Spot {
	return Spot{Value: s.Value.Node().At(i), by: s.by, up: s.up + 1}.with(s.in.elem(i))
}

// Member returns the place of an object member.
func (s Spot) Member(key string) Spot {
	return Spot{Value: s.Value.Node().Get(key), by: s.by, up: s.up + 1}.with(s.in.member(key))
}

func (s Spot) with(m *mark) Spot {
	if m == nil {
		return s
	}
	if s.in = m.in; m.by != nil {
		s.by, s.up = m.by, 0
	}
	return s
}

// part returns the place a pointer token leads to.
func (s Spot) part(token string) Spot {
	if s.Value.Kind() != state.Array {
		return s.Member(token)
	}
	i, _ := elemIndex(token)
	return s.Elem(i)
}

// leaf returns the blame of a place without parts. An empty container is blamed on the
// event that removed its last part.
func (s Spot) leaf(path string, subtree int) PathBlame {
	b := PathBlame{Path: path, Value: s.Value, How: s.How(), By: s.by}
	if last := s.Last(); last != s.by {
		b.By, b.How = last, HowSet
		if last.none != "" {
			b.How = last.none
		}
	}
	if b.How == HowSubtree {
		b.Subtree = path[:subtree]
	}
	return b
}

// each walks the leaves; subtree is the length of the path of the container that was
// set.
func (s Spot) each(path []byte, subtree int, f func(PathBlame) bool) bool {
	if s.up == 0 {
		subtree = len(path)
	}
	n := s.Value.Node()
	if n == nil || n.Len() == 0 {
		return f(s.leaf(string(path), subtree))
	}
	for i := range n.Elems() {
		if !s.Elem(i).each(state.AppendIndex(path, i), subtree, f) {
			return false
		}
	}
	more := true
	n.Each(func(key string, _ state.Value) bool {
		more = s.Member(key).each(state.AppendToken(path, key), subtree, f)
		return more
	})
	return more
}

// blaming is one pass over the events that marks the state.
type blaming struct {
	s     replay.Subject
	from  replay.Moment
	marks marks
	root  state.Value // updated by each event
	tally replay.Tally

	labeled bool // changes have labels
	labels  *state.Labeler
}

// run folds up to a moment. After each event of the range it calls see, unless nil,
// with each change and whether the change moved elements.
func (p *blaming) run(ctx context.Context, to replay.Moment, see func(c *state.Change, by *Origin, moved bool)) error {
	before := &Origin{none: HowBefore}
	o := replay.FoldOptions{Changes: true, Init: func(v state.Value) {
		p.root = v
		p.marks.root = newMark(&Origin{none: HowInit}, state.Clone(v))
		if p.labeled {
			p.labels = state.NewLabeler(state.Clone(v), state.DiffOptions{ArrayKeys: p.s.Fold.ArrayKeys})
		}
	}}
	for step, err := range p.s.Steps(ctx, to, o) {
		if err != nil {
			return err
		}
		p.tally.Count(step)
		p.root = step.Root
		if len(step.Changes) == 0 {
			continue
		}
		if p.labels != nil {
			if err := p.labels.Label(step.Changes); err != nil {
				return err
			}
		}
		by, in := before, p.from.IsStart() || p.s.Timeline.Version(step.Event) > p.from.Version()
		if in {
			by = originOf(p.s.Timeline.Moment(step.Event), step.Event)
		}
		for i := range step.Changes {
			c := &step.Changes[i]
			elem, err := p.marks.apply(c, by)
			if err != nil {
				return err
			}
			if in && see != nil {
				see(c, by, elem)
			}
		}
	}
	return p.tally.Readable()
}

// elemIndex parses a token as an element index, which has only one spelling.
func elemIndex(token string) (int, bool) {
	if token == "" || len(token) > 1 && token[0] == '0' || len(token) > 10 {
		return 0, false
	}
	i := 0
	for _, c := range []byte(token) {
		if c < '0' || c > '9' {
			return 0, false
		}
		i = 10*i + int(c-'0')
	}
	return i, true
}
