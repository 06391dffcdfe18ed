package dialect

import (
	"errors"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// eventSauce is the layout of EventSauce (PHP). Its table may have any name. The payload
// contains the event and, in its headers, the envelope. If there are several such
// tables, [source.Options].Context names one.
//
// Ids may be stored as 16 bytes, in a column of any type. They are shown in
// hexadecimal.
var eventSauce = sqlite.Dialect{Name: "eventsauce", Match: matchEventSauce}

func matchEventSauce(p *sqlite.Probe) (*table.Layout, error) {
	var found []string
	for _, t := range p.Tables {
		if t.Require("event_id", "aggregate_root_id", "version", "payload") != nil {
			continue
		}
		v, err := p.First("SELECT payload FROM " + table.QuoteName(t.Name))
		if err != nil {
			return nil, err
		}
		headers, _ := cell.MemberOf(v.Text(), "headers")
		if _, ok := cell.MemberOf(headers, "__event_type"); ok || v.Kind == cell.Null {
			found = append(found, t.Name)
		}
	}
	if len(found) == 0 {
		return nil, errors.New(source.NoTable + "of any name with event_id, aggregate_root_id, version, payload, whose headers have __event_type")
	}
	slices.Sort(found)
	chosen, err := p.Opts.Choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, &source.ContextError{Msg: "several tables hold its events", Contexts: chosen}
	}
	t := p.Table(chosen[0])
	l := &table.Layout{
		Recognised: "table " + t.Name + " with event_id, aggregate_root_id, version, payload",
		From:       table.QuoteName(t.Name),
		Contexts:   found,
		Where:      "aggregate_root_id IS NOT NULL AND version IS NOT NULL",
		Derived:    source.FieldsOf(source.Type, source.Category),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return &eventSauceDecoder{} },
		LeftOut: []table.Omission{table.OfStreams(
			"events of no aggregate, or without a version",
			"SELECT count(*) FROM "+table.QuoteName(t.Name)+" WHERE (aggregate_root_id IS NULL OR version IS NULL)",
		)},
		Meta: source.Metadata{
			Correlation: []string{"/__correlation_id"},
			Causation:   []string{"/__causation_id"},
		},
		Lacks: []string{"revisions"},
	}
	l.Cols[source.Version], l.Cols[source.Data] = "version", "payload"
	l.Cols[source.Position] = t.RowID()
	eventSauceIDs(l, t)
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Omission{
			What: "events of the table " + other, Count: "SELECT count(*) FROM " + table.QuoteName(other),
		})
	}
	return l, nil
}

func eventSauceIDs(l *table.Layout, t *table.Table) {
	l.Cols[source.ID] = sqlite.ShownID("event_id")
	id := t.Column("aggregate_root_id")
	if typ := strings.ToUpper(id.Type); !strings.Contains(typ, "BINARY") && !strings.Contains(typ, "BLOB") {
		l.Cols[source.Stream] = sqlite.ShownID("aggregate_root_id")
		l.MatchStream = func(arg func(any) string, id string) (string, bool) {
			return sqlite.MatchID("aggregate_root_id", arg, id), true
		}
		return
	}
	// Some rows may store the same bytes as text.
	l.Cols[source.Stream] = "lower(hex(CAST(aggregate_root_id AS BLOB)))"
	l.MatchStream = func(arg func(any) string, id string) (string, bool) {
		b, ok := sqlite.HexID(id)
		if !ok {
			return "", false
		}
		return "aggregate_root_id IN (" + arg(b) + ", CAST(" + arg(b) + " AS TEXT))", true
	}
}

type eventSauceDecoder struct {
	types, categories cell.Interner
	payloads          cell.PayloadDecoder
	headers           eventSauceHeaders
}

// eventSauceHeaders are the headers of the current event.
type eventSauceHeaders struct {
	doc, raw []byte
	opaque   string
}

var (
	sauceType     = cell.Pointer{"__event_type"}
	sauceCategory = cell.Pointer{"__aggregate_root_type"}
	sauceTime     = cell.Pointer{"__time_of_recording"}
)

func (d *eventSauceDecoder) Classify(r *table.Row, e *replay.Event) error {
	h := &d.headers
	h.doc, h.opaque = d.payloads.Decode(r.At(source.Data))
	h.raw, _ = cell.MemberOf(h.doc, "headers")
	typ, ok := sauceType.Find(h.raw)
	if !ok && h.opaque == "" {
		return errors.New("its payload has no headers.__event_type")
	}
	e.Type = d.types.Of([]byte(typ))
	category, _ := sauceCategory.Find(h.raw)
	e.Category = d.categories.Of([]byte(category))
	return nil
}

func (d *eventSauceDecoder) Decode(r *table.Row, e *replay.Event, skip replay.Fields) error {
	h := &d.headers
	if e.Opaque = h.opaque; h.opaque != "" {
		return nil
	}
	if skip&replay.FieldTime == 0 {
		if s, ok := sauceTime.Find(h.raw); ok {
			r.StampText(e, []byte(s))
		}
	}
	if skip&replay.FieldMeta == 0 {
		e.Meta.Raw = h.raw
	}
	data, ok := cell.MemberOf(h.doc, "payload")
	if !ok {
		data = h.doc // the parser reports what is wrong and where
	}
	e.Data = data
	return nil
}
