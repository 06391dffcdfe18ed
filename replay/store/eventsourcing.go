package store

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"asof/replay"
)

// pyEventsourcing is the layout of the Python library eventsourcing with its own
// SQLite recorder. Time, metadata and revision are inside the payload, which may
// be compressed (zlib) and encrypted (AES-GCM). The order of the store is the
// table's rowid; recorders of aggregates alone have none.
var pyEventsourcing = dialect{name: "eventsourcing-sqlite", match: matchEventsourcing}

func matchEventsourcing(p *probe) (*layout, error) {
	t := p.table("stored_events")
	if t == nil {
		return nil, errors.New("no table stored_events")
	}
	if err := t.require("originator_id", "originator_version", "topic", "state"); err != nil {
		return nil, err
	}
	if t.column("id") != nil && t.column("application_name") == nil {
		return nil, errors.New("table stored_events has a column id, as the SQLAlchemy flavour has")
	}
	if t.column("application_name") != nil {
		return nil, errors.New("table stored_events has a column application_name, as the Django flavour has")
	}
	py, err := newPyPayloads(p.opts.CipherKey)
	if err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table stored_events with originator_id, originator_version, topic, state",
		from:       "stored_events",
		cols: [numColumns]string{
			colStream: "originator_id", colVersion: "originator_version", colPosition: quoteName(t.rowID()),
			colType: "topic", colData: "state",
		},
		derived:    columnsOf(colType),
		inData:     replay.FieldTime | replay.FieldMeta,
		dataAlways: true,
		decoder:    func() decoder { return py.clone() },
	}
	if s := p.table("stored_snapshots"); s != nil {
		l.snapshots = "SELECT count(*) FROM stored_snapshots"
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
	return l, py.probe(p, l)
}

// pyPayloads reads the payloads of Python eventsourcing.
type pyPayloads struct {
	aead    cipher.AEAD // nil without a key
	sealed  []byte
	opened  []byte
	inflate payloadDecoder
	unwrap  pyUnwrapper
	topics  map[string]*pyTopic
	topic   *pyTopic // of the event at hand
	meta    []byte
}

// A pyTopic is a topic, taken apart.
type pyTopic struct {
	typ, category string
	meta          []byte // {"topic":"…" without the closing brace
}

