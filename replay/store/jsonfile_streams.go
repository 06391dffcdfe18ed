package store

import (
	"slices"
	"strings"
)

// nameStreams gives the streams their ids: what their events say, or SCOPE/THAT where
// streams of two scopes say the same. A name that two streams would have in that way,
// too, is escaped.
func (x *indexer) nameStreams() {
	if !slices.ContainsFunc(x.streams, func(s jsonStream) bool { return s.scope != "" }) {
		return
	}
	for _, name := range []func(*jsonStream) string{
		func(s *jsonStream) string { return s.own },
		(*jsonStream).scoped,
		(*jsonStream).escaped,
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

func (s *jsonStream) scoped() string {
	if s.scope == "" {
		return s.own
	}
	return s.scope + "/" + s.own
}

// escaped is a name that no other stream has: the last slash ends the scope, and only
// a stream without one ends with a slash.
func (s *jsonStream) escaped() string {
	if s.scope == "" {
		return s.own + "/"
	}
	return s.scope + "/" + strings.NewReplacer("%", "%25", "/", "%2F").Replace(s.own)
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
	sorted, place := make([]jsonStream, len(order)), make([]uint32, len(order))
	for to, from := range order {
		sorted[to], place[from] = x.streams[from], uint32(to)
	}
	x.streams = sorted
	for i := range x.recs {
		x.recs[i].stream = place[x.recs[i].stream]
	}
}
