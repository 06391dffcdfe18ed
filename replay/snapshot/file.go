package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"asof/replay"
	"asof/replay/state"
)

// A file is a header, a text about the events before the state, and a compressed text: a
// line with counts, and the state.
const (
	magic      = "asofst4\n"
	proofAt    = len(magic)
	proofSize  = 16
	sumAt      = proofAt + proofSize
	headerSize = sumAt + sha256.Size
	// maxText is the largest decompressed text, in bytes.
	maxText = 1 << 30
	// keptBytes is the largest buffer that is reused.
	keptBytes = 1 << 20
)

// A proof identifies the content of the store for which a state is proved; zero
// means none.
type proof [proofSize]byte

func proofOf(content string) (p proof) {
	if content != "" {
		sum := sha256.Sum256([]byte(content))
		copy(p[:], sum[:])
	}
	return p
}

// An entry is a file with a state, described by its name.
type entry struct {
	name    string
	version replay.Version
	chain   replay.Chain
}

const extension = ".state"

// nameOf returns the name of a state's file. Names sort by version, including
// negative ones.
func nameOf(v replay.Version, c replay.Chain) string {
	return fmt.Sprintf("%016x-%x%s", uint64(v)^1<<63, c, extension)
}

func parseName(name string) (e entry, ok bool) {
	version, rest, _ := strings.Cut(name, "-")
	chain, isState := strings.CutSuffix(rest, extension)
	v, err := strconv.ParseUint(version, 16, 64)
	if err != nil || !isState || hex.DecodedLen(len(chain)) != len(e.chain) {
		return e, false
	}
	e.name, e.version = name, replay.Version(v^1<<63)
	_, err = hex.Decode(e.chain[:], []byte(chain))
	return e, err == nil && name == nameOf(e.version, e.chain)
}

// counted is the first line of the text.
type counted struct {
	In        string           `json:"in"` // the file, see [States.location]
	Events    int64            `json:"events"`
	Unread    int64            `json:"opaque,omitempty"`
	Unhandled map[string]int64 `json:"unhandled,omitempty"`
	Gapless   bool             `json:"gapless,omitempty"`
	First     *firstUnread     `json:"first_unread,omitempty"`
	replay.OddCount
}

// firstUnread is the first unreadable payload.
type firstUnread struct {
	Stream  string         `json:"stream"`
	Version replay.Version `json:"version"`
	Type    string         `json:"type"`
	Reason  string         `json:"reason"`
}

func unreadText(e *replay.OpaqueError) *firstUnread {
	if e == nil {
		return nil
	}
	return &firstUnread{e.At.Stream, e.At.Version(), e.At.EventType, e.Reason}
}

func (f *firstUnread) opaque() *replay.OpaqueError {
	if f == nil {
		return nil
	}
	return &replay.OpaqueError{
		At:     replay.Moment{Stream: f.Stream, Position: replay.NoPosition, EventType: f.Type}.WithVersion(f.Version),
		Reason: f.Reason,
	}
}

// text appends the text of a file before compression.
func text(dst []byte, cp replay.Checkpoint, in string) ([]byte, error) {
	line, err := json.Marshal(counted{in, cp.Events, cp.Unread, cp.Unhandled, cp.Gapless, unreadText(cp.FirstUnread), cp.Odd})
	if err != nil {
		return nil, err
	}
	dst = append(append(dst, line...), '\n')
	return state.AppendJSON(dst, cp.State), nil
}

// A codec compresses and decompresses texts. Its encoder and decoder are created on
// first use.
type codec struct {
	mu        sync.Mutex
	enc       *zstd.Encoder
	dec       *zstd.Decoder
	raw, file []byte
}

func (c *codec) encode(cp replay.Checkpoint, p proof, in string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.enc == nil {
		enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
		if err != nil {
			return nil, err
		}
		c.enc = enc
	}
	var err error
	if c.raw, err = text(c.raw[:0], cp, in); err != nil {
		return nil, err
	}
	c.file = append(append(append(c.file[:0], magic...), p[:]...), make([]byte, sha256.Size)...)
	if c.file, err = appendStretch(c.file, cp.Stretch, in); err != nil {
		return nil, err
	}
	c.file = c.enc.EncodeAll(c.raw, c.file)
	sum := sha256.Sum256(c.file[headerSize:])
	copy(c.file[sumAt:], sum[:])
	file := bytes.Clone(c.file)
	if cap(c.raw) > keptBytes {
		c.raw, c.file = nil, nil
	}
	return file, nil
}

var errDamaged = errors.New("the file is damaged")

// decode returns the state in a file and its text. A file that was moved counts as
// damaged.
func (c *codec) decode(file []byte, e entry, in string) (*replay.Checkpoint, []byte, error) {
	if len(file) < headerSize || string(file[:len(magic)]) != magic ||
		sha256.Sum256(file[headerSize:]) != [sha256.Size]byte(file[sumAt:headerSize]) {
		return nil, nil, errDamaged
	}
	stretch, size, err := readStretch(bytes.NewReader(file[headerSize:]), e, in, nil)
	if err != nil {
		return nil, nil, err
	}
	raw, err := c.text(file[headerSize+size:])
	if err != nil {
		return nil, nil, err
	}
	line, rest, ok := bytes.Cut(raw, []byte{'\n'})
	var n counted
	if !ok || json.Unmarshal(line, &n) != nil || n.In != in {
		return nil, nil, errDamaged
	}
	v, err := state.ParseState(rest)
	if err != nil {
		return nil, nil, errDamaged
	}
	cp := &replay.Checkpoint{
		Version: e.version, Chain: e.chain, State: v,
		Events: n.Events, Unread: n.Unread, Unhandled: n.Unhandled, Gapless: n.Gapless, FirstUnread: n.First.opaque(), Odd: n.OddCount,
		Stretch: stretch,
	}
	return cp, raw, nil
}

// text decompresses a text.
func (c *codec) text(compressed []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dec == nil {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxText))
		if err != nil {
			return nil, err
		}
		c.dec = dec
	}
	raw, err := c.dec.DecodeAll(compressed, nil)
	if err != nil {
		return nil, errDamaged
	}
	return raw, nil
}

func (c *codec) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.enc != nil {
		_ = c.enc.Close() // it has no writer
	}
	if c.dec != nil {
		c.dec.Close()
	}
	c.enc, c.dec, c.raw, c.file = nil, nil, nil, nil
}

// proofIn reads the proof in a file.
func proofIn(path string) (p proof, err error) {
	f, err := os.Open(path)
	if err != nil {
		return p, err
	}
	defer f.Close() //nolint:errcheck // only read
	_, err = f.ReadAt(p[:], int64(proofAt))
	return p, err
}

// prove writes the proof in a file. A partial write leaves a proof of no content.
func prove(path string, p proof) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(p[:], int64(proofAt))
	return errors.Join(err, f.Close())
}

// put writes a file atomically, under a temporary name first.
func put(dir, name string, b []byte) error {
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // Kept removes it later otherwise
	}
	return err
}
