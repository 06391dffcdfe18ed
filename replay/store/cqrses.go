package store

import (
	"errors"
	"strconv"
	"strings"

	"asof/replay"
)

// cqrsES is the layout of the Rust library cqrs-es, which keeps neither times nor
// an order over the whole store. A payload is tagged by its variant,
// {"NameAdded":{…}}: where the tag is the event's type, what is inside is shown,
// and for a variant without fields an empty object. The versions of event types
// are text; those that are whole numbers (1, 1.0) are revisions.
var cqrsES = dialect{name: "cqrs-es", match: matchCqrsES}

func matchCqrsES(p *probe) (*layout, error) {
	t := p.table("events")
	if t == nil {
		return nil, errors.New(noTable + "events")
	}
	if err := t.require("aggregate_type", "aggregate_id", "sequence", "event_type", "event_version",
		"payload", "metadata"); err != nil {
		return nil, err
	}
	l := &layout{
		recognised: "table events with aggregate_type, aggregate_id, sequence, event_version",
		from:       "events",
		cols: [numColumns]string{
			colVersion: "sequence", colCategory: "aggregate_type", colType: "event_type",
			colRevision: "event_version", colData: "payload", colMeta: "metadata",
		},
		derived: columnsOf(colRevision),
		decoder: func() decoder { return &cqrsDecoder{} },
		meta: Metadata{
			Correlation: []string{"/correlation_id", "/correlationId"},
			Causation:   []string{"/causation_id", "/causationId"},
		},
	}
	if s := p.table("snapshots"); s != nil && s.require("aggregate_type", "aggregate_id") == nil {
		l.snapshots = "SELECT count(*) FROM snapshots"
		l.leftOut = append(l.leftOut, omission{what: snapshotsUnused, count: l.snapshots})
	}
	return l, l.byTypeAndID(p, "aggregate_type", "aggregate_id")
}

type cqrsDecoder struct {
	types, categories interner
	payloads          payloadDecoder
}

func (d *cqrsDecoder) classify(r *row, e *replay.Event) (err error) {
	if e.Type, err = textOf(r, colType, &d.types); err != nil {
		return err
	}
	e.Category, err = textOf(r, colCategory, &d.categories)
	e.Revision = wholeRevision(string(r.at(colRevision).text()))
	return err
}

// wholeRevision reads "1" and "1.0" as 1; anything else is no revision.
func wholeRevision(s string) int {
	whole, rest, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || n < 0 || strings.Trim(rest, "0.") != "" {
		return 0
	}
	return n
}

func (d *cqrsDecoder) decode(r *row, e *replay.Event, skip replay.Fields) error {
	if skip&replay.FieldData != 0 {
		return nil
	}
	e.Data, e.Opaque = d.payloads.decode(r.at(colData))
	if e.Opaque != "" {
		return nil
	}
	s := payloadScanner{in: e.Data}
	if s.peek() == '"' {
		if variant, ok := unquote(s.str()); ok && variant == e.Type && s.peek() == 0 {
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

// onlyMember returns what an object holds whose one member has this name.
func onlyMember(doc []byte, name string) ([]byte, bool) {
	s := payloadScanner{in: doc}
	if !s.take('{') {
		return nil, false
	}
	key, ok := unquote(s.str())
	if !ok || key != name || !s.take(':') {
		return nil, false
	}
	s.peek()
	v := s.value(0)
	return v, s.take('}') && !s.bad && s.peek() == 0
}
