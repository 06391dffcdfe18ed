package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"asof/inspect/bisect"
	"asof/replay/files"
)

// sessionPath returns the file of the last search, in the user's state folder. It is
// empty if the user has none.
func (a *app) sessionPath() string {
	if dir := a.Env("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "asof", "bisect.log")
	}
	if home := a.Env("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "asof", "bisect.log")
	}
	return ""
}

// A sessionFile saves the last search.
type sessionFile struct {
	app    *app
	failed bool // a failure to save was reported
}

// save writes a search to the file. A failure is noted and doesn't end the search.
func (f *sessionFile) save(r *bisect.Record) {
	path := f.app.sessionPath()
	if path == "" {
		return
	}
	err := func() error {
		text, err := r.Text()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return f.app.writeFile(output{name: path, mode: 0o600, ours: bisect.IsRecord}, text)
	}()
	if err != nil && !f.failed {
		f.failed = true
		f.app.note("session", "the search is not saved: "+err.Error())
	}
}

// maxSession limits the size of a session file, in bytes.
const maxSession = 16 << 20

// readRecord parses the record of a search.
func readRecord(name string, text []byte) (*bisect.Record, error) {
	r, err := bisect.ReadRecord(text)
	if err != nil {
		return nil, usagef("asof bisect log > FILE writes one", "%s:%v", name, err)
	}
	return r, nil
}

// forgetSession removes the saved search, if there is one.
func (a *app) forgetSession() (forgotten bool, err error) {
	path := a.sessionPath()
	if path == "" {
		return false, nil
	}
	err = os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// lastSession returns the saved search, or nil.
func (a *app) lastSession() (*bisect.Record, []byte, error) {
	path := a.sessionPath()
	if path == "" {
		return nil, nil, nil
	}
	text, err := files.Regular(path, maxSession)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := readRecord(path, text)
	return r, text, err
}
