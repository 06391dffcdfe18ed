package cmd

import (
	"os"
	"path/filepath"

	"asof/replay/workspace"
)

// hostFiles writes the files of questions to the paths on the command line.
type hostFiles struct{ *app }

var _ workspace.Files = hostFiles{}

// Create opens a new file.
func (a hostFiles) Create(name string) (workspace.NewFile, error) {
	return a.Rewrite(name, nil)
}

// Rewrite opens a new file, or one that may be replaced.
func (a hostFiles) Rewrite(name string, ours func(head []byte) bool) (workspace.NewFile, error) {
	f, err := a.create(output{name: name, ours: ours})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Folder returns the path of a folder, or an error if an input lies in one of its entries.
func (a hostFiles) Folder(name string, entries ...string) (string, error) {
	return a.path(name), a.notInputs(name, entries...)
}

// Replace returns the path of a file, or an error if the file can't be written. The
// question itself checks an existing file when it reads it.
func (a hostFiles) Replace(option, name string) (string, error) {
	if err := a.mayWrite(output{name: name, ours: func([]byte) bool { return true }}); err != nil {
		return "", err
	}
	path := a.path(name)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() || name == "-" {
		return "", usagef("name a regular file", "%s %s is not a regular file", option, name)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return "", usagef("name a file in a folder that exists", "%s %s: %v", option, name, bareError(err))
	}
	return path, nil
}
