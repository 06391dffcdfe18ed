package ask

import (
	"asof/replay/state"
	"asof/replay/workspace"
)

// checkPath rejects an invalid path.
func checkPath(path string) error {
	if _, err := state.ParsePath(path); err != nil {
		return workspace.Usagef("write a path such as /items/0/qty or /items[sku=a]/qty", "%v", err)
	}
	return nil
}

// pathOf parses a path that was checked.
func pathOf(text string) state.Path {
	p, _ := state.ParsePath(text)
	return p
}

// notePath notes how an ambiguous path was read.
func notePath(w *workspace.Workspace, path string) {
	if p, err := state.ParsePath(path); err == nil && !p.Sure {
		w.Note(NoticeRead, path+" is read as "+p.String())
	}
}

// NoticeRead is the code of notices about how an argument was read.
const NoticeRead = "read_as"
