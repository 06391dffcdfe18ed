package check

import (
	"fmt"
	"io"
	"math/bits"
	"os"

	"asof/replay/fault"
)

// A spillFile stores states in a temporary file, which is removed when it is closed. On
// Unix it has no name from the start. Freed space is reused.
type spillFile struct {
	f    *os.File
	path string // to remove; empty: already removed
	end  int64
	free [64][]int64 // free places by size class
}

// A TempFileError means a temporary file cannot be created.
type TempFileError struct{ Err error }

func (e *TempFileError) Error() string {
	return fmt.Sprintf("cannot create a temporary file: %v", e.Err)
}

// Unwrap returns the cause.
func (e *TempFileError) Unwrap() error { return e.Err }

// Class returns the class: the folder for temporary files is unusable.
func (e *TempFileError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindCantWrite].
func (*TempFileError) Fault() fault.Kind { return fault.KindCantWrite }

// Remedy returns what to do next.
func (e *TempFileError) Remedy() fault.Remedy {
	return fault.Try("name a folder that can be written in TMPDIR")
}

func newSpillFile() (*spillFile, error) {
	f, err := os.CreateTemp("", "asof-check-*")
	if err != nil {
		return nil, &TempFileError{err}
	}
	s := &spillFile{f: f, path: f.Name()}
	if os.Remove(s.path) == nil { // the file exists as long as it is open
		s.path = ""
	}
	return s, nil
}

func (s *spillFile) close() {
	_ = s.f.Close()
	if s.path != "" {
		_ = os.Remove(s.path)
	}
}

// sizeClass is the smallest power of two that holds n bytes.
func sizeClass(n int) int { return bits.Len(uint(n - 1)) }

// Put writes b, which must not be empty.
func (s *spillFile) Put(b []byte) (SpillRef, error) {
	class := sizeClass(len(b))
	at := s.end
	if n := len(s.free[class]); n > 0 {
		at = s.free[class][n-1]
		s.free[class] = s.free[class][:n-1]
	} else {
		s.end += 1 << class
	}
	_, err := s.f.WriteAt(b, at)
	return SpillRef{Offset: at, Len: len(b)}, err
}

// Take reads the bytes written by Put, and frees their place.
func (s *spillFile) Take(dst []byte, at SpillRef) ([]byte, error) {
	n := len(dst)
	dst = append(dst, make([]byte, at.Len)...)
	if _, err := io.ReadFull(io.NewSectionReader(s.f, at.Offset, int64(at.Len)), dst[n:]); err != nil {
		return nil, err
	}
	class := sizeClass(at.Len)
	s.free[class] = append(s.free[class], at.Offset)
	return dst, nil
}
