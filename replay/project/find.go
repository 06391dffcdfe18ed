package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is the name of a project file.
const FileName = "asof.toml"

// Find returns the path of the nearest asof.toml in dir or the folders above it. It
// stops below the folder ceiling, unless ceiling is empty; dir itself is always
// searched.
func Find(dir, ceiling string) (path string, ok bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	bound, _ := os.Stat(ceiling) //nolint:errcheck // a missing folder sets no bound
	for {
		path = filepath.Join(dir, FileName)
		// A dangling link counts as found: reading it reports the error.
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

// Distrust returns why an asof.toml that was found, and not named by the user, may
// be somebody else's. Anybody who can write to it or to its folder decides what is
// read and run. It returns nil if only the user or the system can.
func Distrust(path string) error {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	if why := othersMayWrite(folder); why != "" {
		return errors.New("its folder " + why)
	}
	for _, stat := range []func(string) (fs.FileInfo, error){os.Lstat, os.Stat} { // the link and its target
		info, err := stat(path)
		if err != nil {
			return nil //nolint:nilerr // Load reports it
		}
		if why := othersMayWrite(info); why != "" {
			return errors.New("it " + why)
		}
	}
	return nil
}

// mayQuote reports whether an error may quote the file: only a regular file of its
// folder's owner. A link may point to a file that others must not see.
func mayQuote(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	folder, err := os.Stat(filepath.Dir(path))
	return err == nil && sameOwner(info, folder)
}

// hidden returns an error without the lines it quotes.
func hidden(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{
		Path: e.Path, Line: e.Line, Col: e.Col, Msg: "it is not a valid project file",
		Next: "its lines are not shown: it is a link, or its owner is not the owner of its folder",
	}
}
