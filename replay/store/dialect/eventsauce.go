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

// eventSauce is the layout of EventSauce (PHP, 1.0 and later). Its table may have any name. The payload
// contains the event and, in its headers, the envelope. If there are several such
// tables, [source.Options].Context names one.
//
// Ids may be stored as 16 bytes, in a column of any type. They are shown in
// hexadecimal.
var eventSauce = sqlite.Dialect{Name: "eventsauce", Match: matchEventSauce}

func matchEventSauce(p *sqlite.Probe) (*table.Layout, error) {
	var found []string
	for _, t := range p.Tables {
		if t.Require(eventSauceColumns...) != nil {
			continue
		}
		v, err := p.First("SELECT payload FROM " + table.QuoteName(t.Name))
		if err != nil {
			return nil, err
		}
		if hasSauceHeaders(&v) {
			found = append(found, t.Name)
		}
	}
	t, err := eventSauceTable(p.Tables, found, p.Opts)
	if err != nil {
		return nil, err
	}
	l := eventSauceLayout()
	l.Recognised, l.From, l.Contexts = "table "+t.Name+" with event_id, aggregate_root_id, version, payload", table.QuoteName(t.Name), found
	l.Where = "aggregate_root_id IS NOT NULL AND version IS NOT NULL"
	l.LeftOut = []table.Omission{table.LostOf(
		"event", " of no aggregate, or without a version",
		"SELECT count(*) FROM "+table.QuoteName(t.Name)+" WHERE (aggregate_root_id IS NULL OR version IS NULL)",
	)}
	l.Cols[source.Version], l.Cols[source.Data] = "version", "payload"
	l.Cols[source.Position] = t.RowID()
	eventSauceIDs(l, t)
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the table "+other, "SELECT count(*) FROM "+table.QuoteName(other)))
	}
	return l, nil
}

var eventSauceColumns = []string{"event_id", "aggregate_root_id", "version", "payload"}

// hasSauceHeaders reports whether a payload may be the library's.
func hasSauceHeaders(v *cell.Value) bool {
	headers, _ := cell.MemberOf(v.Text(), "headers")
	_, ok := cell.MemberOf(headers, "__event_type")
	return ok || v.Kind == cell.Null
}

// eventSauceTable returns the one table that is meant.
func eventSauceTable(tables map[string]*table.Table, found []string, o *source.Options) (*table.Table, error) {
	if len(found) == 0 {
		why := errors.New(source.NoTable + "of any name with event_id, aggregate_root_id, version, payload, whose headers have __event_type")
		for _, t := range tables {
			if err := t.Require(eventSauceColumns...); t.Column("aggregate_root_id") != nil && err != nil {
				why = err
			}
		}
		return nil, why
	}
	slices.Sort(found)
	chosen, err := o.Choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, &source.ContextError{Msg: "several tables hold its events", Contexts: chosen}
	}
	return tables[strings.ToLower(chosen[0])], nil
}

// eventSauceLayout returns the common part of the layouts.
func eventSauceLayout() *table.Layout {
	return &table.Layout{
		Derived:    source.FieldsOf(source.Type, source.Category),
		InData:     replay.FieldTime | replay.FieldMeta,
		DataAlways: true,
		Decoder:    func() table.Decoder { return &eventSauceDecoder{} },
		Meta: source.Metadata{
			Correlation: []string{"/__correlation_id"},
			Causation:   []string{"/__causation_id"},
		},
		Lacks: []string{"revisions"},
	}
}

// matchServerEventSauce binds the same library in PostgreSQL, MySQL or MariaDB (1.0 and later, with Doctrine or
// Illuminate).
//
//	any name(id bigserial PK, event_id uuid, aggregate_root_id uuid, version integer NULL, payload json)
//
// Ids may also be text, or bytea, which is shown in hexadecimal.
func matchServerEventSauce[P serverProbe](p P) (*table.Layout, error) {
	var found []string
	for _, t := range p.All() {
		if t.Require(eventSauceColumns...) != nil {
			continue
		}
		v, err := p.One("SELECT payload FROM " + p.Name(t) + " LIMIT 1")
		if err != nil {
			return nil, err
		}
		if hasSauceHeaders(&v) {
			found = append(found, t.Name)
		}
	}
	t, err := eventSauceTable(tablesOf(p), found, p.Options())
	if err != nil {
		return nil, err
	}
	l := eventSauceLayout()
	l.Recognised, l.From = p.Found("table "+t.Name+" with event_id, aggregate_root_id, version, payload"), p.Name(t)+" AS e"
	l.Contexts, l.Where = found, "e.aggregate_root_id IS NOT NULL AND e.version IS NOT NULL"
	l.LeftOut = []table.Omission{table.LostOf(
		"event", " of no aggregate, or without a version",
		"SELECT count(*) FROM "+p.Name(t)+" AS e WHERE (e.aggregate_root_id IS NULL OR e.version IS NULL)",
	)}
	l.Cols[source.Version], l.Cols[source.Data] = "e.version", "e.payload"
	if t.Column("id") != nil {
		l.Cols[source.Position] = "e.id"
	}
	streamByID(p, l, t, "aggregate_root_id")
	p.ID(l, "e", t, "event_id")
	for _, other := range source.Without(found, t.Name) {
		l.LeftOut = append(l.LeftOut, table.Counted("event", " of the table "+other, "SELECT count(*) FROM "+p.Name(p.Table(other))))
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
