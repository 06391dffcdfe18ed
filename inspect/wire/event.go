package wire

import (
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A Moment is an event of a timeline, as a point in its history. All but the stream
// is null before the first event.
type Moment struct {
	Stream    string     `json:"stream"`
	Version   *int64     `json:"version"`
	Position  *int64     `json:"position"`
	Time      *time.Time `json:"time"`
	EventID   *string    `json:"event_id"`
	EventType *string    `json:"event_type"`
}

// NewMoment is m as JSON.
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

// momentOf is m, or nil before the first event.
func momentOf(m replay.Moment) *Moment {
	if m.IsStart() {
		return nil
	}
	one := NewMoment(m)
	return &one
}

// momentAt is m, or nil where there is none.
func momentAt(m *replay.Moment) *Moment {
	if m == nil {
		return nil
	}
	one := NewMoment(*m)
	return &one
}

// EventHead is an event without what it holds.
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

// NewEventHead is e without payload and metadata.
func NewEventHead(e *replay.Event) EventHead {
	return EventHead{
		Stream: string(e.Stream), Category: text(&e.Category), Version: int64(e.Version), Position: position(&e.Position),
		ID: text(&e.ID), Type: text(&e.Type), Revision: revision(e.Revision), Time: instant(e.Time),
		Actor: text(&e.Meta.Actor), CorrelationID: text(&e.Meta.Correlation), CausationID: text(&e.Meta.Causation),
	}
}

// headOf is e, or nil where there is none.
func headOf(e *replay.Event) *EventHead {
	if e == nil {
		return nil
	}
	head := NewEventHead(e)
	return &head
}

// An Event is an event whole. Data is what the store holds, whatever an upcaster
// made of it; where that can't be read as JSON, data is null and opaque says why.
type Event struct {
	EventHead
	Data     Value  `json:"data"`
	Metadata Value  `json:"metadata"`
	Opaque   string `json:"opaque,omitempty"`
}

// NewEvent is e as JSON.
func NewEvent(e *replay.Event) Event { return new(Bodies).Event(e) }

// events are events as JSON.
func events(es []*replay.Event) []Event {
	all := make([]Event, len(es))
	for i, e := range es {
		all[i] = NewEvent(e)
	}
	return all
}

// Event is [NewEvent], valid until the next event is read.
func (b *Bodies) Event(e *replay.Event) Event {
	data, opaque := b.Payload(e)
	return Event{EventHead: NewEventHead(e), Data: Value(data), Metadata: Value(b.Metadata(e)), Opaque: opaque}
}

// Payload returns the payload as it is stored, or null and why it can't be read.
func (b *Bodies) Payload(e *replay.Event) (data state.Value, opaque string) {
	if e.Opaque != "" {
		return state.NullValue(), e.Opaque
	}
	v, _, err := b.data.ParsePayload(e.Data) // not the body, which may be upcast
	if err != nil {
		return state.NullValue(), err.Error()
	}
	return v, ""
}

// Metadata returns all of the metadata; as a string if, against the contract of a
// reader, it isn't JSON.
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

// A Change is one difference of two states. From is null for an add, to for a
// remove.
type Change struct {
	Op   string `json:"op"`
	Path string `json:"path"`
	From Value  `json:"from"`
	To   Value  `json:"to"`
}

// NewChanges is cs as JSON, never nil.
func NewChanges(cs []state.Change) []Change {
	all := make([]Change, len(cs))
	for i, c := range cs {
		all[i] = Change{Op: string(c.Op), Path: c.Path, From: Value(c.From), To: Value(c.To)}
	}
	return all
}

// An Account is what an answer rests on, and what it does not.
type Account struct {
	Events     int64            `json:"events"`
	Unread     int64            `json:"unread"`
	Unhandled  map[string]int64 `json:"unhandled"`
	GoneBefore *int64           `json:"gone_before"` // the first version left, where earlier ones are gone
	Missing    int64            `json:"missing"`
	LeftOut    []string         `json:"left_out"`
}

// NewAccount is a as JSON.
func NewAccount(a replay.Account) Account {
	all := Account{Events: a.Events, Unread: a.Unread, Unhandled: counts(a.Unhandled), Missing: a.Missing, LeftOut: texts(a.LeftOut)}
	if a.Gone {
		all.GoneBefore = (*int64)(&a.First)
	}
	return all
}

// What a store does not have is null.

func text(s *string) *string {
	if *s == "" {
		return nil
	}
	return s
}

// texts is never nil.
func texts(ss []string) []string {
	if ss == nil {
		return []string{}
	}
	return ss
}

// counts is never nil.
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
