package dialect

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// matchAkkaLegacy binds the journal of Akka Persistence JDBC before 5.0, and of later
// releases with its legacy DAO.
//
//	journal(ordering bigserial, persistence_id varchar, sequence_number bigint, deleted boolean, tags varchar, message bytea)
//	snapshot(persistence_id, sequence_number, created, snapshot bytea)
//
// A message is a PersistentMessage of Akka's MessageFormats.proto, which has the time, the
// manifest and the payload with its serializer. A message of another form is listed and
// opaque, of type PersistentRepr.
func matchAkkaLegacy(p *postgres.Probe) (*table.Layout, error) {
	if j := p.Table("journal"); j != nil && j.Column("identifier") != nil {
		return nil, errors.New("table journal has a column identifier, as that of Akka.NET")
	}
	t, err := p.Need("journal", "ordering", "persistence_id", "sequence_number", "deleted", "tags", "message")
	if err != nil {
		return nil, err
	}
	if t.Column("manifest") != nil {
		return nil, errors.New("table journal has a column manifest")
	}
	l := &table.Layout{
		Recognised: p.Found("table journal with ordering, persistence_id, message"),
		From:       p.Name(t) + " AS j",
		Where:      "NOT j.deleted",
		LeftOut:    []table.Omission{table.OfStreams("deleted event", "deleted events", "SELECT count(*) FROM "+p.Name(t)+" AS j WHERE j.deleted")},
		TimeUnit:   cell.UnitNamed("ms"),
		Derived:    source.FieldsOf(source.Type, source.Revision),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return &persistentDecoder{} },
	}
	l.Cols = [source.NumFields]string{
		source.Version: "j.sequence_number", source.Position: "j.ordering", source.Data: "j.message", source.Type: "NULL::text",
		source.Category: p.Collated("CASE WHEN strpos(j.persistence_id, '|') > 0 THEN split_part(j.persistence_id, '|', 1) ELSE '' END"),
	}
	p.Stream(l, "j", t, "persistence_id")
	if s := p.Table("snapshot"); s != nil && s.Require("persistence_id", "sequence_number", "snapshot") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
	}
	return l, nil
}

// A persistentDecoder decodes messages.
type persistentDecoder struct {
	serializedDecoder
	message persistentMessage
	known   bool
}

// A persistentMessage is what an event needs of a PersistentMessage.
type persistentMessage struct {
	payload   []byte
	id        int64  // of the serializer
	manifest  string // of the payload
	adapter   string // the manifest of an event adapter
	timestamp int64  // in milliseconds; 0 if there is none
}

func (d *persistentDecoder) Classify(r *table.Row, e *replay.Event) error {
	d.message = persistentMessage{}
	d.known = d.message.parse(r.At(source.Data).Text())
	name, revision, _ := strings.Cut(d.message.manifest, "#")
	switch {
	case !d.known:
		name = "PersistentRepr"
	case name == "" && d.message.adapter != "":
		name = d.message.adapter
	case name == "":
		name = "serializer " + strconv.FormatInt(d.message.id, 10)
	}
	e.Type = d.types.Of([]byte(name))
	e.Revision = wholeRevision(revision)
	e.Category = d.categories.Of(r.At(source.Category).Text())
	return nil
}

func (d *persistentDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	m := &d.message
	if m.timestamp > 0 && skip&replay.FieldTime == 0 {
		r.Stamp(e, &cell.Value{Kind: cell.Int, Num: m.timestamp})
	}
	payload := cell.Value{Kind: cell.Blob, B: m.payload}
	data, opaque := d.payload(&payload)
	meta := serializedMeta{ID: &m.id, Manifest: &m.manifest}
	if !d.known {
		payload.B, opaque = r.At(source.Data).Text(), "not a PersistentMessage of Akka"
		data, meta = nil, serializedMeta{}
	}
	if skip&replay.FieldData == 0 {
		e.Data, e.Opaque = data, opaque
	}
	if skip&replay.FieldMeta != 0 || opaque == "" {
		return nil
	}
	if m.manifest == "" {
		meta.Manifest = nil
	}
	return d.unreadable(e, &meta, &payload)
}

// parse reads a PersistentMessage and reports whether the bytes are one.
func (m *persistentMessage) parse(b []byte) bool {
	found := false
	ok := protoFields(b, func(field uint64, n uint64, b []byte) bool {
		switch {
		case field == 1 && b != nil:
			found = m.parsePayload(b)
			return found
		case field == 12 && b != nil:
			m.adapter = string(b)
		case field == 14 && b == nil:
			m.timestamp = int64(n>>1) ^ -int64(n&1)
		}
		return true
	})
	return ok && found
}

func (m *persistentMessage) parsePayload(b []byte) bool {
	id, payload := false, false
	return protoFields(b, func(field uint64, n uint64, b []byte) bool {
		switch {
		case field == 1 && b == nil:
			m.id, id = int64(int32(n)), true
		case field == 2 && b != nil:
			m.payload, payload = b, true
		case field == 3 && b != nil:
			m.manifest = string(b)
		}
		return true
	}) && id && payload
}

// protoFields calls each with the fields of a message of Protocol Buffers: with a number,
// or with bytes that are not nil. It reports whether the message is well formed and each
// always returned true.
func protoFields(b []byte, each func(field uint64, n uint64, b []byte) bool) bool {
	for len(b) > 0 {
		tag, size := binary.Uvarint(b)
		if size <= 0 || tag>>3 == 0 {
			return false
		}
		b = b[size:]
		n, width := uint64(0), 0
		switch tag & 7 {
		case 0:
			if n, width = binary.Uvarint(b); width <= 0 {
				return false
			}
		case 1:
			width = 8
		case 5:
			width = 4
		case 2:
			if n, size = binary.Uvarint(b); size <= 0 || n > math.MaxInt32 || int(n) > len(b)-size {
				return false
			}
			b, width = b[size:], int(n)
		default:
			return false
		}
		if width > len(b) {
			return false
		}
		var bytes []byte
		if tag&7 == 2 {
			bytes = b[:width:width]
		}
		if tag&7 != 1 && tag&7 != 5 && !each(tag>>3, n, bytes) {
			return false
		}
		b = b[width:]
	}
	return true
}
