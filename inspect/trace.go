package inspect

import (
	"cmp"
	"context"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/fault"
)

// Traced is what caused an event, and what it caused.
type Traced struct {
	Asked *Caused   // the event of the question
	Root  *Caused   // the first known cause; Asked itself if there is none
	Other []*Caused // same correlation, but no known common cause
}

// Caused is an event with the events it directly caused, in order.
type Caused struct {
	Event  *replay.Event // without payload and metadata
	Asked  bool
	Caused []*Caused

	// Missing is the id of the cause if the store has no such event, usually because it
	// is a command. Looped says the event is among its own causes.
	Missing string
	Looped  bool

	parent *Caused
	state  uint8 // of the search for loops
}

// Count returns the number of events it caused, directly or not.
func (c *Caused) Count() int {
	n := len(c.Caused)
	for _, k := range c.Caused {
		n += k.Count()
	}
	return n
}

// Causes returns the event's causes, the direct one first.
func (c *Caused) Causes() []*Caused {
	var all []*Caused
	for p := c.parent; p != nil; p = p.parent {
		all = append(all, p)
	}
	return all
}

// EventAt reads the event of a moment, without its payload. It is a copy and stays
// valid.
func EventAt(ctx context.Context, t *replay.Timeline, m replay.Moment) (*replay.Event, error) {
	missing := &replay.NotFoundError{Kind: "event", Name: m.Label(), In: t.Name, Next: fault.Try("name an event, such as head")}
	if m.IsStart() {
		return nil, missing
	}
	for e, err := range t.List(ctx, replay.Listing{Span: replay.Between(m.Version(), m.Version()), Limit: 1, Skip: replay.FieldData}) {
		if err != nil {
			return nil, err
		}
		return e.Clone(), nil
	}
	return nil, missing
}

// Trace returns what caused an event, back to the first cause, and everything that
// cause led to, across streams, with the rest of its correlation. It reads the
// envelopes of the store, and holds those in the answer.
func Trace(ctx context.Context, r replay.Reader, asked *replay.Event) (*Traced, error) {
	return trace(&tracing{ctx: ctx, r: r}, asked)
}

func trace(t *tracing, asked *replay.Event) (*Traced, error) {
	if err := t.supported(); err != nil {
		return nil, err
	}
	t.correlation, t.seed = plainID(asked.Meta.Correlation), maphash.MakeSeed()
	t.events = t.read
	if t.links != nil {
		t.named = t.links.named
		all, err := t.candidates(asked)
		if err != nil {
			return nil, err
		}
		if all != nil {
			t.events = func(replay.Query) iter.Seq2[*replay.Event, error] { return listed(all) }
		}
	}
	t.causes = map[string]bool{}
	t.byID = map[string]*Caused{}
	t.have = map[place]bool{}
	t.skipped = map[uint64]struct{}{}
	first := t.take(asked)
	first.Asked = true
	if c := plainID(asked.Meta.Causation); c != "" {
		t.causes[c] = true // its other effects are part of the answer
	}
	t.named = t.named || names(asked)
	for again := true; again; {
		if err := t.pass(); err != nil {
			return nil, err
		}
		up, err := t.ascend(first)
		if err != nil {
			return nil, err
		}
		again = t.again || up
	}
	if !t.named {
		return nil, t.unnamed()
	}
	return t.answer(first), nil
}

// listed yields events.
func listed(all []*replay.Event) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

type place struct {
	stream  replay.StreamID
	version replay.Version
}

// tracing collects the events of an answer.
type tracing struct {
	ctx         context.Context
	r           replay.Reader
	correlation string
	links       *Links // of the store; nil: all of it is read

	events func(replay.Query) iter.Seq2[*replay.Event, error] // that may be in the answer

	all     []*Caused
	byID    map[string]*Caused
	have    map[place]bool
	causes  map[string]bool // ids whose effects are all part of the answer
	missing map[string]bool // ids no event has
	named   bool            // some event names a cause or a correlation

	// If an event comes before its cause, one pass is not enough. Skipped causes are
	// remembered as hashes: a collision costs one more pass.
	seed    maphash.Seed
	skipped map[uint64]struct{}
	again   bool
}

func (t *tracing) supported() error {
	info := t.r.Info()
	lacks := func(what string) bool { return !info.Has(what) }
	switch {
	case lacks("ids"):
		return &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "ids", Next: fault.Try("causes are found by the ids of events")}
	case lacks("causation ids") && lacks("correlation ids"):
		return t.unnamed()
	}
	return nil
}

func (t *tracing) unnamed() error {
	return &replay.UnsupportedError{
		Dialect: t.r.Info().Dialect, Lacks: "causation ids",
		Next: fault.Try(`if the metadata holds them, say where in asof.toml: [metadata] causation = "/…", correlation = "/…"`),
	}
}

