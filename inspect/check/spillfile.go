package check

import (
	"fmt"
	"io"
	"math/bits"
	"os"

	"asof/replay/fault"
)

// A spillFile keeps states that memory has no room for, in a file that is gone
// when it is closed, and on Unix has no name from the beginning. Room that was
// freed is used again.
type spillFile struct {
	f    *os.File
	path string // to be removed; empty: it is
	end  int64
	free [64][]int64 // places by the size class that they have room for
}

// A TempFileError is that no temporary file can be created.
type TempFileError struct{ Err error }

func (e *TempFileError) Error() string {
	return fmt.Sprintf("cannot create a temporary file: %v", e.Err)
}

// Unwrap returns the cause.
func (e *TempFileError) Unwrap() error { return e.Err }

// Class says that the folder for temporary files is wrong.
func (e *TempFileError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindCantWrite].
func (*TempFileError) Fault() fault.Kind { return fault.KindCantWrite }

// Remedy says what to do next.
func (e *TempFileError) Remedy() fault.Remedy {
	return fault.Try("name a folder that can be written in TMPDIR")
}

func newSpillFile() (*spillFile, error) {
	f, err := os.CreateTemp("", "asof-check-*")
	if err != nil {
		return nil, &TempFileError{err}
	}
	s := &spillFile{f: f, path: f.Name()}
	if os.Remove(s.path) == nil { // it lives on as long as it is open
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

// sizeClass is the power of two that has room for n bytes.
func sizeClass(n int) int { return bits.Len(uint(n - 1)) }

// Put writes b, which is not empty.
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

// Take reads what Put has written, and frees its place.
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
