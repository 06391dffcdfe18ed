package ask

import (
	"asof/replay/state"
	"asof/replay/workspace"
)

// checkPath refuses what is no path.
func checkPath(path string) error {
	if _, err := state.ParsePath(path); err != nil {
		return workspace.Usagef("write a path such as /items/0/qty or /items[sku=a]/qty", "%v", err)
	}
	return nil
}

// pathOf is a path that was checked.
func pathOf(text string) state.Path {
	p, _ := state.ParsePath(text)
	return p
}

// notePath notes how a path was read that could mean something else.
func notePath(w *workspace.Workspace, path string) {
	if p, err := state.ParsePath(path); err == nil && !p.Sure {
		w.Note(NoticeRead, path+" is read as "+p.String())
	}
}

// NoticeRead is the code of the notices that say how something was read.
const NoticeRead = "read_as"