// names reports whether an event names a cause or a correlation.
func names(e *replay.Event) bool { return e.Meta.Causation != "" || e.Meta.Correlation != "" }

// read reads the envelopes of the store.
func (t *tracing) read(q replay.Query) iter.Seq2[*replay.Event, error] {
	q.Skip = replay.FieldData
	if !t.r.Info().Has("positions") {
		q.Order = replay.ByStream
	}
	return t.r.Events(t.ctx, q)
}

// take adds an event to the answer.
func (t *tracing) take(e *replay.Event) *Caused {
	c := &Caused{Event: originOf(replay.Moment{}, e).Event}
	t.all = append(t.all, c)
	t.have[place{e.Stream, e.Version}] = true
	if id := plainID(e.ID); id != "" {
		if t.byID[id] == nil {
			t.byID[id] = c
		}
		t.causes[id] = true
		if _, ok := t.skipped[maphash.String(t.seed, id)]; ok {
			t.again = true
		}
	}
	return c
}

// pass reads the store and adds the events related to the answer.
func (t *tracing) pass() error {
	t.again = false
	clear(t.skipped)
	for e, err := range t.events(replay.Query{}) {
		if err != nil {
			return err
		}
		t.named = t.named || names(e)
		if t.have[place{e.Stream, e.Version}] {
			continue
		}
		cause := plainID(e.Meta.Causation)
		switch {
		case cause != "" && t.causes[cause], t.correlation != "" && plainID(e.Meta.Correlation) == t.correlation:
			t.take(e)
		case cause != "":
			t.skipped[maphash.String(t.seed, cause)] = struct{}{}
		}
	}
	return nil
}

// ascend adds missing causes of events in the answer, and reports whether there were
// any.
func (t *tracing) ascend(c *Caused) (found bool, err error) {
	seen := map[*Caused]bool{}
	for c != nil && !seen[c] {
		seen[c] = true
		id := plainID(c.Event.Meta.Causation)
		if id == "" || id == plainID(c.Event.ID) {
			return found, nil
		}
		if t.byID[id] == nil && !t.missing[id] {
			if err := t.find(c.Event.Meta.Causation); err != nil {
				return found, err
			}
			found = found || t.byID[id] != nil
		}
		c = t.byID[id]
	}
	return found, nil
}

// find adds the event with an id, if there is one.
func (t *tracing) find(id string) error {
	for e, err := range t.events(replay.Query{IDPrefix: id}) {
		if err != nil {
			return err
		}
		if plainID(e.ID) == plainID(id) {
			t.take(e)
			return nil
		}
	}
	if t.missing == nil {
		t.missing = map[string]bool{}
	}
	t.missing[plainID(id)] = true
	return nil
}

func (t *tracing) answer(asked *Caused) *Traced {
	slices.SortStableFunc(t.all, func(a, b *Caused) int {
		x, y := a.Event, b.Event
		return cmp.Or(cmp.Compare(x.Position, y.Position), x.Time.Compare(y.Time),
			cmp.Compare(x.Stream, y.Stream), cmp.Compare(x.Version, y.Version))
	})
	for _, c := range t.all {
		id := plainID(c.Event.Meta.Causation)
		if id == "" || id == plainID(c.Event.ID) {
			continue
		}
		if c.parent = t.byID[id]; c.parent == nil {
			c.Missing = c.Event.Meta.Causation
		}
	}
	out := &Traced{Asked: asked}
	for _, c := range t.all {
		c.unloop()
	}
	for _, c := range t.all {
		if c.parent != nil {
			c.parent.Caused = append(c.parent.Caused, c)
		}
	}
	out.Root = asked
	for out.Root.parent != nil {
		out.Root = out.Root.parent
	}
	for _, c := range t.all {
		if c.parent == nil && c != out.Root {
			out.Other = append(out.Other, c)
		}
	}
	return out
}

// unloop cuts the loop in the causes of an event, if there is one.
func (c *Caused) unloop() {
	const walking, done = 1, 2
	var way []*Caused
	at := c
	for ; at != nil && at.state == 0; at = at.parent {
		at.state = walking
		way = append(way, at)
	}
	if at != nil && at.state == walking {
		at.parent, at.Looped = nil, true
	}
	for _, w := range way {
		w.state = done
	}
}

// plainID returns an id in comparable form: a UUID without dashes and in lower case,
// because cause and effect may be written by programs that spell it differently.
func plainID(id string) string {
	hex := strings.ToLower(strings.ReplaceAll(id, "-", ""))
	if len(hex) != 32 || strings.Trim(hex, "0123456789abcdef") != "" {
		return id
	}
	return hex
}
