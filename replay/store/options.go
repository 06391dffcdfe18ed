package store

import "asof/replay/store/source"

// Options say how to open a store. The zero value detects everything.
type Options = source.Options

// Metadata says where in an event's metadata its envelope lives.
type Metadata = source.Metadata

// An UnknownDialectError is the cause of a [replay.StoreError] where no dialect
// fits, or more than one does.
type UnknownDialectError = source.UnknownDialectError

// The clocks of a store that keeps two times of an event.
const (
	ClockRecorded = source.ClockRecorded
	ClockValid    = source.ClockValid
)

// ErrMoved is the cause of a [replay.StoreError] where the store was written to
// while it was read: open the store and read again.
var ErrMoved = source.ErrMoved

// MapFields returns the fields that [Options].Map takes. Stream and version are
// required.
func MapFields() []string { return source.MapFields() }
