package ask

import (
	"asof/replay/state"
	"asof/replay/workspace"
)

// checkPath refuses what is no path.
func checkPath(path string) error {
	if _, err := state.ParsePath(path); err != nil {
		return workspace.Usagef("write a path such as /items/0/qty", "%v", err)
	}
	return nil
}

// pointer is a path that was checked as a JSON pointer.
func pointer(path string) string {
	p, _ := state.ParsePath(path)
	return p.Pointer
}

// notePath notes how a path was read that could mean something else.
func notePath(w *workspace.Workspace, path string) {
	if p, err := state.ParsePath(path); err == nil && !p.Sure {
		w.Note(NoticeRead, path+" is read as "+p.Pointer)
	}
}

// NoticeRead is the code of the notices that say how something was read.
const NoticeRead = "read_as"
