package replay

import (
	"context"
	"iter"
	"slices"
	"time"

	"asof/replay/fault"
)

// A Reader reads one store and never writes to it. Its methods may be called
// from one goroutine at a time.
type Reader interface {
	// Info describes the store. It costs nothing.
	Info() Info

	// Summary counts the content of the store. It may read all of it.
	Summary(context.Context) (Summary, error)

	// Streams yields the streams that q selects, ordered by id, byte by byte.
	// An error, if any, is yielded last, with a zero Stream.
	Streams(ctx context.Context, q StreamQuery) iter.Seq2[Stream, error]

	// Events yields the events that q selects, in ascending order (descending if
	// q.Reverse). If it cannot reach the end, for whatever reason, it yields
	// (nil, error) last: it never ends early without an error. Each event is valid
	// until the next.
	Events(ctx context.Context, q Query) iter.Seq2[*Event, error]

	// Omitted lists what the store holds of a stream and does not show, such as archived
	// events or events without a version, with counts: "2 archived messages". It does not
	// look for the stream's events among rows that have no stream.
	Omitted(ctx context.Context, id StreamID) ([]string, error)

	// Lost lists what the store does not show and what may be events of any stream, such
	// as rows without a stream, with counts. What a library archives or deletes is not
	// lost. Every answer about the whole store says what is, see [LostNotices].
	Lost(ctx context.Context) ([]string, error)

	Close() error
}

// A Counter is a [Reader] that may know the number of its events without reading them.
type Counter interface {
	// Types returns the counts of all events by type and revision. ok is false if they are
	// not known.
	Types() (all []TypeCount, ok bool)
}

// Info describes a store and what it lacks.
type Info struct {
	Path       string   // as the user named it, secrets removed
	Dialect    string   // e.g. "eventsourcing-sqlite"
	Recognised string   // how the dialect was detected, as text
	Access     string   // how the file was opened without leaving files next to it, as text
	LeftOut    []string // stored data that is not shown, and why
	Lacks      []string // features that the store lacks, see [Info.Has]

	// TimesNext is a hint on how to read times that were refused so far; zero if none
	// were.
	TimesNext fault.Remedy

	// Sparse says that versions are not counted per stream: gaps between them and
	// the first version mean nothing.
	Sparse bool

	// ByClock says that versions are counted in the order of times: an event stored
	// later with an earlier time renumbers those after it.
	ByClock bool

	// Rows says that the streams are rows of tables and the events their versions, see
	// [Event].Row.
	Rows bool
}

// Has reports whether the events of the store have a feature: "positions", "times",
// "ids", "revisions", "metadata", "actors", "correlation ids" or "causation ids".
func (i Info) Has(feature string) bool { return !slices.Contains(i.Lacks, feature) }

// Summary holds the counts of a store.
type Summary struct {
	Events, Streams     int64
	Categories          []string // sorted
	Types               []TypeCount
	FirstTime, LastTime time.Time // of the earliest and the latest event; zero if unknown
	Snapshots           int64     // states that the application saved; never used as a base
	LeftOut             []string  // with counts; replaces Info.LeftOut
	Times               string    // the format of times, as text; empty if the dialect has none

	Live []LiveTable // where the rows of a history are now; nil if that is not known
}

// TypeCount counts the events of one type and revision.
type TypeCount struct {
	Type     string
	Revision int
	Events   int64
}

// Stream describes a stream.
type Stream struct {
	ID                  StreamID
	Category            string
	Events              int64
	First, Last         Version
	FirstTime, LastTime time.Time // of its first and last event; zero if unknown
}

// StreamQuery selects streams. The zero value selects all.
type StreamQuery struct {
	IDs        []StreamID // exactly these, if they exist
	Prefix     string     // prefix of ids; a UUID prefix matches dashed, undashed and upper case
	Categories []string
	After      StreamID // only those after this one, in the order of the list; empty: from the first
	Reverse    bool     // from the last id to the first
	Limit      int      // at most this many; 0 is no limit
	IDsOnly    bool     // the other fields of Stream are not needed
}

// Follows reports whether a stream comes after the one that the list begins after.
func (q *StreamQuery) Follows(id StreamID) bool {
	return q.After == "" || (q.Reverse && id < q.After) || (!q.Reverse && id > q.After)
}

// Fields names parts of an event.
type Fields uint8

// The optional parts of an event. Stream, category, version, position, type and
// revision are always read.
const (
	FieldID Fields = 1 << iota
	FieldTime
	FieldMeta
	FieldData
)

// Order is the order of the events of several streams.
type Order uint8

const (
	// ByPosition is the order of the whole store. A dialect without positions
	// yields an [UnsupportedError].
	ByPosition Order = iota
	// ByStream goes stream by stream, by id, byte by byte.
	ByStream
)

// Query selects events. The zero value selects all, by position. The events of
// one stream are always in version order.
type Query struct {
	Streams    []StreamID     // of exactly these streams; nil is all
	Categories []string       // of these categories: an event's own, where a stream has several
	Types      []string       // of these types
	IDPrefix   string         // with ids that begin with it
	Versions   Span[Version]  // within these versions; needs exactly one stream
	Positions  Span[Position] // within these positions; needs a dialect that has them
	Order      Order
	Reverse    bool
	Limit      int    // at most this many; 0 is no limit
	Skip       Fields // parts that need not be filled in
	Stored     bool   // fill in Event.Stored
}

// A Span is a range of versions or positions. It includes both ends, and each end
// may be open. The zero value is everything.
type Span[T ~int64] struct {
	lo, hi       T
	hasLo, hasHi bool
}

// From returns the span that begins at lo.
func From[T ~int64](lo T) Span[T] { return Span[T]{lo: lo, hasLo: true} }

// UpTo returns the span that ends with hi.
func UpTo[T ~int64](hi T) Span[T] { return Span[T]{hi: hi, hasHi: true} }

// Between returns the span from lo to hi.
func Between[T ~int64](lo, hi T) Span[T] {
	return Span[T]{lo: lo, hi: hi, hasLo: true, hasHi: true}
}

// Lo returns the lower end and whether there is one.
func (s Span[T]) Lo() (T, bool) { return s.lo, s.hasLo }

// Hi returns the upper end and whether there is one.
func (s Span[T]) Hi() (T, bool) { return s.hi, s.hasHi }

// and returns the intersection of both spans.
func (s Span[T]) and(o Span[T]) Span[T] {
	if o.hasLo && (!s.hasLo || o.lo > s.lo) {
		s.lo, s.hasLo = o.lo, true
	}
	if o.hasHi && (!s.hasHi || o.hi < s.hi) {
		s.hi, s.hasHi = o.hi, true
	}
	return s
}

// Contains reports whether x is in the span.
func (s Span[T]) Contains(x T) bool {
	return (!s.hasLo || x >= s.lo) && (!s.hasHi || x <= s.hi)
}
