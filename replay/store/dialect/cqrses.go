package dialect

import (
	"errors"
	"strconv"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// cqrsES is the layout of the Rust library cqrs-es, which stores no times and no
// global order. A payload is tagged with its variant, {"NameAdded":{…}}. If the tag is
// the event's type, the inner value is shown, or an empty object for a variant without
// fields. The versions of event types are text; whole numbers (1, 1.0) are revisions.
var cqrsES = sqlite.Dialect{Name: "cqrs-es", Match: matchCqrsES}

func matchCqrsES(p *sqlite.Probe) (*table.Layout, error) {
	t := p.Table("events")
	if t == nil {
		return nil, errors.New(source.NoTable + "events")
	}
	if err := t.Require(cqrsColumns...); err != nil {
		return nil, err
	}
	l := cqrsLayout()
	l.Recognised, l.From = "table events with aggregate_type, aggregate_id, sequence, event_version", "events"
	l.Cols = [source.NumFields]string{
		source.Version: "sequence", source.Category: "aggregate_type", source.Type: "event_type",
		source.Revision: "event_version", source.Data: "payload", source.Meta: "metadata",
	}
	if s := p.Table("snapshots"); s != nil && s.Require("aggregate_type", "aggregate_id", "last_sequence", "payload") == nil {
		l.Snapshots = "SELECT count(*) FROM snapshots"
		l.Saved = &table.Saved{From: "snapshots", Version: "last_sequence", Data: "payload", Category: true}
		l.LeftOut = append(l.LeftOut, table.Unused(l.Snapshots))
	}
	byTypeAndID(l, p, t, "aggregate_type", "aggregate_id")
	return l, nil
}

// matchServerCqrsES binds the same library in PostgreSQL, MySQL or MariaDB.
//
//	events(aggregate_type text, aggregate_id text, sequence bigint, event_type text, event_version text, payload json, metadata json)
//	snapshots(aggregate_type, aggregate_id, last_sequence, current_snapshot, payload)
//
// The first releases had no event_type and event_version.
func matchServerCqrsES[P serverProbe](p P) (*table.Layout, error) {
	t, err := p.Need("events", cqrsColumns...)
	if err != nil {
		return nil, err
	}
	l := cqrsLayout()
	l.Recognised, l.From = p.Found("table events with aggregate_type, aggregate_id, sequence, event_version"), p.Name(t)+" AS e"
	l.Cols = [source.NumFields]string{
		source.Version: "e.sequence", source.Category: p.Text("e", t, "aggregate_type"), source.Type: p.Text("e", t, "event_type"),
		source.Revision: "e.event_version", source.Data: "e.payload", source.Meta: "e.metadata",
	}
	if s := p.Table("snapshots"); s != nil && s.Require("aggregate_type", "aggregate_id", "last_sequence", "payload") == nil {
		l.KeepsSnapshots("SELECT count(*) FROM " + p.Name(s))
		l.Saved = &table.Saved{From: p.Name(s) + " AS e", Version: "e.last_sequence", Data: "e.payload", Category: true}
	}
	streamByTypeAndID(p, l, t, "aggregate_type", "aggregate_id")
	return l, nil
}

var cqrsColumns = []string{
	"aggregate_type", "aggregate_id", "sequence", "event_type", "event_version", "payload", "metadata",
}

// cqrsLayout returns the common part of the layouts.
func cqrsLayout() *table.Layout {
	return &table.Layout{
		Derived: source.FieldsOf(source.Revision),
		Decoder: func() table.Decoder { return &cqrsDecoder{} },
		Meta:    snakeOrCamel(),
	}
}

type cqrsDecoder struct {
	types, categories cell.Interner
	payloads          cell.PayloadDecoder
}

func (d *cqrsDecoder) Classify(r *table.Row, e *replay.Event) (err error) {
	if e.Type, err = table.TextOf(r, source.Type, &d.types); err != nil {
		return err
	}
	e.Category, err = table.TextOf(r, source.Category, &d.categories)
	e.Revision = wholeRevision(string(r.At(source.Revision).Text()))
	return err
}

// wholeRevision reads "1" and "1.0" as 1, and other versions as no revision.
func wholeRevision(s string) int {
	whole, rest, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 0 || strings.Trim(rest, "0.") != "" {
		return 0
	}
	return n
}

func (d *cqrsDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 {
		return nil
	}
	e.Data, e.Opaque = d.payloads.Decode(r.At(source.Data))
	if e.Opaque != "" {
		return nil
	}
	s := cell.PayloadScanner{In: e.Data}
	if s.Peek() == '"' {
		if variant, ok := cell.Unquote(s.Str()); ok && variant == e.Type && s.Peek() == 0 {
			e.Data = emptyObject
		}
		return nil
	}
	if inner, ok := onlyMember(e.Data, e.Type); ok {
		e.Data = inner
	}
	return nil
}

var emptyObject = []byte("{}")

// onlyMember returns the value of an object's only member, if it has this name.
func onlyMember(doc []byte, name string) ([]byte, bool) {
	s := cell.PayloadScanner{In: doc}
	if !s.Take('{') {
		return nil, false
	}
	key, ok := cell.Unquote(s.Str())
	if !ok || key != name || !s.Take(':') {
		return nil, false
	}
	s.Peek()
	v := s.Value(0)
	return v, s.Take('}') && !s.Bad && s.Peek() == 0
}
