package cmd

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"asof/inspect/bisect"
	"asof/replay/files"
)

// sessionPath is where the last search is kept, in the user's own folder. It is
// empty where there is none.
func (a *app) sessionPath() string {
	if dir := a.Env("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "asof", "bisect.log")
	}
	if home := a.Env("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "asof", "bisect.log")
	}
	return ""
}

// A sessionFile keeps the last search.
type sessionFile struct {
	app    *app
	failed bool // it was said that the search cannot be kept
}

// save writes a search down. That it cannot be written is no reason to end it.
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

// maxSession bounds the file of a search, in bytes.
const maxSession = 16 << 20

// readRecord reads the record of a search.
func readRecord(name string, text []byte) (*bisect.Record, error) {
	r, err := bisect.ReadRecord(text)
	if err != nil {
		return nil, usagef("asof bisect log > FILE writes one", "%s:%v", name, err)
	}
	return r, nil
}

// lastSession returns the search that was kept, or nil.
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
