package scaffold

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// Limits of a survey.
const (
	lookAt     = 200  // payloads of each type and revision that are inspected first
	lookEvery  = 61   // then one in this many
	lookMost   = 1000 // payloads of each type and revision
	sampleMost = 4096 // maximum size of a sample payload, in bytes

	maxCategories = 40
	maxTypes      = 200 // of a category
)

// A Survey describes the contents of a store, as far as a fold needs it.
type Survey struct {
	Events     int64
	Looked     int64 // inspected payloads
	Unread     int64 // of these, those that can't be read
	Categories []*Category
	LeftOut    int64 // events of categories beyond the limit
}

// A Category is the streams of one kind.
type Category struct {
	Name    string // empty: the streams have none
	Events  int64
	Types   []*Type         // by name
	More    int64           // events of types beyond the limit
	Example replay.StreamID // a stream with many types

	kinds map[string]*Type
	first map[replay.StreamID][]*Type // types of the first streams
}

// A Type is the events of one type.
type Type struct {
	Name      string
	Events    int64
	Revisions []*Revision // ascending

	shape   shape // of all revisions
	repeats bool  // happens twice in a stream
	later   bool  // happens in a stream that already has events
	plain   bool  // its fields are only copied, see [Draft.Simplify]
	bare    bool  // it is only counted
	gone    bool  // the row that the stream is was deleted
	rows    bool  // it is a version of a row
}

// A Revision is the events of one type and schema revision.
type Revision struct {
	Number int // 0: the store has no revisions
	Events int64

	looked int
	sample string // a payload as JSON
	where  string // the event of the sample
	unread string // why no payload could be read; empty: one could
}

// Look reads every event of a store once. It calls progress with the number of events
// read since.
func Look(ctx context.Context, r replay.Reader, progress func(int64)) (*Survey, error) {
	s := &Survey{}
	q := replay.Query{Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta}
	if !r.Info().Has("positions") {
		q.Order = replay.ByStream
	}
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		s.add(e)
		progress(1)
	}
	for _, c := range s.Categories {
		c.settle()
	}
	slices.SortFunc(s.Categories, func(a, b *Category) int {
		if (a.Name == "") != (b.Name == "") { // the pattern of those without a category matches the rest
			return strings.Compare(b.Name, a.Name)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return s, nil
}

func (s *Survey) add(e *replay.Event) {
	s.Events++
	i := slices.IndexFunc(s.Categories, func(c *Category) bool { return c.Name == e.Category })
	if i < 0 {
		if len(s.Categories) == maxCategories {
			s.LeftOut++
			return
		}
		i = len(s.Categories)
		s.Categories = append(s.Categories, &Category{
			Name: strings.Clone(e.Category), kinds: map[string]*Type{}, first: map[replay.StreamID][]*Type{},
		})
	}
	if s.Categories[i].add(e) {
		s.Looked++
		if e.Opaque != "" {
			s.Unread++
		}
	}
}

func (c *Category) add(e *replay.Event) (looked bool) {
	c.Events++
	t := c.kinds[e.Type]
	if t == nil {
		if len(c.kinds) == maxTypes {
			c.More++
			return false
		}
		t = &Type{Name: strings.Clone(e.Type)}
		c.kinds[t.Name] = t
	}
	c.note(e.Stream, t)
	return t.add(e)
}

// note records the types of the first streams.
func (c *Category) note(id replay.StreamID, t *Type) {
	const streams = 100
	types, known := c.first[id]
	t.later = t.later || known
	switch {
	case slices.Contains(types, t):
		t.repeats = true
	case known:
		c.first[id] = append(types, t)
	case len(c.first) < streams:
		c.first[replay.StreamID(strings.Clone(string(id)))] = []*Type{t}
	}
}

func (t *Type) add(e *replay.Event) (looked bool) {
	t.Events++
	if e.Row != replay.NoRow { // columns are set, whatever they are called
		t.rows, t.plain, t.gone = true, true, e.Row == replay.RowGone
	}
	r := t.revision(e.Revision)
	r.Events++
	if r.looked >= lookAt && (r.Events%lookEvery != 0 || r.looked >= lookMost) {
		return false
	}
	r.looked++
	body, err := e.Body()
	if err != nil {
		if r.sample == "" {
			r.unread = e.Opaque
		}
		return true
	}
	t.shape.add(body, string(e.Stream))
	if text := state.AppendJSON(nil, body); r.better(len(text)) {
		r.sample, r.where, r.unread = string(text), string(e.Stream)+"@"+strconv.FormatInt(int64(e.Version), 10), ""
	}
	return true
}

// better reports whether a payload of that length is a better sample: a longer one has
// more fields, but one far longer is cut.
func (r *Revision) better(length int) bool {
	return r.sample == "" || length > 2*len(r.sample) && length <= sampleMost
}

func (t *Type) revision(number int) *Revision {
	i, ok := slices.BinarySearchFunc(t.Revisions, number, func(r *Revision, n int) int { return r.Number - n })
	if !ok {
		t.Revisions = slices.Insert(t.Revisions, i, &Revision{Number: number})
	}
	return t.Revisions[i]
}

func (c *Category) settle() {
	for _, t := range c.kinds {
		c.Types = append(c.Types, t)
	}
	slices.SortFunc(c.Types, func(a, b *Type) int { return strings.Compare(a.Name, b.Name) })
	most := 0
	for id, types := range c.first {
		n := len(types)
		if n > most || n == most && id < c.Example {
			c.Example, most = id, n
		}
	}
}
