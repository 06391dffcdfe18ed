package store

import (
	"errors"
	"slices"
	"strings"

	"asof/replay"
)

// eventSauce is the layout of EventSauce (PHP): a table that the user names, whose
// payload has the event and, in its headers, the envelope. Where there are several
// such tables, [Options].Context is the name of one.
//
// Ids may be kept as 16 bytes, in a column of any type: they are shown in
// hexadecimal.
var eventSauce = dialect{name: "eventsauce", match: matchEventSauce}

func matchEventSauce(p *probe) (*layout, error) {
	var found []string
	for _, t := range p.tables {
		if t.require("event_id", "aggregate_root_id", "version", "payload") != nil {
			continue
		}
		v, err := p.first("SELECT payload FROM " + quoteName(t.name))
		if err != nil {
			return nil, err
		}
		headers, _ := memberOf(v.text(), "headers")
		if _, ok := memberOf(headers, "__event_type"); ok || v.kind == kindNull {
			found = append(found, t.name)
		}
	}
	if len(found) == 0 {
		return nil, errors.New(noTable + "of any name with event_id, aggregate_root_id, version, payload, whose headers have __event_type")
	}
	slices.Sort(found)
	chosen, err := p.opts.choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, contextError("several tables hold its events: choose one with --context: " + listed(chosen, 10))
	}
	t := p.table(chosen[0])
	l := &layout{
		recognised: "table " + t.name + " with event_id, aggregate_root_id, version, payload",
		from:       quoteName(t.name),
		contexts:   found,
		where:      "aggregate_root_id IS NOT NULL AND version IS NOT NULL",
		derived:    columnsOf(colType, colCategory),
		inData:     replay.FieldTime | replay.FieldMeta,
		dataAlways: true,
		decoder:    func() decoder { return &eventSauceDecoder{} },
		leftOut: []omission{ofStreams(
			"events of no aggregate, or without a version",
			"SELECT count(*) FROM "+quoteName(t.name)+" WHERE (aggregate_root_id IS NULL OR version IS NULL)",
		)},
		meta: Metadata{
			Correlation: []string{"/__correlation_id"},
			Causation:   []string{"/__causation_id"},
		},
		lacks: []string{"revisions"},
	}
	l.cols[colVersion], l.cols[colData] = "version", "payload"
	l.cols[colPosition] = t.rowID()
	l.eventSauceIDs(t)
	for _, other := range without(found, t.name) {
		l.leftOut = append(l.leftOut, omission{
			what: "events of the table " + other, count: "SELECT count(*) FROM " + quoteName(other),
		})
	}
	return l, nil
}

func (l *layout) eventSauceIDs(t *table) {
	l.cols[colID] = shownID("event_id")
	id := t.column("aggregate_root_id")
	if typ := strings.ToUpper(id.typ); !strings.Contains(typ, "BINARY") && !strings.Contains(typ, "BLOB") {
		l.cols[colStream] = shownID("aggregate_root_id")
		l.matchStream = func(arg func(any) string, id string) (string, bool) {
			return matchID("aggregate_root_id", arg, id), true
		}
		return
	}
	// Some rows may hold the same bytes as text.
	l.cols[colStream] = "lower(hex(CAST(aggregate_root_id AS BLOB)))"
	l.matchStream = func(arg func(any) string, id string) (string, bool) {
		b, ok := hexID(id)
		if !ok {
			return "", false
		}
		return "aggregate_root_id IN (" + arg(b) + ", CAST(" + arg(b) + " AS TEXT))", true
	}
}

type eventSauceDecoder struct {
	types, categories interner
	payloads          payloadDecoder
	headers           eventSauceHeaders
}

// eventSauceHeaders are those of the event at hand.
type eventSauceHeaders struct {
	doc, raw []byte
	opaque   string
}

var (
	sauceType     = pointer{"__event_type"}
	sauceCategory = pointer{"__aggregate_root_type"}
	sauceTime     = pointer{"__time_of_recording"}
)

func (d *eventSauceDecoder) classify(r *row, e *replay.Event) error {
	h := &d.headers
	h.doc, h.opaque = d.payloads.decode(r.at(colData))
	h.raw, _ = memberOf(h.doc, "headers")
	typ, ok := sauceType.find(h.raw)
	if !ok && h.opaque == "" {
		return errors.New("its payload has no headers.__event_type")
	}
	e.Type = d.types.of([]byte(typ))
	category, _ := sauceCategory.find(h.raw)
	e.Category = d.categories.of([]byte(category))
	return nil
}

func (d *eventSauceDecoder) decode(r *row, e *replay.Event, skip replay.Fields) error {
	h := &d.headers
	if e.Opaque = h.opaque; h.opaque != "" {
		return nil
	}
	if skip&replay.FieldTime == 0 {
		if s, ok := sauceTime.find(h.raw); ok {
			r.stampText(e, []byte(s))
		}
	}
	if skip&replay.FieldMeta == 0 {
		e.Meta.Raw = h.raw
	}
	data, ok := memberOf(h.doc, "payload")
	if !ok {
		data = h.doc // whoever parses it will say what is wrong, and where
	}
	e.Data = data
	return nil
}
