package store

import (
	"errors"

	"asof/replay"
)

// broadwayDialect is the layout of Broadway (PHP) by Doctrine DBAL. Payload and
// metadata are each wrapped in an object that names its class; what is inside is
// shown. The type of an event is that class, written with dots.
var broadwayDialect = dialect{name: "broadway", match: matchBroadway}

func matchBroadway(p *probe) (*layout, error) {
	t := p.table("events")
	if t == nil {
		return nil, errors.New(noTable + "events")
	}
	if err := t.require("id", "uuid", "playhead", "payload", "metadata", "recorded_on", "type"); err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table events with uuid, playhead, recorded_on",
		from:       "events",
		cols: [numColumns]string{
			colStream: "uuid", colVersion: "playhead", colPosition: "id", colType: "type",
			colTime: "recorded_on", colData: "payload", colMeta: "metadata",
		},
		decoder: func() decoder { return &broadwayDecoder{} },
		meta: Metadata{
			Correlation: []string{"/correlation_id", "/correlationId"},
			Causation:   []string{"/causation_id", "/causationId"},
		},
	}
	return l, l.mapStream(p, t.column("uuid"))
}

type broadwayDecoder struct {
	types    interner
	payloads payloadDecoder
}

func (d *broadwayDecoder) classify(r *row, e *replay.Event) (err error) {
	e.Type, err = textOf(r, colType, &d.types)
	return err
}

func (d *broadwayDecoder) decode(r *row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData == 0 {
		e.Data, e.Opaque = d.payloads.decode(r.at(colData))
		if inner, ok := memberOf(e.Data, "payload"); ok {
			e.Data = inner
		}
	}
	if skip&replay.FieldMeta == 0 {
		if inner, ok := memberOf(r.at(colMeta).text(), "payload"); ok && inner[0] == '{' {
			e.Meta.Raw = inner
		}
	}
	return nil
}

// textOf returns a column that every event has, as a string that is kept.
func textOf(r *row, c column, names *interner) (string, error) {
	v := r.at(c)
	if v.kind != kindText {
		return "", errors.New("its " + columnNames[c] + " is " + v.describe() + ", not text")
	}
	return names.of(v.b), nil
}

// memberOf returns a member of a JSON object as it is written. It finds none in
// what is damaged before the member or within.
func memberOf(doc []byte, name string) ([]byte, bool) {
	s := payloadScanner{in: doc}
	if s.peek() != '{' || !s.enter(name) {
		return nil, false
	}
	s.peek()
	v := s.value(0)
	return v, !s.bad && len(v) > 0
}
