package audit

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"asof/replay"
	"asof/replay/state"
)

const (
	wholeDepth = 32  // a deeper container is one field
	wholePath  = 512 // a container with a longer path, in bytes, is one field
)

// An envelope holds the parts of an event other than its payload and metadata. A
// missing part is empty.
type envelope struct {
	id, typ, category, revision, time, actor, correlation, causation string
}

func envelopeOf(e *replay.Event) envelope {
	v := envelope{
		id: valid(e.ID), typ: valid(e.Type), category: valid(e.Category),
		actor: valid(e.Meta.Actor), correlation: valid(e.Meta.Correlation), causation: valid(e.Meta.Causation),
	}
	if e.Revision != 0 {
		v.revision = strconv.Itoa(e.Revision)
	}
	if !e.Time.IsZero() {
		v.time = e.Time.UTC().Format(time.RFC3339Nano)
	}
	return v
}

// A content holds everything that the fields of an event are made of.
type content struct {
	envelope
	meta, data state.Value // Absent if there is none
}

// A slot is one part of an envelope.
type slot struct {
	path string
	at   func(*envelope) *string
	num  bool
}

var slots = []slot{
	{"/id", func(v *envelope) *string { return &v.id }, false},
	{"/type", func(v *envelope) *string { return &v.typ }, false},
	{"/category", func(v *envelope) *string { return &v.category }, false},
	{"/revision", func(v *envelope) *string { return &v.revision }, true},
	{"/time", func(v *envelope) *string { return &v.time }, false},
	{"/actor", func(v *envelope) *string { return &v.actor }, false},
	{"/correlation_id", func(v *envelope) *string { return &v.correlation }, false},
	{"/causation_id", func(v *envelope) *string { return &v.causation }, false},
}

// A walker visits the fields of an event. The path, its tokens and the value are
// valid until the next field.
type walker struct {
	path   []byte
	tokens []string
	keys   []member
	visit  func(path []byte, tokens []string, v state.Value, whole bool) error
}

type member struct {
	key string
	val state.Value
}

// each visits all fields, in the order of the commitments.
func (w *walker) each(c *content) error {
	for _, s := range slots {
		text := *s.at(&c.envelope)
		if text == "" {
			continue
		}
		v := state.StringValue(text)
		if s.num {
			v = state.NumberValue(text)
		}
		w.path, w.tokens = append(w.path[:0], s.path...), append(w.tokens[:0], s.path[1:])
		if err := w.visit(w.path, w.tokens, v, false); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name string
		v    state.Value
	}{{"metadata", c.meta}, {"data", c.data}} {
		if part.v.IsAbsent() {
			continue
		}
		w.path, w.tokens = state.AppendToken(w.path[:0], part.name), append(w.tokens[:0], part.name)
		if err := w.walk(part.v); err != nil {
			return err
		}
	}
	return nil
}

// isWhole reports whether a container is one field because of its depth or the
// length of its path. This bounds the cost of hostile payloads.
func isWhole(depth, path int) bool { return depth > wholeDepth || path > wholePath }

func (w *walker) walk(v state.Value) error {
	n := v.Node()
	if n == nil || n.Len() == 0 {
		return w.visit(w.path, w.tokens, v, false)
	}
	if isWhole(len(w.tokens), len(w.path)) {
		return w.visit(w.path, w.tokens, v, true)
	}
	path, depth := len(w.path), len(w.tokens)
	if v.Kind() == state.Array {
		for i, e := range n.Elems() {
			w.path = state.AppendIndex(w.path[:path], i)
			w.tokens = append(w.tokens[:depth], strconv.Itoa(i))
			if err := w.walk(e); err != nil {
				return err
			}
		}
	} else {
		from := len(w.keys)
		w.keys = sortedMembers(w.keys, n)
		for i := from; i < from+n.Len(); i++ {
			m := w.keys[i]
			w.path = state.AppendToken(w.path[:path], m.key)
			w.tokens = append(w.tokens[:depth], m.key)
			if err := w.walk(m.val); err != nil {
				return err
			}
		}
		clear(w.keys[from:])
		w.keys = w.keys[:from]
	}
	w.path, w.tokens = w.path[:path], w.tokens[:depth]
	return nil
}

// sortedMembers appends the members of an object, sorted by key.
func sortedMembers(to []member, n *state.Node) []member {
	from := len(to)
	n.Each(func(k string, v state.Value) bool {
		to = append(to, member{k, v})
		return true
	})
	slices.SortFunc(to[from:], func(a, b member) int { return cmp.Compare(a.key, b.key) })
	return to
}
