package store

import "strings"

// A context is one of several applications, tenants or partitions that share a
// store, and whose streams may have the same ids. Where none is chosen, streams
// are shown as CONTEXT/ID.

// namedInContexts makes the layout show streams as CONTEXT/ID and find them by
// that. The condition for one of them is written by match, from both parts.
func (l *layout) namedInContexts(contexts []string, match func(arg func(any) string, context, id string) (string, bool)) {
	// The name of a context may be that of another with a slash and more behind it:
	// eu/berlin/s is then of eu or of eu/berlin. The condition asks for either, and
	// for as many of them for every stream.
	most := 0
	for _, c := range contexts {
		most = max(most, len(readings(contexts, c+"/")))
	}
	l.matchStream = func(arg func(any) string, stream string) (string, bool) {
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
