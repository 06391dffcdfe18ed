package cmd

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"asof/replay/files"
	"asof/replay/place"
	"asof/replay/project"
)

// An input is a file that a run reads, and so never writes.
type input struct{ path, what string }

// reads notes a file that is read.
func (a *app) reads(path, what string) { a.inputs = append(a.inputs, input{path, what}) }

// readsStore notes a store, with the files that SQLite keeps beside it.
func (a *app) readsStore(at place.Location) {
	if at.Kind() != place.KindPath {
		return
	}
	paths := []string{at.String()}
	if real, err := filepath.EvalSymlinks(at.String()); err == nil {
		paths = append(paths, real)
	}
	for _, path := range paths {
		a.reads(path, "the store")
		for _, suffix := range []string{"-wal", "-shm", "-journal"} {
			a.reads(path+suffix, "a part of the store")
		}
	}
}

// readsProject notes an asof.toml with the stores and keys that it names.
func (a *app) readsProject(p *project.Project) {
	a.reads(p.Path, "the project file")
	for _, s := range p.Stores {
		a.hide(s.Location)
		a.readsStore(s.Location)
		if s.KeyFile != "" {
			a.reads(s.KeyFile, "a key")
		}
	}
}

// small reads a small file that the user named.
func (a *app) small(name, what string, limit int64) ([]byte, error) {
	path := a.path(name)
	a.reads(path, what)
	ctx := a.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	return files.Small(ctx, path, limit)
}

// notInput refuses a path to be written that leads to a file that is read.
func (a *app) notInput(name string) error {
	for _, in := range a.inputs {
		if samePlace(a.path(name), in.path) {
			return usagef("name another file", "%s is %s, which asof only reads", name, in.what)
		}
	}
	return nil
}

// notInputs refuses a folder to be written where an input lies in one of its
// entries.
func (a *app) notInputs(name string, entries ...string) error {
	if err := a.notInput(name); err != nil {
		return err
	}
	folder, err := os.Stat(a.path(name))
	if err != nil {
		return nil //nolint:nilerr // nothing is in it
	}
	for _, in := range a.inputs {
		path, err := filepath.Abs(in.path)
		if err != nil {
			continue
		}
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		for up := filepath.Dir(path); up != path; path, up = up, filepath.Dir(up) {
			at, err := os.Stat(up)
			if err == nil && os.SameFile(at, folder) && slices.Contains(entries, filepath.Base(path)) {
				return usagef("name another folder", "%s in %s is %s, which asof only reads", filepath.Base(path), name, in.what)
			}
		}
	}
	return nil
}

// samePlace reports whether two paths lead to the same file, or would if there
// were one: they have the same name in the same folder.
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
