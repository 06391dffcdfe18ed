package dialect

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A serializedDecoder decodes events that an actor's serializer wrote. A payload is shown
// if it is a JSON object or array. Of another one, such as CBOR, Protocol Buffers or a
// serialized object, the metadata has ser_id and ser_manifest, and the bytes as
// payload_base64, because only the application can read it.
type serializedDecoder struct {
	types, categories cell.Interner
	payloads, metas   cell.PayloadDecoder
	meta              []byte
	typeOf            func(manifest string) string // nil: as it is
}

// serializedMeta is the metadata of an event whose payload is unreadable.
type serializedMeta struct {
	ID       *int64  `json:"ser_id,omitempty"`
	Manifest *string `json:"ser_manifest,omitempty"`
	Payload  string  `json:"payload_base64"`
}

// serialized makes the layout read its payloads with a decoder. Its metadata column is an
// array of the serializer, the manifest and the metadata that the store has, in
// hexadecimal, each of which may be null.
func serialized(l *table.Layout, id, manifest, meta string, typeOf func(string) string) {
	l.Cols[source.Meta] = "json_build_array(" + id + ", nullif(" + manifest + ", ''), encode(" + meta + ", 'hex'))::text"
	l.InData = replay.FieldMeta // the metadata depends on the payload
	if typeOf != nil {
		l.Derived |= source.FieldsOf(source.Type)
	}
	l.Decoder = func() table.Decoder { return &serializedDecoder{typeOf: typeOf} }
}

func (d *serializedDecoder) Classify(r *table.Row, e *replay.Event) error {
	v := r.At(source.Type)
	if v.Kind != cell.Text {
		return errors.New("its type is " + v.Describe())
	}
	if e.Type = string(v.B); d.typeOf != nil {
		e.Type = d.typeOf(e.Type)
	}
	e.Type = d.types.Of([]byte(e.Type))
	e.Category = d.categories.Of(r.At(source.Category).Text())
	return nil
}

func (d *serializedDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 && skip&replay.FieldMeta != 0 {
		return nil
	}
	payload := r.At(source.Data)
	data, opaque := d.payload(payload)
	if skip&replay.FieldData == 0 {
		e.Data, e.Opaque = data, opaque
	}
	if skip&replay.FieldMeta != 0 {
		return nil
	}
	var m serializedMeta
	var stored *string
	if err := json.Unmarshal(r.At(source.Meta).Text(), &[]any{&m.ID, &m.Manifest, &stored}); err != nil {
		return err
	}
	if opaque != "" {
		return d.unreadable(e, &m, payload)
	}
	if stored == nil {
		return nil
	}
	raw, err := hex.DecodeString(*stored)
	if doc, opaque := d.metas.Bytes(raw); err == nil && opaque == "" && doc[0] == '{' {
		e.Meta.Raw = doc
	}
	return err
}

// unreadable adds what another program needs to read the payload.
func (d *serializedDecoder) unreadable(e *replay.Event, m *serializedMeta, payload *cell.Value) (err error) {
	m.Payload = base64.StdEncoding.EncodeToString(payload.Text())
	d.meta, err = json.Marshal(m)
	e.Meta.Raw = d.meta
	return err
}

// payload returns a payload, or why it is unreadable.
func (d *serializedDecoder) payload(v *cell.Value) (data []byte, opaque string) {
	if v.Kind != cell.Blob { // a column of JSON
		return d.payloads.Decode(v)
	}
	b := v.Text()
	if len(b) == 0 {
		return nil, "not JSON: binary, 0 bytes"
	}
	data, opaque = d.payloads.Bytes(b)
	s := cell.PayloadScanner{In: data}
	if first := s.Peek(); opaque == "" && first != '{' && first != '[' {
		return nil, "not a JSON object: text that begins with " + cell.QuoteStart(b)
	}
	return data, opaque
}
