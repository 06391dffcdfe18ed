package jsonfile

import (
	"slices"
	"strings"
)

// streamNumber returns the number of the stream that the event names.
func (x *indexer) streamNumber(e *event) uint32 {
	x.key = append(append(append(x.key[:0], e.scope...), 0), e.stream...)
	n, ok := x.streamOf[string(x.key)]
	if !ok {
		n = uint32(len(x.streams))
		id := string(e.stream)
		x.streamOf[string(x.key)] = n
		x.streams = append(x.streams, stream{id: id, category: x.sharedCategory(e.category), own: id, scope: string(e.scope)})
	}
	return n
}

// nameStreams assigns the stream ids: the name in the events, or SCOPE/NAME where two
// scopes use the same name (NAME/SCOPE for histories). A name that is then still
// ambiguous is escaped.
func (x *indexer) nameStreams() {
	if !slices.ContainsFunc(x.streams, func(s stream) bool { return s.scope != "" }) {
		return
	}
	for _, name := range []func(*stream) string{
		func(s *stream) string { return s.own },
		(*stream).scoped,
		(*stream).escaped,
	} {
		ids := make(map[string]bool, len(x.streams))
		for i := range x.streams {
			s := &x.streams[i]
			s.id = name(s)
			ids[s.id] = true
		}
		if len(ids) == len(x.streams) {
			return
		}
		x.scoped = true
	}
}

func (s *stream) scoped() string {
	switch {
	case s.scope == "":
		return s.own
	case s.historic:
		return s.own + "/" + s.scope
	}
	return s.scope + "/" + s.own
}

// escaped returns a unique name: its last slash separates scope and name, and only
// a stream without a scope ends with one.
func (s *stream) escaped() string {
	inner := strings.NewReplacer("%", "%25", "/", "%2F")
	switch {
	case s.scope == "":
		return s.own + "/"
	case s.historic:
		return s.own + "/" + inner.Replace(s.scope)
	}
	return s.scope + "/" + inner.Replace(s.own)
}

// sortStreams sorts the streams by id.
func (x *indexer) sortStreams() {
	order := make([]uint32, len(x.streams))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return strings.Compare(x.streams[a].id, x.streams[b].id)
	})
	sorted, renumber := make([]stream, len(order)), make([]uint32, len(order))
	for to, from := range order {
		sorted[to], renumber[from] = x.streams[from], uint32(to)
	}
	x.streams = sorted
	for i := range x.recs {
		x.recs[i].stream = renumber[x.recs[i].stream]
	}
}
