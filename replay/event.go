package replay

import (
	"bytes"
	"time"

	"asof/replay/state"
)

// StreamID names one entity's history, as the store spells it.
type StreamID string

// Version is an event's place in its stream, numbered as that store numbers it
// (some begin at 0, some at 1).
type Version int64

// Position is an event's place in the whole store, or [NoPosition].
type Position int64

// NoPosition stands where a dialect has no order over the whole store.
const NoPosition Position = -1 << 63

// An Event is one fact, as it was recorded.
//
// An Event that a [Reader] yields, and everything it points to, is valid until
// the next one is asked for; [Event.Clone] keeps it.
type Event struct {
	Stream   StreamID
	Category string
	Version  Version
	Position Position
	ID       string // empty where the dialect has none
	Type     string
	Revision int       // schema revision of Data; 0 where the dialect has none
	Time     time.Time // when it was recorded; zero where it has none, or NoTime says why
	NoTime   string    // why its time can't be read; empty where it can, or there is none
	Data     []byte    // the payload as JSON, if it is; see Body; nil when Opaque says why there is none
	Opaque   string    // why the payload can't be read as JSON; empty when it can
	Meta     Meta
	Stored   *Stored // what the store holds of it; nil unless [Query].Stored asks for it
	Text     []byte  // the payload as text where the store itself says that it is no JSON; else nil
	Link     *Link   // by which the event was reached; nil unless links are followed

	body   state.Value
	parsed bool
	oddity state.Oddity
	failed bool // Body was asked for, and there was none
	chain  Chain
}

// Meta is what the store holds about an event beside its payload.
type Meta struct {
	Actor       string // who caused it; empty where unknown, never guessed
	Correlation string // the id of the conversation it is part of
	Causation   string // the id of its direct cause
	Raw         []byte // all of it, as a JSON object; nil where there is none
}

// NoPayload is the [Event].Opaque of an event that says it is JSON, and has no
// payload.
const NoPayload = "it has no data"

// A Link is an event that points to another one, see [FollowLinks]. The event that
// it points to is at the link's position.
type Link struct {
	Stream   StreamID
	Category string
	Version  Version
	Meta     []byte // as a JSON object; nil where there is none
}

// Stored is what a store holds of an event, byte for byte, before anything is
// unpacked, decrypted or unwrapped. In a file of events, Data is the whole event
// as it is written, and the others are nil.
type Stored struct {
	Data []byte // nil where the store holds NULL, or has no payload
	Meta []byte // nil where there is no metadata, or it is kept in Data
	Time []byte // nil where there is no time, or it is kept in Data
}

// Body returns the payload as a tree, parsed on first use. The tree is the
// event's own: a reducer copies what it keeps. An event without a readable
// payload gives an [OpaqueError].
//
// A reader does not parse what begins like JSON, so this is where a payload is
// found to be unreadable, and from then on Opaque says so. What [Fold] yields is
// parsed already.
func (e *Event) Body() (state.Value, error) {
	if !e.parsed && e.Opaque == "" {
		e.settle(state.ParsePayload(e.Data))
	}
	if !e.parsed {
		e.failed = true
		return state.Value{}, &OpaqueError{At: e.Moment(), Reason: e.Opaque}
	}
	return e.body, nil
}

// IsJSON reports whether there is a payload that Body returns.
func (e *Event) IsJSON() bool {
	failed := e.failed
	_, err := e.Body()
	e.failed = failed
	return err == nil
}

// BodyIn is Body with a tree in the parser's memory, valid until its next use. The
// event does not keep it.
func (e *Event) BodyIn(p *state.Parser) (state.Value, error) {
	if e.parsed || e.Opaque != "" {
		return e.Body()
	}
	e.settle(p.ParsePayload(e.Data))
	v, err := e.Body()
	e.body, e.parsed = state.Value{}, false
	return v, err
}

// settle takes in what came of parsing the payload. Data is JSON after it, or nil.
func (e *Event) settle(v state.Value, odd state.Oddity, err error) {
	if err != nil {
		e.Data, e.Opaque = nil, err.Error()
		return
	}
	e.body, e.parsed = v, true
	e.oddity |= odd
	if odd&state.NotFinite != 0 {
		e.Data = state.AppendJSON(nil, v)
	}
}

// Oddity returns what is odd about a payload that was parsed.
func (e *Event) Oddity() state.Oddity { return e.oddity }

// SetBody replaces the payload by a tree, as an upcaster does. Data keeps the
// bytes that the store holds.
func (e *Event) SetBody(v state.Value) { e.body, e.parsed = v, true }

// Chain returns the running hash over the events folded so far, this one
// included, where [FoldOptions] asked for it.
func (e *Event) Chain() Chain { return e.chain }

// LinkMeta returns the metadata of the link that the event was reached by, or nil.
func (e *Event) LinkMeta() []byte {
	if e.Link == nil {
		return nil
	}
	return e.Link.Meta
}

// Clone returns a copy that stays valid after the next event is read.
func (e *Event) Clone() *Event {
	c := *e
	if e.Data != nil {
		c.Data = append([]byte{}, e.Data...)
	}
	if e.Meta.Raw != nil {
		c.Meta.Raw = append([]byte{}, e.Meta.Raw...)
	}
	if s := e.Stored; s != nil {
		c.Stored = &Stored{Data: bytes.Clone(s.Data), Meta: bytes.Clone(s.Meta), Time: bytes.Clone(s.Time)}
	}
	c.Text = bytes.Clone(e.Text)
	c.body, c.parsed = state.Value{}, false
	return &c
}

// Moment returns the event's coordinates.
func (e *Event) Moment() Moment {
	return Moment{
		Stream: string(e.Stream), Position: e.Position,
		Time: e.Time, EventID: e.ID, EventType: e.Type,
	}.WithVersion(e.Version)
}
