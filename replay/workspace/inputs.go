package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"asof/replay/place"
	"asof/replay/project"
)

// An Input is a file that a question reads, and that output must not overwrite.
type Input struct{ Path, What string }

// Inputs lists the files read so far.
func (c *common) Inputs() []Input {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.inputs)
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
func (c *common) reads(path, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if in := (Input{path, what}); !slices.Contains(c.inputs, in) {
		c.inputs = append(c.inputs, in)
	}
}

// readsStore records a store and the files that SQLite keeps next to it.
func (c *common) readsStore(at place.Location) {
	if at.Kind() != place.KindPath {
		return
	}
	paths := []string{at.String()}
	if real, err := filepath.EvalSymlinks(at.String()); err == nil {
		paths = append(paths, real)
	}
	for _, path := range paths {
		c.reads(path, "the store")
		for _, suffix := range []string{"-wal", "-shm", "-journal"} {
			c.reads(path+suffix, "a part of the store")
		}
	}
}

// readsProject records an asof.toml and the stores and keys that it names.
func (c *common) readsProject(p *project.Project) {
	c.reads(p.Path, "the project file")
	for _, s := range p.Stores {
		c.hide(s.Location)
		c.readsStore(s.Location)
		if s.KeyFile != "" {
			c.reads(s.KeyFile, "a key")
		}
	}
}
