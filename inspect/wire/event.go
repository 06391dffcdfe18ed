package wire

import (
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A Moment is an event of a timeline, as a point in its history. Before the first
// event, all fields but stream are null.
type Moment struct {
	Stream    string     `json:"stream"`
	Version   *int64     `json:"version"`
	Position  *int64     `json:"position"`
	Time      *time.Time `json:"time"`
	EventID   *string    `json:"event_id"`
	EventType *string    `json:"event_type"`
}

// NewMoment converts m.
func NewMoment(m replay.Moment) Moment {
	v, ok := m.At()
	if !ok {
		return Moment{Stream: m.Stream}
	}
	return Moment{
		Stream: m.Stream, Version: (*int64)(&v), Position: position(&m.Position), Time: instant(m.Time),
		EventID: text(&m.EventID), EventType: text(&m.EventType),
	}
}

// momentOf converts m. It returns nil before the first event.
func momentOf(m replay.Moment) *Moment {
	if m.IsStart() {
		return nil
	}
	one := NewMoment(m)
	return &one
}

// momentAt converts m, which may be nil.
func momentAt(m *replay.Moment) *Moment {
	if m == nil {
		return nil
	}
	one := NewMoment(*m)
	return &one
}

// EventHead is an event without its payload and metadata.
type EventHead struct {
	Stream        string     `json:"stream"`
	Category      *string    `json:"category"`
	Version       int64      `json:"version"`
	Position      *int64     `json:"position"`
	ID            *string    `json:"id"`
	Type          *string    `json:"type"`
	Revision      *int64     `json:"revision"`
	Time          *time.Time `json:"time"`
	Actor         *string    `json:"actor"`
	CorrelationID *string    `json:"correlation_id"`
	CausationID   *string    `json:"causation_id"`
}

// NewEventHead converts e without its payload and metadata.
func NewEventHead(e *replay.Event) EventHead {
	return EventHead{
		Stream: string(e.Stream), Category: text(&e.Category), Version: int64(e.Version), Position: position(&e.Position),
		ID: text(&e.ID), Type: text(&e.Type), Revision: revision(e.Revision), Time: instant(e.Time),
		Actor: text(&e.Meta.Actor), CorrelationID: text(&e.Meta.Correlation), CausationID: text(&e.Meta.Causation),
	}
}

// headOf converts e, which may be nil.
func headOf(e *replay.Event) *EventHead {
	if e == nil {
		return nil
	}
	head := NewEventHead(e)
	return &head
}

// An Event is a complete event. Data is the payload as stored, before any upcaster. If
// it cannot be read as JSON, data is null and opaque says why.
type Event struct {
	EventHead
	Data     Value  `json:"data"`
	Metadata Value  `json:"metadata"`
	Opaque   string `json:"opaque,omitempty"`
}

// NewEvent converts e.
func NewEvent(e *replay.Event) Event { return new(Bodies).Event(e) }

// events converts es.
func events(es []*replay.Event) []Event {
	all := make([]Event, len(es))
	for i, e := range es {
		all[i] = NewEvent(e)
	}
	return all
}

// Event converts e. The result is valid until the next event is read.
func (b *Bodies) Event(e *replay.Event) Event {
	data, opaque := b.Payload(e)
	return Event{EventHead: NewEventHead(e), Data: Value(data), Metadata: Value(b.Metadata(e)), Opaque: opaque}
}

// Payload returns the payload as stored, or null and the reason why it cannot be read.
func (b *Bodies) Payload(e *replay.Event) (data state.Value, opaque string) {
	if e.Opaque != "" {
		return state.NullValue(), e.Opaque
	}
	v, _, err := b.data.ParsePayload(e.Data) // not e.Body, which may be upcast
	if err != nil {
		return state.NullValue(), err.Error()
	}
	return v, ""
}

// Metadata returns the metadata. If a reader breaks its contract and the metadata is
// not JSON, it is a string.
func (b *Bodies) Metadata(e *replay.Event) state.Value {
	if e.Meta.Raw == nil {
		return state.NullValue()
	}
	v, _, err := b.meta.ParsePayload(e.Meta.Raw)
	if err != nil {
		return state.StringValue(string(e.Meta.Raw))
	}
	return v
}

// A Change is a difference between two states. From is null for an add, to for a
// remove. Label is the path with keys for elements of arrays, if they have any.
type Change struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Label string `json:"label,omitempty"`
	From  Value  `json:"from"`
	To    Value  `json:"to"`
}

// NewChanges converts cs. The result is never nil.
func NewChanges(cs []state.Change) []Change {
	all := make([]Change, len(cs))
	for i, c := range cs {
		all[i] = Change{Op: string(c.Op), Path: c.Path, Label: c.Label, From: Value(c.From), To: Value(c.To)}
	}
	return all
}

// An Account says which events an answer is based on, and which it leaves out.
type Account struct {
	Events     int64            `json:"events"`
	Unread     int64            `json:"unread"`
	Unhandled  map[string]int64 `json:"unhandled"`
	GoneBefore *int64           `json:"gone_before"` // the first remaining version, if earlier ones are gone
	Missing    int64            `json:"missing"`
	LeftOut    []string         `json:"left_out"`
	Incomplete *Incomplete      `json:"incomplete,omitempty"` // of a timeline of many streams
}

// Incomplete counts the streams that lack events before the first one or in between, and
// names one of them.
type Incomplete struct {
	Streams int64  `json:"streams"`
	Stream  string `json:"stream"`
}

func incomplete(i replay.Incomplete) *Incomplete {
	if i.Streams == 0 {
		return nil
	}
	return &Incomplete{i.Streams, string(i.One)}
}

// NewAccount converts a.
func NewAccount(a replay.Account) Account {
	all := Account{Events: a.Events, Unread: a.Unread, Unhandled: counts(a.Unhandled), Missing: a.Missing, LeftOut: texts(a.LeftOut), Incomplete: incomplete(a.Incomplete)}
	if a.Gone {
		all.GoneBefore = (*int64)(&a.First)
	}
	return all
}

// text returns nil for an empty string, which means that the store has no value.
func text(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}

// texts returns ss, but never nil.
func texts(ss []string) []string {
	if ss == nil {
		return []string{}
	}
	return ss
}

// counts returns m, but never nil.
func counts(m map[string]int64) map[string]int64 {
	if m == nil {
		return map[string]int64{}
	}
	return m
}

func position(p *replay.Position) *int64 {
	if *p == replay.NoPosition {
		return nil
	}
	return (*int64)(p)
}

func revision(r int) *int64 {
	if r == 0 {
		return nil
	}
	n := int64(r)
	return &n
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
