package store

import "asof/replay/store/source"

// Options control how to open a store. The zero value detects everything.
type Options = source.Options

// Metadata locates an event's envelope in its metadata.
type Metadata = source.Metadata

// Indexes keeps the indexes of files between the questions of one process.
type Indexes = source.Indexes

// An UnknownDialectError is the cause of a [replay.StoreError] if no dialect or several
// dialects match.
type UnknownDialectError = source.UnknownDialectError

// The clocks of a store that records two times for an event.
const (
	ClockRecorded = source.ClockRecorded
	ClockValid    = source.ClockValid
)

// ErrMoved is the cause of a [replay.StoreError] if the store was written to while it was
// read: open the store and read again.
var ErrMoved = source.ErrMoved

// MapFields returns the fields that [Options].Map accepts. Stream and version are
// required.
func MapFields() []string { return source.MapFields() }
