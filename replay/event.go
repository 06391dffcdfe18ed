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

// An Event is one fact, as recorded.
//
// An Event that a [Reader] yields, and everything it points to, is valid until
// the next one is read; [Event.Clone] returns a lasting copy.
type Event struct {
	Stream   StreamID
	Category string
	Version  Version
	Position Position
	ID       string // empty where the dialect has none
	Type     string
	Revision int       // schema revision of Data; 0 where the dialect has none
	Time     time.Time // when it was recorded; zero if there is none or it can't be read
	NoTime   string    // why the time can't be read; empty if it can, or there is none
	Data     []byte    // the payload as JSON, see Body; nil if Opaque says why there is none
	Opaque   string    // why the payload can't be read as JSON; empty if it can
	Meta     Meta
	Stored   *Stored // the stored bytes; nil unless [Query].Stored is set
	Text     []byte  // the payload as text if the store says that it is not JSON; else nil
	Link     *Link   // the link that led to the event; nil unless links are followed
	Row      RowChange

	body   state.Value
	parsed bool
	oddity state.Oddity
	failed bool // Body returned an error
	chain  Chain
}

// A RowChange says what the payload of an event is if the stream is a row of a table,
// whose versions a library or a trigger recorded.
type RowChange uint8

// The kinds of row versions.
const (
	NoRow   RowChange = iota // the event is no version of a row
	RowSet                   // the payload has the columns that changed
	RowFull                  // the payload is the row
	RowGone                  // the row was deleted; the payload is the row before, or nothing
)

// Meta is the metadata of an event.
type Meta struct {
	Actor       string // who caused the event; empty if unknown, never guessed
	Correlation string // the id of the conversation it belongs to
	Causation   string // the id of its direct cause
	Raw         []byte // all metadata as a JSON object; nil if there is none
}

// NoPayload is the [Event].Opaque of an event that is declared as JSON but has no
// payload.
const NoPayload = "it has no data"

// A Link is an event that points to another one, see [FollowLinks]. The target
// takes the link's position.
type Link struct {
	Stream   StreamID
	Category string
	Version  Version
	Meta     []byte // a JSON object; nil if there is none
}

// Stored is an event's bytes in the store, before anything is unpacked, decrypted
// or unwrapped. In a file of events, Data is the whole event as written, and the
// other fields are nil.
type Stored struct {
	Data []byte // nil if the store holds NULL or no payload
	Meta []byte // nil if there is no metadata, or Data contains it
	Time []byte // nil if there is no time, or Data contains it
}

// Body returns the payload as a tree, parsed on first use. The tree belongs to
// the event: a reducer copies what it keeps. Without a readable payload, the error
// is an [OpaqueError].
//
// A reader does not parse data that begins like JSON. Body then detects an
// unreadable payload and sets Opaque. [Timeline.Run] yields events already parsed.
func (e *Event) Body() (state.Value, error) {
	if !e.parsed && e.Opaque == "" {
		e.setParsed(state.ParsePayload(e.Data))
	}
	if !e.parsed {
		e.failed = true
		return state.Value{}, &OpaqueError{At: e.Moment(), Reason: e.Opaque}
	}
	return e.body, nil
}

// IsJSON reports whether Body returns a payload.
func (e *Event) IsJSON() bool {
	failed := e.failed
	_, err := e.Body()
	e.failed = failed
	return err == nil
}

// BodyIn is like Body, but the tree uses the parser's memory and is valid until the
// parser's next use. The event does not keep it.
func (e *Event) BodyIn(p *state.Parser) (state.Value, error) {
	if e.parsed || e.Opaque != "" {
		return e.Body()
	}
	e.setParsed(p.ParsePayload(e.Data))
	v, err := e.Body()
	e.body, e.parsed = state.Value{}, false
	return v, err
}

// setParsed records the result of parsing the payload. Afterwards, Data is JSON or
// nil.
func (e *Event) setParsed(v state.Value, odd state.Oddity, err error) {
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

// Oddity returns the oddities of the parsed payload.
func (e *Event) Oddity() state.Oddity { return e.oddity }

// SetBody replaces the payload with a tree, as an upcaster does. Data keeps the
// stored bytes.
func (e *Event) SetBody(v state.Value) { e.body, e.parsed = v, true }

// Chain returns the running hash over the events folded so far, including this
// one, if [FoldOptions].Chain was set.
func (e *Event) Chain() Chain { return e.chain }

// LinkMeta returns the metadata of the link that led to the event, or nil.
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
