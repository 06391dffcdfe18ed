package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is the name of the file that describes a project: its stores,
// projections and invariants.
const FileName = "asof.toml"

// Find looks for an asof.toml in dir and in the folders above it, and
// returns the path of the nearest. Above dir it does not look into the folder
// ceiling, nor higher; an empty one is no bound.
func Find(dir, ceiling string) (path string, ok bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	bound, _ := os.Stat(ceiling) //nolint:errcheck // one that is not there bounds nothing
	for {
		path = filepath.Join(dir, FileName)
		// A link that leads nowhere is found too: that is for who reads it to say.
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			return path, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		if info, err := os.Stat(up); err == nil && bound != nil && os.SameFile(info, bound) {
			return "", false
		}
		dir = up
	}
}

// Distrust says why an asof.toml that was only found, and not named, may be
// somebody else's: who may write to it or to its folder decides what is read and
// run. It is nil where that is the user alone, or the system's own.
func Distrust(path string) error {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if why := othersMayWrite(folder); why != "" {
		return errors.New("its folder " + why)
	}
	for _, stat := range []func(string) (fs.FileInfo, error){os.Lstat, os.Stat} { // a link, and what it leads to
		info, err := stat(path)
		if err != nil {
			return nil //nolint:nilerr // Load says it better
		}
		if why := othersMayWrite(info); why != "" {
			return errors.New("it " + why)
		}
	}
	return nil
}

// mayQuote reports whether an error may quote a file: it is a regular one of its
// folder's owner. A link may lead to what the user reads and others must not see.
func mayQuote(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	folder, err := os.Stat(filepath.Dir(path))
	return err == nil && sameOwner(info, folder)
}

// hidden is an error without what it quotes.
func hidden(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{
		Path: e.Path, Line: e.Line, Col: e.Col, Msg: "it is no project file that can be read",
		Next: "its lines are not shown, as it is a link or of another owner than its folder",
	}
}
