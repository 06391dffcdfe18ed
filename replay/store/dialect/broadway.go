package dialect

import (
	"errors"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// broadwayDialect is the layout of Broadway 1 and 2 (PHP) on Doctrine DBAL. Payload and
// metadata are each wrapped in an object that names their class; the inner value is
// shown. The type of an event is that class with dots.
var broadwayDialect = sqlite.Dialect{Name: "broadway", Match: matchBroadway}

func matchBroadway(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("events")
	if t == nil {
		return nil, errors.New(source.NoTable + "events")
	}
	if err := t.Require(broadwayColumns...); err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: "table events with uuid, playhead, recorded_on",
		From:       "events",
		Cols: [source.NumFields]string{
			source.Stream: "uuid", source.Version: "playhead", source.Position: "id", source.Type: "type",
			source.Time: "recorded_on", source.Data: "payload", source.Meta: "metadata",
		},
		Decoder: func() table.Decoder { return &broadwayDecoder{} },
		Meta:    snakeOrCamel(),
	}
	return l, sqlite.MapStream(l, p, t.Column("uuid"))
}

var broadwayColumns = []string{"id", "uuid", "playhead", "payload", "metadata", "recorded_on", "type"}

// matchServerBroadway binds the same library in PostgreSQL, MySQL or MariaDB. The uuid is shown with dashes, or
// as its digits if it is stored in binary.
//
//	events(id serial PK, uuid uuid or bytea, playhead integer, payload text, metadata text, recorded_on varchar, type varchar)
func matchServerBroadway[P serverProbe](p P) (*table.Layout, error) {
	t, err := p.Need("events", broadwayColumns...)
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("table events with uuid, playhead, recorded_on"),
		From:       p.Name(t) + " AS e",
		Decoder:    func() table.Decoder { return &broadwayDecoder{} },
		Meta:       snakeOrCamel(),
	}
	l.Cols = [source.NumFields]string{
		source.Version: "e.playhead", source.Position: "e.id", source.Type: p.Text("e", t, "type"),
		source.Time: "e.recorded_on", source.Data: "e.payload", source.Meta: "e.metadata",
	}
	streamByID(p, l, t, "uuid")
	return l, nil
}

type broadwayDecoder struct {
	types    cell.Interner
	payloads cell.PayloadDecoder
}

func (d *broadwayDecoder) Classify(r *table.Row, e *replay.Event) (err error) {
	e.Type, err = table.TextOf(r, source.Type, &d.types)
	return err
}

func (d *broadwayDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData == 0 {
		e.Data, e.Opaque = d.payloads.Decode(r.At(source.Data))
		if inner, ok := cell.MemberOf(e.Data, "payload"); ok {
			e.Data = inner
		}
	}
	if skip&replay.FieldMeta == 0 {
		if inner, ok := cell.MemberOf(r.At(source.Meta).Text(), "payload"); ok && inner[0] == '{' {
			e.Meta.Raw = inner
		}
	}
	return nil
}
