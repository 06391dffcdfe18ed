package wire

import (
	"iter"

	"asof/inspect"
)

// Blamed is a state with the event that set each path.
type Blamed struct {
	Account    Account     `json:"account"`
	From       *Moment     `json:"from"` // null unless the question was about a range
	Last       *EventHead  `json:"last"` // the event that last changed anything at the path
	Moment     Moment      `json:"moment"`
	Path       string      `json:"path"`
	Label      string      `json:"label,omitempty"` // the path with keys of array elements
	Paths      []PathBlame `json:"paths"`
	Projection string      `json:"projection"`
	Next       [][]string  `json:"next,omitzero"` // commands to try, as arguments
}

// PathBlame is the event that set a path, and how it did. If from is init or before,
// event is null. If from is subtree, subtree is the path that was set as a whole.
type PathBlame struct {
	Path    string     `json:"path"`
	Label   string     `json:"label,omitempty"` // the path with keys of array elements
	Value   Value      `json:"value"`
	From    string     `json:"from"`
	Subtree *string    `json:"subtree"`
	Event   *EventHead `json:"event"`
}

// NewBlamed converts b, with all paths in memory.
func NewBlamed(b *inspect.Blamed) Blamed {
	all := blamedHead(b)
	all.Paths = []PathBlame{}
	label := b.Labels()
	b.Each(func(one inspect.PathBlame) bool {
		all.Paths = append(all.Paths, newPathBlame(one, label))
		return true
	})
	return all
}

// Blamed writes the same as [NewBlamed], path by path: they may not fit in memory. next are
// the commands to try.
func (w *Writer) Blamed(b *inspect.Blamed, next [][]string) error {
	head := blamedHead(b)
	head.Next = next
	return w.Object(&head).Array("paths", pathsOf(b)).End()
}

func pathsOf(b *inspect.Blamed) iter.Seq[any] {
	return func(yield func(any) bool) {
		label := b.Labels()
		b.Each(func(one inspect.PathBlame) bool {
			x := newPathBlame(one, label)
			return yield(&x)
		})
	}
}

func blamedHead(b *inspect.Blamed) Blamed {
	return Blamed{
		Account: NewAccount(b.Account), From: momentOf(b.From), Last: originOf(b.Root().Last()), Moment: NewMoment(b.Moment),
		Path: b.Path, Label: b.Label, Projection: b.Projection,
	}
}

func newPathBlame(one inspect.PathBlame, label func(string) string) PathBlame {
	all := PathBlame{Path: one.Path, Label: label(one.Path), Value: Value(one.Value), From: string(one.How), Event: originOf(one.By)}
	if one.How == inspect.HowSubtree {
		all.Subtree = &one.Subtree
	}
	return all
}

func originOf(o *inspect.Origin) *EventHead {
	if o == nil {
		return nil
	}
	return headOf(o.Event)
}

// Gone lists removed paths, the latest first.
type Gone struct {
	From       *Moment   `json:"from"`
	Moment     Moment    `json:"moment"`
	Projection string    `json:"projection"`
	Path       string    `json:"path"`
	Label      string    `json:"label,omitempty"` // the path as it was asked for, if that has keys
	Removed    []Removed `json:"removed"`
	Account    Account   `json:"account"`
}

// Removed is a removed path with its last value and the event that removed it.
type Removed struct {
	Path  string     `json:"path"`
	Label string     `json:"label,omitempty"` // the path with keys of array elements
	Value Value      `json:"value"`
	Event *EventHead `json:"event"`
}

// NewGone converts g.
func NewGone(g *inspect.Gone) Gone {
	all := Gone{
		From: momentOf(g.From), Moment: NewMoment(g.Moment), Projection: g.Projection, Path: g.Path, Label: g.Label,
		Removed: make([]Removed, len(g.Paths)), Account: NewAccount(g.Account),
	}
	for i, r := range g.Paths {
		all.Removed[i] = Removed{Path: r.Path, Label: r.Label, Value: Value(r.Value), Event: originOf(r.By)}
	}
	return all
}
