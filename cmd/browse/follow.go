package browse

import (
	"strings"

	"asof/replay/state"
)

// follow keeps the chosen path on its array element, whose index may be another one in
// this state. Once the keys of the element are known, they name it.
func (s *streamScreen) follow(known bool) {
	switch {
	case s.name != s.focus:
		s.focus = placeOf(s.shown.state, s.name)
	case known:
		s.choose(s.focus)
	}
}

// placeOf is where a path with keys leads in a state, as a JSON pointer. If it leads
// nowhere, that is the nearest place above it.
func placeOf(root state.Value, name string) string {
	for ; name != ""; name = name[:max(strings.LastIndexAny(name, "/["), 0)] {
		path, err := state.ParsePath(name)
		if err != nil {
			continue
		}
		pointer, err := path.Find(root)
		if err != nil {
			continue
		}
		if _, err := state.Lookup(root, pointer); err == nil {
			return pointer
		}
	}
	return ""
}
