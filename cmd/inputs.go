package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"asof/replay/place"
	"asof/replay/workspace"
)

// notInput returns an error if an output path leads to an input of the run.
func (a *app) notInput(name string) error {
	return a.noneOf(a.work().Inputs(), name)
}

// noneOf returns an error if name is one of some inputs.
func (a *app) noneOf(inputs []workspace.Input, name string) error {
	for _, in := range inputs {
		if samePlace(a.path(name), in.Path) {
			return usagef("name another file", "%s is %s, which asof only reads", name, in.What)
		}
	}
	return nil
}

// notInputs returns an error if an input of the run lies in one of the entries of an
// output folder.
func (a *app) notInputs(name string, entries ...string) error {
	if err := a.notInput(name); err != nil {
		return err
	}
	folder, err := os.Stat(a.path(name))
	if err != nil {
		return nil //nolint:nilerr // an unreadable or missing folder holds no input
	}
	for _, in := range a.work().Inputs() {
		path, err := place.Real(in.Path)
		if err != nil { // perhaps a missing file, such as the -wal of a store
			if path, err = filepath.Abs(in.Path); err != nil {
				continue
			}
		}
		for up := filepath.Dir(path); up != path; path, up = up, filepath.Dir(up) {
			at, err := os.Stat(up)
			if err == nil && os.SameFile(at, folder) && slices.Contains(entries, filepath.Base(path)) {
				return usagef("name another folder", "%s in %s is %s, which asof only reads", filepath.Base(path), name, in.What)
			}
		}
	}
	return nil
}

// samePlace reports whether two paths lead to the same file. Missing files are the same
// if they have the same name in the same folder.
func samePlace(a, b string) bool {
	ia, errA := os.Stat(a)
	ib, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(ia, ib)
	}
	if !strings.EqualFold(filepath.Base(a), filepath.Base(b)) {
		return false
	}
	ia, errA = os.Stat(filepath.Dir(a))
	ib, errB = os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(ia, ib)
}
