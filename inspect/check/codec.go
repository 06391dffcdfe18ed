package check

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"asof/replay"
)

// Write encodes an answer for [ReadResult], with everything a later check needs to
// resume from it. Ids and types are written byte for byte.
func (c *Result) Write(to io.Writer) error {
	w := &factWriter{w: bufio.NewWriter(to)}
	w.text(string(c.Reach.Chain[:]))
	w.ints(int64(c.Reach.Position), c.Streams, c.Events, int64(len(c.Invariants)))
	for _, inv := range c.Invariants {
		w.ints(inv.Streams, int64(len(inv.Violations)), int64(len(inv.Errors)), int64(len(inv.Unknown)))
		for i := range inv.Violations {
			w.violation(&inv.Violations[i])
		}
		for _, e := range inv.Errors {
			w.text(string(e.Stream))
		}
		for _, u := range inv.Unknown {
			w.text(string(u.Stream))
		}
	}
	w.ints(c.Untaken, c.Incomplete.Streams)
	w.text(string(c.Incomplete.One))
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

// ReadResult decodes an answer about these invariants, to resume from it. Moment and
// shard are not part of it, and of errors and unknown streams only the names are.
func ReadResult(from io.Reader, invariants []Invariant) (*Result, error) {
	r := &factReader{r: bufio.NewReader(from)}
	c := &Result{Reach: &Reach{}}
	var at, n int64
	if copy(c.Reach.Chain[:], r.text()) < len(c.Reach.Chain) && r.err == nil {
		r.err = errors.New("its hash is too short")
	}
	r.ints(&at, &c.Streams, &c.Events, &n)
	c.Reach.Position = replay.Position(at)
	if r.err == nil && n != int64(len(invariants)) {
		r.err = fmt.Errorf("it has %d invariants, not %d", n, len(invariants))
	}
	for i := 0; i < len(invariants) && r.err == nil; i++ {
		inv := InvariantResult{Invariant: invariants[i]}
		var violations, failed, unknown int64
		r.ints(&inv.Streams, &violations, &failed, &unknown)
		for ; violations > 0 && r.err == nil; violations-- {
			inv.Violations = append(inv.Violations, r.violation())
		}
		for ; failed > 0 && r.err == nil; failed-- {
			inv.Errors = append(inv.Errors, StreamError{Stream: replay.StreamID(r.text())})
		}
		for ; unknown > 0 && r.err == nil; unknown-- {
			inv.Unknown = append(inv.Unknown, Unknown{Stream: replay.StreamID(r.text())})
		}
		c.Invariants = append(c.Invariants, inv)
	}
	r.ints(&c.Untaken, &c.Incomplete.Streams)
	c.Incomplete.One = replay.StreamID(r.text())
	if r.err == nil {
		if _, err := r.r.ReadByte(); !errors.Is(err, io.EOF) {
			r.err = errors.New("it has trailing bytes")
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return c, nil
}

// A factWriter writes numbers and strings, up to the first error.
type factWriter struct {
	w   *bufio.Writer
	buf []byte
	err error
}

func (w *factWriter) ints(all ...int64) {
	w.buf = w.buf[:0]
	for _, n := range all {
		w.buf = binary.AppendVarint(w.buf, n)
	}
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
}

func (w *factWriter) text(s string) {
	if w.err == nil && len(s) > maxFact {
		w.err = fmt.Errorf("a string of %d bytes", len(s))
	}
	w.ints(int64(len(s)))
	if w.err == nil {
		_, w.err = w.w.WriteString(s)
	}
}

func (w *factWriter) texts(all ...string) {
	for _, s := range all {
		w.text(s)
	}
}

func (w *factWriter) bools(all ...bool) {
	for _, b := range all {
		n := int64(0)
		if b {
			n = 1
		}
		w.ints(n)
	}
}

// instant writes a time without its zone: answers are shown in the reader's zone.
func (w *factWriter) instant(t time.Time) { w.ints(t.Unix(), int64(t.Nanosecond())) }

func (w *factWriter) violation(v *Violation) {
	w.text(string(v.Stream))
	w.bools(v.FromStart, v.Recovered, v.RecoveredAt != nil)
	w.ints(v.Turns)
	e := v.Culprit
	w.ints(int64(e.Version), int64(e.Position), int64(e.Revision))
	w.instant(e.Time)
	w.texts(string(e.Stream), e.Category, e.ID, e.Type, e.Opaque, e.Meta.Actor, e.Meta.Correlation, e.Meta.Causation)
	if m := v.RecoveredAt; m != nil {
		w.ints(int64(m.Version()), int64(m.Position))
		w.instant(m.Time)
		w.texts(m.Stream, m.EventID, m.EventType)
	}
}

// A factReader reads the output of a factWriter, up to the first error.
type factReader struct {
	r   *bufio.Reader
	err error
}

func (r *factReader) int() (n int64) {
	if r.err == nil {
		n, r.err = binary.ReadVarint(r.r)
	}
	return n
}

func (r *factReader) ints(all ...*int64) {
	for _, n := range all {
		*n = r.int()
	}
}

// maxFact is the maximum length of a string (an id, a type or a name), in bytes.
const maxFact = 16 << 20

func (r *factReader) text() string {
	n := r.int()
	if r.err == nil && (n < 0 || n > maxFact) {
		r.err = fmt.Errorf("a string of %d bytes", n)
	}
	if r.err != nil {
		return ""
	}
	b := make([]byte, n)
	_, r.err = io.ReadFull(r.r, b)
	return string(b)
}

func (r *factReader) texts(all ...*string) {
	for _, s := range all {
		*s = r.text()
	}
}

func (r *factReader) bools(all ...*bool) {
	for _, b := range all {
		*b = r.int() != 0
	}
}

func (r *factReader) instant() time.Time {
	var sec, nano int64
	r.ints(&sec, &nano)
	return time.Unix(sec, nano).UTC()
}

func (r *factReader) violation() Violation {
	v := Violation{Stream: replay.StreamID(r.text())}
	var turned bool
	r.bools(&v.FromStart, &v.Recovered, &turned)
	v.Turns = r.int()
	e := &replay.Event{Version: replay.Version(r.int()), Position: replay.Position(r.int()), Revision: int(r.int()), Time: r.instant()}
	var stream string
	r.texts(&stream, &e.Category, &e.ID, &e.Type, &e.Opaque, &e.Meta.Actor, &e.Meta.Correlation, &e.Meta.Causation)
	e.Stream, v.Culprit = replay.StreamID(stream), e
	if turned {
		m := replay.Moment{}.WithVersion(replay.Version(r.int()))
		m.Position, m.Time = replay.Position(r.int()), r.instant()
		r.texts(&m.Stream, &m.EventID, &m.EventType)
		v.RecoveredAt = &m
	}
	return v
}
