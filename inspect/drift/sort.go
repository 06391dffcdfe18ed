package drift

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"asof/inspect/scratch"
	"asof/replay/state"
)

// sortedBytes is about how much of the rows is sorted in memory at a time. It is a variable
// for tests.
var sortedBytes = 32 << 20

// SortedRows are rows in the order of their keys, in temporary files.
type SortedRows struct {
	runs []*sortedRun
	left []Got // the last run, in memory
}

// A sortedRun is a part of the rows, in order.
type sortedRun struct {
	f    *scratch.File
	rows int
}

// SortRows sorts rows by key. Those of one key keep their order.
func SortRows(seq iter.Seq2[Got, error]) (*SortedRows, error) {
	s, size := &SortedRows{}, 0
	for row, err := range seq {
		if err == nil && size > sortedBytes {
			size, err = 0, s.spill()
		}
		if err != nil {
			s.Close()
			return nil, err
		}
		s.left = append(s.left, row)
		size += sizeOfRow(&row)
	}
	s.sort()
	return s, nil
}

func sizeOfRow(row *Got) int {
	n := len(row.Key) + 100
	for _, v := range row.Values {
		n += v.Size()
	}
	return n
}

// Close removes the files.
func (s *SortedRows) Close() {
	for _, r := range s.runs {
		r.f.Close()
	}
}

func (s *SortedRows) sort() {
	slices.SortStableFunc(s.left, func(a, b Got) int { return strings.Compare(a.Key, b.Key) })
}

// spill writes the rows in memory to a file.
func (s *SortedRows) spill() error {
	f, err := scratch.New()
	if err != nil {
		return err
	}
	s.runs = append(s.runs, &sortedRun{f, len(s.left)})
	s.sort()
	var b []byte
	for _, row := range s.left {
		b = append(binary.AppendUvarint(b[:0], uint64(len(row.Key))), row.Key...)
		b = binary.AppendUvarint(b, uint64(len(row.Values)))
		for _, v := range row.Values {
			var text []byte
			if !v.IsAbsent() {
				text = state.AppendJSON(nil, v)
			}
			b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
		}
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	s.left = s.left[:0]
	return nil
}

// All yields the rows in order.
func (s *SortedRows) All() iter.Seq2[Got, error] {
	return func(yield func(Got, error) bool) {
		if err := s.merge(func(row Got) bool { return yield(row, nil) }); err != nil {
			yield(Got{}, err)
		}
	}
}

// merge yields the first row of all runs, and so on.
func (s *SortedRows) merge(yield func(Got) bool) error {
	heads, next := make([]*Got, len(s.runs)+1), make([]func() (*Got, error), len(s.runs)+1)
	for i, r := range s.runs {
		from, err := r.f.Reader()
		if err != nil {
			return err
		}
		left := r.rows
		next[i] = func() (*Got, error) {
			if left--; left < 0 {
				return nil, nil //nolint:nilnil // the run ends
			}
			return takeRow(from)
		}
	}
	rest := s.left
	next[len(s.runs)] = func() (*Got, error) {
		if len(rest) == 0 {
			return nil, nil //nolint:nilnil // the run ends
		}
		row := &rest[0]
		rest = rest[1:]
		return row, nil
	}
	for i := range heads {
		var err error
		if heads[i], err = next[i](); err != nil {
			return err
		}
	}
	for {
		first := -1
		for i, head := range heads {
			if head != nil && (first < 0 || head.Key < heads[first].Key) {
				first = i
			}
		}
		if first < 0 || !yield(*heads[first]) {
			return nil
		}
		var err error
		if heads[first], err = next[first](); err != nil {
			return err
		}
	}
}

// takeRow reads what spill wrote.
func takeRow(from *bufio.Reader) (*Got, error) {
	text := func() []byte {
		n, err := binary.ReadUvarint(from)
		b := make([]byte, n)
		if err == nil {
			_, err = io.ReadFull(from, b)
		}
		if err != nil {
			return nil
		}
		return b
	}
	broken := &scratch.Error{Err: errors.New("it is cut")}
	key := text()
	n, err := binary.ReadUvarint(from)
	if key == nil || err != nil {
		return nil, broken
	}
	row := &Got{Key: string(key), Values: make([]state.Value, n)}
	for i := range row.Values {
		switch b := text(); {
		case b == nil:
			return nil, broken
		case len(b) > 0:
			if row.Values[i], err = state.Parse(b); err != nil {
				return nil, &scratch.Error{Err: err}
			}
		}
	}
	return row, nil
}
