// Package scratch keeps what does not fit in memory in temporary files.
package scratch

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"asof/replay/fault"
)

// A File is a temporary file that is written and then read. On Unix it has no name from
// the start, so that nothing is left of a process that is killed.
type File struct {
	f    *os.File
	w    *bufio.Writer
	path string // to remove; empty: already removed
}

// An Error means a temporary file cannot be used.
type Error struct{ Err error }

func (e *Error) Error() string { return fmt.Sprintf("cannot keep a temporary file: %v", e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Class returns the class: the folder for temporary files is unusable.
func (e *Error) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindCantWrite].
func (*Error) Fault() fault.Kind { return fault.KindCantWrite }

// Remedy returns what to do next.
func (e *Error) Remedy() fault.Remedy {
	return fault.Try("name a folder with room in TMPDIR")
}

// New creates a file.
func New() (*File, error) {
	f, err := os.CreateTemp("", "asof-rows-*")
	if err != nil {
		return nil, &Error{err}
	}
	s := &File{f: f, path: f.Name(), w: bufio.NewWriterSize(f, 1<<16)}
	if os.Remove(s.path) == nil { // the file exists as long as it is open
		s.path = ""
	}
	return s, nil
}

// Close removes the file.
func (s *File) Close() {
	_ = s.f.Close()
	if s.path != "" {
		_ = os.Remove(s.path)
	}
}

// Write implements [io.Writer].
func (s *File) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = &Error{err}
	}
	return n, err
}

// Reader reads all that was written.
func (s *File) Reader() (*bufio.Reader, error) {
	err := s.w.Flush()
	if err == nil {
		_, err = s.f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, &Error{err}
	}
	return bufio.NewReaderSize(s.f, 1<<16), nil
}
