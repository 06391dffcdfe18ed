package workspace

import "io"

// Files is where questions put the files that the user named. Its methods refuse to
// replace what a question reads or what is not asof's.
type Files interface {
	// Create begins a file. The name - is the front end's own output.
	Create(name string) (NewFile, error)

	// Folder returns the path of a folder that a question makes, or in which it
	// writes entries of these names.
	Folder(name string, entries ...string) (path string, err error)

	// Replace returns the path of a file that a question makes or replaces. option is
	// what errors call it.
	Replace(option, name string) (path string, err error)
}

// A NewFile is a file that is being written.
type NewFile interface {
	io.Writer

	// Keep ends the file, which has its name from then on.
	Keep() error

	// Discard removes the file, unless it was kept. It reports false if what was
	// written is already on its way to a reader, as with a pipe.
	Discard() bool
}

// Files returns where the host puts files, or a UsageError if it writes none.
func (w *Workspace) Files() (Files, error) {
	if w.host.Files == nil {
		return nil, Usagef("ask the command line", "no files are written from here")
	}
	return w.host.Files, nil
}

// Getenv returns a variable of the host's environment.
func (w *Workspace) Getenv(name string) string { return w.host.Getenv(name) }

// Release is the release of the program.
func (w *Workspace) Release() string { return w.options.Release }