func newPyPayloads(key []byte) (*pyPayloads, error) {
	py := &pyPayloads{topics: map[string]*pyTopic{}}
	if len(key) == 0 {
		return py, nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	py.aead, err = cipher.NewGCM(block)
	return py, err
}

// clone returns a decoder with buffers of its own.
func (py *pyPayloads) clone() *pyPayloads {
	return &pyPayloads{aead: py.aead, topics: py.topics}
}

// probe looks at the first payload, to say early what can't be read.
func (py *pyPayloads) probe(p *probe, l *layout) error {
	v, err := p.first("SELECT " + l.cols[colData] + " FROM " + l.from)
	if err == nil {
		py.judge(&v, l)
	}
	return err
}

// judge says of a store what its first payload tells.
func (py *pyPayloads) judge(v *value, l *layout) {
	if v.kind == kindNull {
		return
	}
	if _, opaque := py.open(v.text()); opaque != "" {
		l.leftOut = append(l.leftOut, omission{what: "payloads: " + opaque})
		l.inData &^= replay.FieldTime // they are in there
	} else if py.aead != nil {
		l.recognised += "; payloads are decrypted with the key given"
	}
}

// newPyTopic takes "module.path:Class.Event" apart. The category of an event
// whose class is at the top of its module is the module.
func newPyTopic(topic string) *pyTopic {
	module, name, found := strings.Cut(topic, ":")
	if !found {
		module, name = "", topic
	}
	parts := strings.Split(name, ".")
	t := &pyTopic{typ: parts[len(parts)-1]}
	if len(parts) > 1 {
		t.category = parts[len(parts)-2]
	}
	if t.category == "" || t.category == "<locals>" {
		t.category = module[strings.LastIndexByte(module, '.')+1:]
		if t.category == "__main__" {
			t.category = ""
		}
	}
	t.meta = append(t.meta, `{"topic":`...)
	t.meta = appendJSONString(t.meta, topic)
	return t
}

func (py *pyPayloads) classify(r *row, e *replay.Event) error {
	v := r.at(colType)
	if v.kind != kindText {
		return errors.New("its topic is " + v.describe() + ", not text")
	}
	t := py.topics[string(v.b)]
	if t == nil {
		if len(py.topics) >= maxInterned {
			clear(py.topics)
		}
		t = newPyTopic(string(v.b))
		py.topics[string(v.b)] = t
	}
	py.topic, e.Type, e.Category = t, t.typ, t.category
	return nil
}

func (py *pyPayloads) decode(r *row, e *replay.Event, skip replay.Fields) error {
	e.Revision = 1
	py.meta = append(py.meta[:0], py.topic.meta...)
	data, opaque := py.open(r.at(colData).text())
	switch {
	case opaque != "":
		e.Opaque = opaque
	case py.unwrap.run(data):
		u := &py.unwrap
		if skip&replay.FieldTime == 0 {
			r.stampText(e, u.time)
		}
		if u.revision != 0 {
			e.Revision = u.revision
		}
		if len(u.originatorTopic) > 0 {
			py.meta = append(py.meta, `,"originator_topic":`...)
			py.meta = append(py.meta, u.originatorTopic...)
		}
		e.Data = u.out
	case py.unwrap.deep:
		e.Opaque = "nested more than " + strconv.Itoa(maxDepth) + " deep"
	default:
		e.Data = data // whoever parses it will say what is wrong, and where
	}
	if skip&replay.FieldMeta == 0 {
		e.Meta.Raw = append(py.meta, '}')
	}
	return nil
}

// open undoes encryption and compression, and returns the payload as JSON or why
// it can't be had.
func (py *pyPayloads) open(b []byte) (data []byte, opaque string) {
	wrongKey := false
	if py.aead != nil {
		if plain, ok := py.decrypt(b); ok {
			return py.inflate.bytes(plain)
		}
		wrongKey = true
	}
	data, opaque = py.inflate.bytes(b)
	if opaque == "" && len(data) > 0 && utf8.Valid(data) {
		return data, ""
	}
	form := knownForm(b)
	switch {
	case compressed(b) == "" && utf8.Valid(b), form != "" && form != protobuf:
		return data, opaque
	case wrongKey:
		return nil, "encrypted, and not with the key that was given (CIPHER_KEY, --key-file)"
	default:
		return nil, "encrypted, it seems: give the key with CIPHER_KEY or --key-file"
	}
}

// decrypt undoes AES-GCM as the library lays it out: nonce, tag, ciphertext.
func (py *pyPayloads) decrypt(b []byte) ([]byte, bool) {
	nonce, tag := py.aead.NonceSize(), py.aead.Overhead()
	if len(b) < nonce+tag {
		return nil, false
	}
	py.sealed = append(append(py.sealed[:0], b[nonce+tag:]...), b[nonce:nonce+tag]...)
	var err error
	py.opened, err = py.aead.Open(py.opened[:0], b[:nonce], py.sealed, nil)
	return py.opened, err == nil
}

// appendJSONString appends s as a JSON string.
func appendJSONString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range []byte(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// The library's own attributes of an event, which are not the domain's.
var (
	pyTimestamp       = []byte(`"timestamp"`)
	pyOriginatorTopic = []byte(`"originator_topic"`)
	pyClassVersion    = []byte(`"class_version"`)
	pyOriginatorID    = []byte(`"originator_id"`)
	pyOriginatorVers  = []byte(`"originator_version"`)
	pyType            = []byte(`"_type_"`)
	pyData            = []byte(`"_data_"`)
)

func pyOwn(key []byte) bool {
	return bytes.Equal(key, pyTimestamp) || bytes.Equal(key, pyOriginatorTopic) ||
		bytes.Equal(key, pyClassVersion) || bytes.Equal(key, pyOriginatorID) ||
		bytes.Equal(key, pyOriginatorVers)
}
