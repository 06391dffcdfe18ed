package materialize

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A spill keeps folded states in a temporary file until the columns of all of them are
// known. On Unix the file has no name from the start.
type spill struct {
	f    *os.File
	w    *bufio.Writer
	path string // to remove; empty: already removed
	n    int64  // states
	buf  []byte
}

// A TempFileError means a temporary file cannot be used.
type TempFileError struct{ Err error }

func (e *TempFileError) Error() string { return fmt.Sprintf("cannot keep a temporary file: %v", e.Err) }

// Unwrap returns the cause.
func (e *TempFileError) Unwrap() error { return e.Err }

// Class returns the class: the folder for temporary files is unusable.
func (e *TempFileError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindCantWrite].
func (*TempFileError) Fault() fault.Kind { return fault.KindCantWrite }

// Remedy returns what to do next.
func (e *TempFileError) Remedy() fault.Remedy {
	return fault.Try("name a folder with room in TMPDIR")
}

func newSpill() (*spill, error) {
	f, err := os.CreateTemp("", "asof-rows-*")
	if err != nil {
		return nil, &TempFileError{err}
	}
	s := &spill{f: f, path: f.Name(), w: bufio.NewWriterSize(f, 1<<16)}
	if os.Remove(s.path) == nil { // the file exists as long as it is open
		s.path = ""
	}
	return s, nil
}

func (s *spill) close() {
	_ = s.f.Close()
	if s.path != "" {
		_ = os.Remove(s.path)
	}
}

// put keeps a state.
func (s *spill) put(x *query.ExportedState) error {
	e := &x.Event
	s.buf = binary.AppendVarint(s.buf[:0], int64(e.Version))
	s.buf = binary.AppendVarint(s.buf, int64(e.Position))
	var at, reason string
	var root []byte
	if !e.Time.IsZero() {
		at = e.Time.UTC().Format(time.RFC3339Nano)
	}
	if x.Err != nil {
		reason = "!" + x.Err.Error()
	}
	if !x.State.IsAbsent() {
		root = state.AppendJSON(nil, x.State)
	}
	for _, text := range []string{string(e.Stream), e.Category, at, reason, string(root)} {
		s.buf = append(binary.AppendUvarint(s.buf, uint64(len(text))), text...)
	}
	s.n++
	if _, err := s.w.Write(s.buf); err != nil {
		return &TempFileError{err}
	}
	return nil
}

// all yields the kept states.
func (s *spill) all() iter.Seq2[query.ExportedState, error] {
	return func(yield func(query.ExportedState, error) bool) {
		err := s.w.Flush()
		if err == nil {
			_, err = s.f.Seek(0, io.SeekStart)
		}
		r := bufio.NewReaderSize(s.f, 1<<16)
		for range s.n {
			var x query.ExportedState
			if err == nil {
				x, err = take(r)
			}
			if err != nil {
				yield(query.ExportedState{}, &TempFileError{err})
				return
			}
			if !yield(x, nil) {
				return
			}
		}
	}
}

// take reads what put wrote.
func take(r *bufio.Reader) (x query.ExportedState, err error) {
	version, err1 := binary.ReadVarint(r)
	position, err2 := binary.ReadVarint(r)
	var texts [5]string
	err = errors.Join(err1, err2)
	for i := range texts {
		n, failed := binary.ReadUvarint(r)
		if err = errors.Join(err, failed); err != nil {
			return x, err
		}
		text := make([]byte, n)
		if _, err = io.ReadFull(r, text); err != nil {
			return x, err
		}
		texts[i] = string(text)
	}
	x.Event = replay.Event{
		Stream: replay.StreamID(texts[0]), Category: texts[1], Version: replay.Version(version), Position: replay.Position(position),
	}
	if texts[2] != "" {
		if x.Event.Time, err = time.Parse(time.RFC3339Nano, texts[2]); err != nil {
			return x, err
		}
	}
	if texts[3] != "" {
		x.Err = errors.New(texts[3][1:])
	}
	if texts[4] != "" {
		x.State, err = state.ParseState([]byte(texts[4]))
	}
	return x, err
}
