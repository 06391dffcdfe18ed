package inspect

import (
	"cmp"
	"context"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// How is the way in which a value came to be set.
type How string

// The ways.
const (
	HowSet     How = "set"     // an event set this very path
	HowSubtree How = "subtree" // an event put in a container that holds it
	HowInit    How = "init"    // it is of the state before the first event
	HowBefore  How = "before"  // it was set before the range that was asked about
)

// An Origin is who set a value: an event, or what stands for none.
type Origin struct {
	Moment replay.Moment
	Event  *replay.Event // without payload and metadata; nil where there is none

	none How // HowInit or HowBefore: why there is no event
}

// Before reports whether it stands for what was set before a range.
func (o *Origin) Before() bool { return o.none == HowBefore }

func originOf(m replay.Moment, e *replay.Event) *Origin {
	bare := *e
	bare.Data, bare.Meta.Raw = nil, nil
	return &Origin{Moment: m, Event: bare.Clone()}
}

// Blamed is the state at a moment and, for every path of it, the event that last
// set it.
type Blamed struct {
	From, Moment replay.Moment // what was set up to From is not told apart; the start for no range
	Projection   string
	Path         string      // that was asked about, and that paths begin with
	Label        string      // the same with keys of array elements, if it has any
	State        state.Value // what is there
	Account      replay.Account

	keys []string // of arrays
	root *mark
	by   *Origin // of the whole, where root has none
	up   int     // how many containers above root by set it; 0: root itself
}

// A PathBlame is who last set one path.
type PathBlame struct {
	Path    string
	Value   state.Value
	How     How
	Subtree string  // the path of the container that was put in, for HowSubtree
	By      *Origin // its Event is nil for HowInit and HowBefore
}

// Blame answers which event last set each path at or below path, at the end of
// the interval. A key in path names an element by what it has at the end. A path that
// isn't there is a [state.PathError].
func Blame(ctx context.Context, s replay.Subject, i replay.Interval, path string) (*Blamed, error) {
	b := &Blamed{From: i.From, Moment: i.To, Projection: s.Fold.Reducer.Name(), keys: s.Fold.ArrayKeys}
	s = s.Counting()
	p := blaming{s: s, from: i.From}
	err := p.run(ctx, i.To, nil)
	if err == nil {
		b.Account, err = s.Account(ctx)
	}
	if err != nil {
		return nil, err
	}
	return b, b.narrow(p.root, p.marks.root, path)
}

// narrow goes down to the path that was asked about.
func (b *Blamed) narrow(root state.Value, m *mark, path string) error {
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
	tokens, _ := state.ParsePointer(b.Path) // Lookup has read it
	at := Spot{Value: root}.with(m)
	for _, t := range tokens {
		at = at.part(t)
	}
	b.State = state.Clone(v)
	b.by, b.up = at.by, at.up
	b.root = &mark{in: at.in}
	return nil
}

// Labels returns a function that gives the label of a path at or below the one that was
// asked about, or "".
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

// Root is the place at the path that was asked about.
func (b *Blamed) Root() Spot {
	s := Spot{Value: b.State, by: b.by, up: b.up}
	if b.root != nil {
		s.in = b.root.in
	}
	return s
}

// Each calls f with every scalar and every empty container of the state, in the
// order of the tree, until f returns false.
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

// A Spot is a place in a state that was blamed.
type Spot struct {
	Value state.Value
	in    *inside
	by    *Origin // who set it, or the container that it came with
	up    int     // how many containers up that is; 0: it was set itself
}

// By is who set the value: a container as a whole, before what was changed in it
// since.
func (s Spot) By() *Origin { return s.by }

// Last is who last changed the value or anything in it.
func (s Spot) Last() *Origin {
	if s.in != nil && s.in.last != nil {
		return s.in.last
	}
	return s.by
}

// How is the way in which By set the value.
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

// Elem is the place of an element of an array.
func (s Spot) Elem(i int) Spot {
	return Spot{Value: s.Value.Node().At(i), by: s.by, up: s.up + 1}.with(s.in.elem(i))
}

// Member is the place of a member of an object.
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

// part is the place that a token of a pointer leads to.
func (s Spot) part(token string) Spot {
	if s.Value.Kind() != state.Array {
		return s.Member(token)
	}
	i, _ := elemIndex(token)
	return s.Elem(i)
}

// leaf is the blame of a place that has no parts. An empty container is that of
// whoever took out what was in it.
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

// each goes through the leaves; subtree is the length of the path of the
// container that came whole.
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

// blaming is one pass over the events, which leaves marks on the state.
type blaming struct {
	s     replay.Subject
	from  replay.Moment
	marks marks
	root  state.Value // live
	tally replay.Tally

	labeled bool // changes have labels
	labels  *state.Labeler
}

// run folds up to a moment. After each event of the range, see is called, when
// it is not nil, with each change and whether elements were moved by it.
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

// elemIndex reads a token as the index of an element, which has one spelling.
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
