package table

import (
	"strings"

	"asof/replay/store/source"
)

// A context is one of several applications, tenants or partitions that share a store and
// may use the same stream ids. If none is chosen, streams are shown as CONTEXT/ID.

// NamedInContexts makes the layout show streams as CONTEXT/ID and look them up by that name.
// match returns the condition for a stream, given both parts.
func (l *Layout) NamedInContexts(contexts []string, match func(arg func(any) string, context, id string) (string, bool)) {
	// A context's name may extend another's by a slash: eu/berlin/s is stream berlin/s in
	// eu, or s in eu/berlin. The condition covers both, with the same number of
	// alternatives for every stream.
	most := 0
	for _, c := range contexts {
		most = max(most, len(readings(contexts, c+"/")))
	}
	l.MatchStream = func(arg func(any) string, stream string) (string, bool) {
		var either []string
		found := readings(contexts, stream)
		for i := 0; len(found) > 0 && i < most; i++ {
			r := found[min(i, len(found)-1)]
			if cond, ok := match(arg, r.context, r.id); ok {
				either = append(either, cond)
			}
		}
		if len(either) == 1 {
			return either[0], true
		}
		return "(" + strings.Join(either, " OR ") + ")", len(either) > 0
	}
	l.plainID = func(stream string) string {
		if found := readings(contexts, stream); len(found) > 0 {
			return found[len(found)-1].id
		}
		return stream
	}
}

// A reading is a possible meaning of a stream's name.
type reading struct{ context, id string }

func readings(contexts []string, stream string) []reading {
	var out []reading
	for _, c := range contexts {
		if id, ok := strings.CutPrefix(stream, c+"/"); ok {
			out = append(out, reading{c, id})
		}
	}
	return out
}

// KeepsSnapshots records that the application saves states, which the SQL counts.
func (l *Layout) KeepsSnapshots(count string) {
	l.Snapshots = count
	l.LeftOut = append(l.LeftOut, Unused(count))
}

// WithoutOrder is for contexts that each number their own events: a position then orders
// only events of one context.
func (l *Layout) WithoutOrder() {
	l.Cols[source.Position] = ""
	l.Recognised += "; each numbers its events from 1: choose one as the context to get positions"
}

// Prefixed names streams CONTEXT/ID, with the context from a column.
func (l *Layout) Prefixed(context string, contexts []string) {
	id := l.Cols[source.Stream]
	plain := Layout{StreamKey: l.StreamKey, StreamArg: l.StreamArg}
	l.Cols[source.Stream] = "(" + context + " || '/' || " + id + ")"
	if strings.Contains(id, ` COLLATE "C"`) {
		l.Cols[source.Stream] = "(" + l.Cols[source.Stream] + ` COLLATE "C")`
	}
	l.UUIDs[source.Stream] = ""
	l.StreamKey, l.StreamArg = "", nil
	l.NamedInContexts(contexts, func(arg func(any) string, c, id string) (string, bool) {
		v, ok := plain.StreamArg(id)
		if !ok {
			return "", false
		}
		return context + " = " + arg(c) + " AND " + plain.StreamKey + " = " + arg(v), true
	})
}

// Unused leaves out states that the application saved, which the SQL counts.
func Unused(count string) Omission {
	return Omission{What: "snapshots, which are never used as a base", One: "snapshot, which is never used as a base", Count: count}
}
