package workspace

import "io"

// Files creates the files that the user named. Its methods refuse to replace an input
// or a file that asof did not write. [fault.ClassOf] gives the class of their errors:
// those of the operating system need no class of their own, a refusal does.
type Files interface {
	// Create creates a file. The name - is the front end's own output.
	Create(name string) (NewFile, error)

	// Rewrite creates a file, or replaces one of which ours says, by its first bytes,
	// that it may be replaced. The name - is the front end's own output.
	Rewrite(name string, ours func(head []byte) bool) (NewFile, error)

	// Folder returns the path of a folder that a question creates, or in which it
	// writes the given entries.
	Folder(name string, entries ...string) (path string, err error)

	// Replace returns the path of a file that a question creates or replaces. Errors
	// call it option.
	Replace(option, name string) (path string, err error)
}

// A NewFile is a file that is being written.
type NewFile interface {
	io.Writer

	// Keep finishes the file and gives it its name.
	Keep() error

	// Discard removes the file, unless it was kept. It reports false if the data has
	// already been sent to a reader, as with a pipe.
	Discard() bool
}

// Files returns the host's Files, or a [UsageError] if the host writes none.
func (w *Workspace) Files() (Files, error) {
	if w.host.Files == nil {
		return nil, Usagef("ask the command line", "no files are written from here")
	}
	return w.host.Files, nil
}

// Getenv returns a variable of the host's environment.
func (w *Workspace) Getenv(name string) string { return w.host.Getenv(name) }

// Release returns the release of the program.
func (w *Workspace) Release() string { return w.options.Release }
