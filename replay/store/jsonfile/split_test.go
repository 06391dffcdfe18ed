package jsonfile

import (
	"errors"
	"io"
	"strings"
	"testing"
)

const goodLine = `{"stream":"a","version":1,"type":"T","data":{}}` + "\n"

func TestLargeEvents(t *testing.T) {
	long := goodLine
	for _, c := range []struct {
		limit int
		fails bool
	}{{len(long), false}, {len(long) - 2, true}} {
		for _, text := range []string{long, "\n[" + long + "]"} {
			s := &Splitter{Src: strings.NewReader(text), Limit: c.limit}
			err := s.begin()
			for err == nil {
				_, err = s.next()
			}
			if errors.Is(err, io.EOF) == c.fails {
				t.Errorf("limit %d: %v", c.limit, err)
			}
		}
	}
	// A zip bomb of one event ends at the limit, not at the end of memory.
	s := &Splitter{Src: endless{}, Limit: 1 << 20}
	err := s.begin()
	for err == nil {
		_, err = s.next()
	}
	if !strings.Contains(err.Error(), "larger than 1048576 bytes") || cap(s.buf) > 4<<20 {
		t.Errorf("got %v with %d bytes held", err, cap(s.buf))
	}
}

// endless is an event without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '{'
	}
	return len(p), nil
}
