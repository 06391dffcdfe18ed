package jsonfile

import (
	"slices"
	"strings"
)

// streamNumber returns the number of the stream that an event says it is of.
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

// nameStreams gives the streams their ids: what their events say, or SCOPE/THAT where
// streams of two scopes say the same (of histories, THAT/SCOPE). A name that two streams would have in that way,
// too, is escaped.
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

// escaped is a name that no other stream has: its last slash is between the two, and
// only that of a stream without a scope ends with one.
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

// sortStreams puts the streams in order of their ids.
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
