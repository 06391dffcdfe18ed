package table

import (
	"strings"

	"asof/replay/store/source"
)

// A context is one of several applications, tenants or partitions that share a
// store, and whose streams may have the same ids. Where none is chosen, streams
// are shown as CONTEXT/ID.

// NamedInContexts makes the layout show streams as CONTEXT/ID and find them by
// that. The condition for one of them is written by match, from both parts.
func (l *Layout) NamedInContexts(contexts []string, match func(arg func(any) string, context, id string) (string, bool)) {
	// The name of a context may be that of another with a slash and more behind it:
	// eu/berlin/s is then of eu or of eu/berlin. The condition asks for either, and
	// for as many of them for every stream.
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

// A reading is what the name of a stream may mean.
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

// KeepsSnapshots says that the application saves states, counted by SQL.
func (l *Layout) KeepsSnapshots(count string) {
	l.Snapshots = count
	l.LeftOut = append(l.LeftOut, Omission{What: SnapshotsUnused, Count: count})
}

// WithoutOrder is for contexts that number their events each by itself: a
// position then orders the events of one of them only.
func (l *Layout) WithoutOrder() {
	l.Cols[source.Position] = ""
	l.Recognised += "; each numbers its events from 1: choose one as the context to have positions"
}

// Prefixed names streams CONTEXT/ID; the context is a column's.
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

// SnapshotsUnused is what is said of states that the application saved.
const SnapshotsUnused = "snapshots, which are never used as a base"
