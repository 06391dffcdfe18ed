package snapshot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"

	"asof/replay"
	"asof/replay/bounds"
	"asof/replay/state"
)

// The text about the events before a state has a checksum and a length of its own, so that
// it can be read without the state.
const (
	stretchHead = sha256.Size + 4
	// maxStretch is the largest such text, in bytes.
	maxStretch = 1 << 20
)

// before is the text about the events before a state.
type before struct {
	In      string         `json:"in"` // the file, see [States.location]
	First   bool           `json:"first,omitempty"`
	After   replay.Version `json:"after"`
	Touched []byte         `json:"touched"`
	Bounds  []byte         `json:"bounds,omitempty"`
}

// appendStretch appends the text about the events before a state.
func appendStretch(dst []byte, s replay.Stretch, in string) ([]byte, error) {
	b := before{In: in, First: s.First, After: s.After, Touched: s.Touched.AppendText(nil)}
	if s.Bounds != nil {
		b.Bounds = s.Bounds.AppendText(nil)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	dst = append(dst, sum[:]...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(text)))
	return append(dst, text...), nil
}

// readStretch reads what appendStretch wrote for a state, and returns its size. like, if not
// nil, has the text of a stretch and what it says; the next one often says the same.
func readStretch(r io.Reader, e entry, in string, like *touchedText) (s replay.Stretch, size int, err error) {
	head := make([]byte, stretchHead)
	if _, err := io.ReadFull(r, head); err != nil {
		return s, 0, errDamaged
	}
	length := binary.BigEndian.Uint32(head[sha256.Size:])
	if length > maxStretch {
		return s, 0, errDamaged
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil || sha256.Sum256(text) != [sha256.Size]byte(head[:sha256.Size]) {
		return s, 0, errDamaged
	}
	var b before
	if err := json.Unmarshal(text, &b); err != nil || b.In != in || !b.First && b.After >= e.version {
		return s, 0, errDamaged
	}
	s = replay.Stretch{First: b.First, After: b.After, To: e.version}
	if s.Touched, err = like.parse(b.Touched); err == nil && b.Bounds != nil {
		s.Bounds, err = bounds.Parse(b.Bounds)
	}
	if err != nil {
		return s, 0, errDamaged
	}
	return s, stretchHead + len(text), nil
}

// A touchedText is a text of what events touched, and what it means, which must not be changed.
type touchedText struct {
	text    []byte
	touched state.Touched
}

// parse reads a text that says what events touched.
func (s *touchedText) parse(text []byte) (state.Touched, error) {
	if s != nil && s.text != nil && bytes.Equal(s.text, text) {
		return s.touched, nil
	}
	touched, err := state.ParseTouched(text)
	if s != nil && err == nil {
		s.text, s.touched = text, touched
	}
	return touched, err
}

// Before returns the stretch of events that ends with the state kept at v, if it is proved.
func (l *States) Before(_ context.Context, v replay.Version) (s replay.Stretch, ok bool) {
	if l.kept == nil {
		l.kept = map[replay.Version][]entry{}
		for _, e := range l.entries(math.MaxInt64) {
			l.kept[e.version] = append(l.kept[e.version], e)
		}
	}
	for _, e := range l.kept[v] {
		s, p, err := l.stretch(e)
		if l.known[e.name] || p == l.proof && p != (proof{}) {
			return s, err == nil
		}
	}
	return s, false
}

// stretch reads what is kept of the events before a state, and the proof of the state.
func (l *States) stretch(e entry) (s replay.Stretch, p proof, err error) {
	f, err := os.Open(l.path(e))
	if err != nil {
		return s, p, err
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(f, head); err != nil {
		return s, p, err
	}
	copy(p[:], head[proofAt:])
	s, _, err = readStretch(f, e, l.location(e.name), &l.last)
	return s, p, err
}
