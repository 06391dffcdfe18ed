package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"

	"asof/replay"
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
}

// appendStretch appends the text about the events before a state.
func appendStretch(dst []byte, s replay.Stretch, in string) ([]byte, error) {
	text, err := json.Marshal(before{in, s.First, s.After, s.Touched.AppendText(nil)})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	dst = append(dst, sum[:]...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(text)))
	return append(dst, text...), nil
}

// readStretch reads what appendStretch wrote for a state, and returns its size.
func readStretch(r io.Reader, e entry, in string) (s replay.Stretch, size int, err error) {
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
	touched, err := state.ParseTouched(b.Touched)
	if err != nil {
		return s, 0, errDamaged
	}
	return replay.Stretch{First: b.First, After: b.After, To: e.version, Touched: touched}, stretchHead + len(text), nil
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
		if l.isProved(e) {
			s, err := l.stretch(e)
			return s, err == nil
		}
	}
	return s, false
}

// stretch reads what is kept of the events before a state.
func (l *States) stretch(e entry) (s replay.Stretch, err error) {
	f, err := os.Open(l.path(e))
	if err != nil {
		return s, err
	}
	defer f.Close() //nolint:errcheck // only read
	if _, err := f.Seek(int64(headerSize), io.SeekStart); err != nil {
		return s, err
	}
	s, _, err = readStretch(f, e, l.location(e.name))
	return s, err
}
