package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"asof/replay/place"
	"asof/replay/project"
)

// An Input is a file that a question reads, and that output must not overwrite.
type Input struct{ Path, What string }

// inputs lists the inputs of a question. It is safe for concurrent use.
type inputs struct {
	mu  sync.Mutex
	all []Input
}

// Inputs lists the files that the question has read so far. Without a question, see
// [Workspace.Begin], it lists none.
func (w *Workspace) Inputs() []Input {
	if w.question == nil {
		return nil
	}
	in := &w.question.inputs
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.all)
}

// OpenFile opens a file of any size that the user named, and notes it as an input.
// The name - is the host's standard input.
func (w *Workspace) OpenFile(name, what string) (io.ReadCloser, error) {
	if name == "-" && w.host.Stdin != nil {
		return io.NopCloser(w.host.Stdin), nil
	}
	w.reads(w.Path(name), what)
	f, err := os.Open(w.Path(name))
	if err != nil {
		var failed *fs.PathError
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// reads records a file as an input.
func (w *Workspace) reads(path, what string) {
	if w.question == nil {
		return
	}
	in := &w.question.inputs
	in.mu.Lock()
	defer in.mu.Unlock()
	if one := (Input{path, what}); !slices.Contains(in.all, one) {
		in.all = append(in.all, one)
	}
}

// readsStore records a store and the files that SQLite keeps next to it.
func (w *Workspace) readsStore(at place.Location) {
	if at.Kind() != place.KindPath {
		return
	}
	paths := []string{at.String()}
	if real, err := filepath.EvalSymlinks(at.String()); err == nil {
		paths = append(paths, real)
	}
	for _, path := range paths {
		w.reads(path, "the store")
		for _, suffix := range []string{"-wal", "-shm", "-journal"} {
			w.reads(path+suffix, "a part of the store")
		}
	}
}

// readsProject records an asof.toml and the stores and keys that it names.
func (w *Workspace) readsProject(p *project.Project) {
	w.reads(p.Path, "the project file")
	for _, s := range p.Stores {
		w.hide(s.Location)
		w.readsStore(s.Location)
		if s.KeyFile != "" {
			w.reads(s.KeyFile, "a key")
		}
	}
}
