package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

// A leaf is a sealed event. It is valid until the next one.
type leaf struct {
	event  *replay.Event
	record Record
	text   []byte // the record
	hash   tlog.Hash
	secret []byte

	content content // the exported content
	opaque  string  // why the payload has no fields
	stored  replay.Stored
	decoded bool // the payload was decompressed, unwrapped or decrypted before its fields were read

	// For an event with something withheld:
	redacted        bool
	fields          []fieldProof // all of them, in order
	payloadSalt     salt
	metaSalt        salt
	withheldFields  int
	withheldPayload bool // the stored payload is withheld: it may contain withheld values
	withheldMeta    bool
}

// A fieldProof is the exported salt of a field or, if the field is withheld, its
// commitment.
type fieldProof struct {
	path       string
	withheld   bool
	salt       salt
	commitment tlog.Hash
}

// A sealer turns events into leaves.
type sealer struct {
	mac       hash.Hash // keyed by the salts of the key
	redaction *Redaction
	chain     *chain
	erased    *erasedSet // nil without a redaction
	parsers   parsers
	commit    committer
	walk      walker
	leaf      leaf
	timeText  []byte
}

func newSealer(k *Key, r *Redaction) *sealer {
	return &sealer{mac: hmac.New(sha256.New, k.salts), redaction: r, chain: newChain()}
}

// storedOf returns an event as the store holds it. If the reader does not set Stored,
// Data, Meta and Time are the stored values.
func (s *sealer) storedOf(e *replay.Event) replay.Stored {
	st := replay.Stored{Data: e.Data, Meta: e.Meta.Raw}
	if e.Stored != nil {
		st = *e.Stored
	}
	if st.Time == nil && !e.Time.IsZero() {
		s.timeText = e.Time.UTC().AppendFormat(s.timeText[:0], time.RFC3339Nano)
		st.Time = s.timeText
	}
	return st
}

// seal returns the leaf of an event. The redaction applies if the event is exported.
func (s *sealer) seal(e *replay.Event, exported bool) (*leaf, error) {
	l := &s.leaf
	*l = leaf{event: e, text: l.text[:0], fields: l.fields[:0]}
	l.stored = s.storedOf(e)
	l.secret = secretOf(s.mac, e.Stream, e.Version)
	c, opaque := s.parsers.content(e)
	l.content, l.opaque = c, opaque
	l.decoded = opaque == "" && !bytes.Equal(l.stored.Data, e.Data)
	if exported && !s.redaction.none() {
		if err := s.redact(l, &c); err != nil {
			return nil, err
		}
	}
	if err := s.fields(l, &c); err != nil {
		return nil, err
	}
	root, err := s.commit.tree.root()
	if err != nil {
		return nil, err
	}
	nth, previous := s.chain.add(e.Stream)
	l.record = Record{
		Position: e.Position, Stream: e.Stream, Version: e.Version, Time: l.stored.Time,
		Nth: nth, Previous: previous,
		Fields: hex.EncodeToString(root[:]),
	}
	l.metaSalt = s.commit.salt("metadata", nil)
	l.payloadSalt = s.commit.salt("payload", nil)
	if l.stored.Meta != nil {
		h := s.commit.bytes(forMetadata, l.metaSalt, l.stored.Meta)
		l.record.Metadata = hex.EncodeToString(h[:])
	}
	if l.stored.Data != nil {
		h := s.commit.bytes(forPayload, l.payloadSalt, l.stored.Data)
		l.record.Payload = hex.EncodeToString(h[:])
	}
	l.text = l.record.append(l.text)
	l.hash = leafHash(l.text)
	return l, nil
}

// fields commits to each field of the event.
func (s *sealer) fields(l *leaf, c *content) error {
	s.commit.begin(l.secret)
	s.commit.tree.size = 0
	s.walk.visit = func(path []byte, tokens []string, v state.Value, whole bool) error {
		salt := s.commit.salt("field", path)
		h := s.commit.field(salt, path, v)
		if l.redacted {
			p := fieldProof{path: string(path), salt: salt, commitment: h}
			if p.withheld = s.redaction.withholds(tokens, whole) || l.removedFromEnvelope(p.path); p.withheld {
				l.withheldFields++
				p.path = s.redaction.listedPath(tokens)
			}
			l.fields = append(l.fields, p)
		}
		return s.commit.addField(h)
	}
	return s.walk.each(c)
}

// removedFromEnvelope reports whether path is a part of the envelope that was removed
// because it was taken from a withheld value.
func (l *leaf) removedFromEnvelope(path string) bool {
	for _, s := range slots {
		if s.path == path {
			return *s.at(&l.content.envelope) == ""
		}
	}
	return false
}

// redact decides which parts of an event are exported.
func (s *sealer) redact(l *leaf, c *content) error {
	out, removed, err := s.redaction.apply(c)
	if err != nil {
		return err
	}
	inData, inMeta, err := s.redaction.parts(c)
	if err != nil {
		return err
	}
	if l.opaque != "" { // paths into an unreadable payload cannot be resolved
		hit, below := s.redaction.hits([]string{"data"})
		inData = hit || below
	}
	shared := l.decoded && s.erased.shares(l.stored.Data)
	if !inData && !inMeta && len(removed) == 0 && !shared {
		return nil
	}
	l.redacted, l.content = true, out
	// The stored payload may contain more than the data: some dialects wrap the
	// metadata with it.
	l.withheldPayload = inData || l.decoded
	l.withheldMeta = inMeta || len(removed) > 0
	return nil
}

// parts reports whether something in the data or in the metadata is withheld.
func (r *Redaction) parts(c *content) (inData, inMeta bool, err error) {
	w := walker{visit: func(_ []byte, tokens []string, _ state.Value, whole bool) error {
		if r.withholds(tokens, whole) {
			inData = inData || tokens[0] == "data"
			inMeta = inMeta || tokens[0] == "metadata"
		}
		return nil
	}}
	err = w.each(c)
	return inData, inMeta, err
}
