package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

const (
	saltSize   = 16
	secretSize = sha256.Size
)

// A Record is the record of an event in its leaf. A commitment is empty if there is
// nothing to commit to.
type Record struct {
	Position replay.Position
	Stream   replay.StreamID
	Version  replay.Version
	Nth      int64  // number among the leaves of its stream, from 1
	Previous int64  // leaf of the previous event of its stream; -1 for the first
	Time     []byte // as the store holds it; nil if there is none
	Metadata string // in hexadecimal
	Payload  string
	Fields   string
}

const recordHead = "asof-leaf/2\n"

// append appends the record in the format of the package comment.
func (r *Record) append(b []byte) []byte {
	b = append(b, recordHead+"position "...)
	if r.Position == replay.NoPosition {
		b = append(b, '-')
	} else {
		b = strconv.AppendInt(b, int64(r.Position), 10)
	}
	b = append(b, "\nstream "...)
	b = state.AppendQuoted(b, valid(string(r.Stream)))
	b = append(b, "\nversion "...)
	b = strconv.AppendInt(b, int64(r.Version), 10)
	b = strconv.AppendInt(append(b, "\nnth "...), r.Nth, 10)
	b = append(b, "\nprevious "...)
	if r.Previous < 0 {
		b = append(b, '-')
	} else {
		b = strconv.AppendInt(b, r.Previous, 10)
	}
	b = append(b, "\ntime "...)
	if r.Time == nil {
		b = append(b, '-')
	} else {
		b = state.AppendQuoted(b, valid(string(r.Time)))
	}
	for _, c := range [...]struct{ name, hex string }{{"metadata", r.Metadata}, {"payload", r.Payload}, {"fields", r.Fields}} {
		b = append(append(append(b, '\n'), c.name...), ' ')
		if c.hex == "" {
			b = append(b, '-')
		} else {
			b = append(b, c.hex...)
		}
	}
	return append(b, '\n')
}

// valid replaces invalid UTF-8, so that the text survives a round trip through JSON. Half
// of a surrogate pair survives it as an escape.
func valid(s string) string {
	if state.HasHalf(s) {
		return state.FromUnits(state.Units(s))
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

var errRecord = errors.New("it is not a leaf record")

// ParseRecord parses a record. It accepts only the exact bytes that append writes.
func ParseRecord(text []byte) (*Record, error) {
	rest, ok := strings.CutPrefix(string(text), recordHead)
	if !ok {
		return nil, errRecord
	}
	var r Record
	for _, part := range []struct {
		name string
		read func(string) bool
	}{
		{"position ", r.readPosition},
		{"stream ", func(s string) bool {
			v, err := state.Parse([]byte(s))
			r.Stream = replay.StreamID(v.Text())
			return err == nil && v.Kind() == state.String
		}},
		{"version ", func(s string) bool {
			n, err := strconv.ParseInt(s, 10, 64)
			r.Version = replay.Version(n)
			return err == nil
		}},
		{"nth ", func(s string) (ok bool) {
			n, err := strconv.ParseInt(s, 10, 64)
			r.Nth = n
			return err == nil && n > 0
		}},
		{"previous ", r.readPrevious},
		{"time ", func(s string) bool {
			if s == "-" {
				return true
			}
			v, err := state.Parse([]byte(s))
			r.Time = []byte(v.Text())
			return err == nil && v.Kind() == state.String
		}},
		{"metadata ", isHex(&r.Metadata)},
		{"payload ", isHex(&r.Payload)},
		{"fields ", isHex(&r.Fields)},
	} {
		var line string
		if line, rest, ok = strings.Cut(rest, "\n"); !ok {
			return nil, errRecord
		}
		if line, ok = strings.CutPrefix(line, part.name); !ok || !part.read(line) {
			return nil, errRecord
		}
	}
	if rest != "" || !bytes.Equal(r.append(nil), text) {
		return nil, errRecord
	}
	return &r, nil
}

func (r *Record) readPosition(s string) bool {
	if s == "-" {
		r.Position = replay.NoPosition
		return true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	r.Position = replay.Position(n)
	return err == nil
}

func (r *Record) readPrevious(s string) bool {
	if s == "-" {
		r.Previous = -1
		return true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	r.Previous = n
	return err == nil && n >= 0
}

func isHex(into *string) func(string) bool {
	return func(s string) bool {
		if s == "-" {
			return true
		}
		*into = s
		raw, err := hex.DecodeString(s)
		return err == nil && len(raw) == sha256.Size
	}
}

// Label returns the name of the event in messages, such as "cart-42@17".
func (r *Record) Label() string {
	return string(r.Stream) + "@" + strconv.FormatInt(int64(r.Version), 10)
}

// leafHash returns the hash of a leaf: SHA-256(0x00 ‖ record).
func leafHash(record []byte) tlog.Hash { return tlog.RecordHash(record) }

// A salt hides the value that a commitment is to.
type salt [saltSize]byte

// A committer computes commitments in reused buffers.
type committer struct {
	buf  []byte
	mac  hash.Hash // keyed by the secret of the current event
	sum  [sha256.Size]byte
	tree tree
}

// begin starts an event with the given secret.
func (c *committer) begin(secret []byte) { c.mac = hmac.New(sha256.New, secret) }

func (c *committer) salt(what string, path []byte) (s salt) {
	c.mac.Reset()
	c.buf = append(c.buf[:0], what...)
	if path != nil {
		c.buf = append(append(c.buf, '\n'), path...)
	}
	c.mac.Write(c.buf)
	copy(s[:], c.mac.Sum(c.sum[:0]))
	return s
}

// bytes commits to bytes as the store holds them.
func (c *committer) bytes(what string, s salt, b []byte) tlog.Hash {
	c.buf = append(append(c.buf[:0], what...), "/1\n"...)
	c.buf = append(hex.AppendEncode(c.buf, s[:]), '\n')
	c.buf = append(c.buf, b...)
	return sha256.Sum256(c.buf)
}

// field commits to one field.
func (c *committer) field(s salt, path []byte, v state.Value) tlog.Hash {
	c.buf = append(c.buf[:0], "asof-field/1\n"...)
	c.buf = append(hex.AppendEncode(c.buf, s[:]), '\n')
	c.buf = append(state.AppendQuoted(c.buf, string(path)), '\n')
	c.buf = state.AppendSorted(c.buf, v)
	return sha256.Sum256(c.buf)
}

// addField adds a commitment to the tree of the event's fields.
func (c *committer) addField(h tlog.Hash) error {
	_, err := c.tree.add(tlog.RecordHash(h[:]))
	return err
}

const (
	forPayload  = "asof-payload"
	forMetadata = "asof-metadata"
)

// secretOf returns the secret of an event.
func secretOf(mac hash.Hash, stream replay.StreamID, v replay.Version) []byte {
	mac.Reset()
	b := append([]byte(stream), '\n')
	mac.Write(strconv.AppendInt(b, int64(v), 10))
	return mac.Sum(make([]byte, 0, secretSize))
}
