package materialize

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"time"

	"asof/inspect/query"
	"asof/inspect/scratch"
	"asof/replay"
	"asof/replay/state"
)

// A spill keeps folded states in a temporary file until the columns of all of them are
// known.
type spill struct {
	f   *scratch.File
	n   int64 // states
	buf []byte
}

func newSpill() (*spill, error) {
	f, err := scratch.New()
	if err != nil {
		return nil, err
	}
	return &spill{f: f}, nil
}

func (s *spill) close() { s.f.Close() }

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
	_, err := s.f.Write(s.buf)
	return err
}

// all yields the kept states.
func (s *spill) all() iter.Seq2[query.ExportedState, error] {
	return func(yield func(query.ExportedState, error) bool) {
		r, err := s.f.Reader()
		for range s.n {
			var x query.ExportedState
			if err == nil {
				if x, err = take(r); err != nil {
					err = &scratch.Error{Err: err}
				}
			}
			if err != nil {
				yield(query.ExportedState{}, err)
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
