package dialect

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// pyEventsourcing is the layout of the Python library eventsourcing (9.0 and later) with its
// own SQLite recorder. Time, metadata and revision are in the payload, which may be compressed
// (zlib) and encrypted (AES-GCM). Positions are the table's rowid; recorders that store
// only aggregates have none.
var pyEventsourcing = sqlite.Dialect{Name: "eventsourcing-sqlite", Match: matchEventsourcing}

func matchEventsourcing(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("stored_events")
	if t == nil {
		return nil, errors.New("no table stored_events")
	}
	if err := t.Require("originator_id", "originator_version", "topic", "state"); err != nil {
		return nil, err
	}
	if t.Column("id") != nil && t.Column("application_name") == nil {
		return nil, errors.New("table stored_events has a column id, as the SQLAlchemy flavour has")
	}
	if t.Column("application_name") != nil {
		return nil, errors.New("table stored_events has a column application_name, as the Django flavour has")
	}
	py, err := newPyPayloads(p.Opts.CipherKey)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table stored_events with originator_id, originator_version, topic, state",
		From:       "stored_events",
		Cols: [source.NumFields]string{
			source.Stream: "originator_id", source.Version: "originator_version", source.Position: table.QuoteName(t.RowID()),
			source.Type: "topic", source.Data: "state",
		},
		Derived:    source.FieldsOf(source.Type),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return py.clone() },
	}
	if s := p.Table("stored_snapshots"); s != nil {
		l.Snapshots, l.Saved = "SELECT count(*) FROM stored_snapshots", pySaved(l, "stored_snapshots")
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
	return l, py.probe(p, l)
}

// pySaved is where the library keeps snapshots: as events, whose payload has the state.
func pySaved(l *table.Layout, from string) *table.Saved {
	return &table.Saved{
		From: from, Where: l.Where, Version: l.Cols[source.Version], Type: l.Cols[source.Type], Data: l.Cols[source.Data], At: "/state",
	}
}

// pyPayloads decodes the payloads of Python eventsourcing.
type pyPayloads struct {
	aead    cipher.AEAD // nil without a key
	sealed  []byte
	opened  []byte
	inflate cell.PayloadDecoder
	unwrap  pyUnwrapper
	topics  map[string]*pyTopic
	topic   *pyTopic // of the current event
	meta    []byte
}

// A pyTopic is a parsed topic.
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

// clone returns a decoder with separate buffers.
func (py *pyPayloads) clone() *pyPayloads {
	return &pyPayloads{aead: py.aead, topics: py.topics}
}

// probe checks the first payload, to report early what is unreadable.
func (py *pyPayloads) probe(p *sqlite.Probe, l *table.Layout) error {
	v, err := p.First("SELECT " + l.Cols[source.Data] + " FROM " + l.From)
	if err == nil {
		py.judge(&v, l)
	}
	return err
}

// judge adapts the layout to the first payload.
func (py *pyPayloads) judge(v *cell.Value, l *table.Layout) {
	if v.Kind == cell.Null {
		return
	}
	if _, opaque := py.open(v.Text()); opaque != "" {
		l.LeftOut = append(l.LeftOut, table.Omission{What: "payloads: " + opaque})
		l.InData &^= replay.FieldTime // encrypted with the payload
	} else if py.aead != nil {
		l.Recognised += "; payloads are decrypted with the key given"
	}
}

// newPyTopic parses "module.path:Class.Event". For a class at the top of its module,
// the category is the module.
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
	t.meta = cell.AppendJSON(t.meta, topic)
	return t
}

func (py *pyPayloads) Classify(r *table.Row, e *replay.Event) error {
	v := r.At(source.Type)
	if v.Kind != cell.Text {
		return errors.New("its topic is " + v.Describe() + ", not text")
	}
	t := py.topics[string(v.B)]
	if t == nil {
		if len(py.topics) >= cell.MaxInterned {
			clear(py.topics)
		}
		t = newPyTopic(string(v.B))
		py.topics[string(v.B)] = t
	}
	py.topic, e.Type, e.Category = t, t.typ, t.category
	return nil
}

func (py *pyPayloads) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	e.Revision = 1
	py.meta = append(py.meta[:0], py.topic.meta...)
	data, opaque := py.open(r.At(source.Data).Text())
	switch {
	case opaque != "":
		e.Opaque = opaque
	case py.unwrap.run(data):
		u := &py.unwrap
		if skip&replay.FieldTime == 0 {
			r.StampText(e, u.time)
		}
		if u.revision != 0 {
			e.Revision = u.revision
		}
		if len(u.originatorTopic) > 0 {
			py.meta = append(py.meta, `,"originator_topic":`...)
			py.meta = append(py.meta, u.originatorTopic...)
		}
		e.Data = u.out
	case py.unwrap.Deep:
		e.Opaque = "nested more than " + strconv.Itoa(cell.MaxDepth) + " deep"
	default:
		e.Data = data // the parser reports what is wrong and where
	}
	if skip&replay.FieldMeta == 0 {
		e.Meta.Raw = append(py.meta, '}')
	}
	return nil
}

// open decrypts and decompresses a payload. It returns the payload as JSON, or why it
// is unreadable.
func (py *pyPayloads) open(b []byte) (data []byte, opaque string) {
	wrongKey := false
	if py.aead != nil {
		if plain, ok := py.decrypt(b); ok {
			return py.inflate.Bytes(plain)
		}
		wrongKey = true
	}
	data, opaque = py.inflate.Bytes(b)
	if opaque == "" && len(data) > 0 && utf8.Valid(data) {
		return data, ""
	}
	form := cell.KnownForm(b)
	switch {
	case cell.Compressed(b) == "" && utf8.Valid(b), form != "" && form != cell.Protobuf:
		return data, opaque
	case wrongKey:
		return nil, "encrypted, and not with the key that was given (CIPHER_KEY or a key file)"
	default:
		return nil, "encrypted, it seems: give the key with CIPHER_KEY or a key file"
	}
}

// decrypt decrypts AES-GCM in the library's layout: nonce, tag, ciphertext.
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

// The library's attributes of an event, which are not domain data.
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
