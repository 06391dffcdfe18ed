package source

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"asof/replay/fault"
)

// Options control how to open a store. The zero value detects everything.
type Options struct {
	Dialect   string            // forces a dialect; empty: detect
	Table     string            // with Map: the table that holds the events
	Query     string            // SQL whose rows are the events, by their columns' names or by Map
	Map       map[string]string // field → column, see [MapFields]; the time may have a unit, at:ms
	Metadata  Metadata
	Context   string         // the application, if a file has several; empty: all of them
	Clock     string         // which time to use, if a dialect stores two: [ClockRecorded], [ClockValid]
	TimeZone  *time.Location // for times without a zone; nil is UTC
	CipherKey []byte         // AES key (16, 24 or 32 bytes) of Python eventsourcing payloads
	Stdin     io.Reader      // what "-" reads
	TempDir   string         // for private copies; empty: [os.TempDir]
	Recorded  bool           // show of rows only what was recorded, and nothing of the live rows
	Copy      bool           // read a private copy of a database that would otherwise be locked

	Indexes *Indexes // keeps the indexes of files between questions; nil: each question reads the whole file

	ServerTimeout time.Duration       // how long a server may be silent; 0: 5 minutes
	Getenv        func(string) string // the environment, for MYSQL_PWD; nil: an empty one
}

// Env returns a variable of the environment.
func (o *Options) Env(name string) string {
	if o.Getenv == nil {
		return ""
	}
	return o.Getenv(name)
}

// The clocks of Rails Event Store: when an event was recorded, which is the default, and
// when it became valid.
const (
	ClockRecorded = "recorded"
	ClockValid    = "valid"
)

// Metadata locates an event's envelope in its metadata: RFC 6901 pointers, tried in
// order. Empty: where the dialect stores it.
type Metadata struct {
	Actor, Correlation, Causation []string
}

// ErrMoved is the cause of a [replay.StoreError] if the store was written to while it was
// read and the writer could not be held back. Events already yielded may be from two
// moments: open the store and read again.
var ErrMoved = errors.New("the store changed while it was read")

// zoneName returns the name of the zone for times without one.
func (o *Options) zoneName() string {
	if o.TimeZone == nil {
		return time.UTC.String()
	}
	return o.TimeZone.String()
}

// Check returns an error for options that are invalid for every store.
func (o *Options) Check() error {
	if n := len(o.CipherKey); n != 0 && n != 16 && n != 24 && n != 32 {
		return fmt.Errorf("the cipher key has %d bytes; AES takes 16, 24 or 32", n)
	}
	if o.Clock != "" && o.Clock != ClockRecorded && o.Clock != ClockValid {
		return fmt.Errorf("unknown clock %q; the clocks are %s and %s", o.Clock, ClockRecorded, ClockValid)
	}
	if o.Query != "" && (o.Table != "" || o.Dialect != "") {
		return errors.New("a query takes the place of a table and a dialect")
	}
	for field := range o.Map {
		if !slices.Contains(FieldNames[:], field) {
			near := fault.Near(field, FieldNames[:], 1)
			if len(near) > 0 {
				return fmt.Errorf("the mapping names the field %q; did you mean %q?", field, near[0])
			}
			return fmt.Errorf("the mapping names the field %q; the fields are %s",
				field, strings.Join(FieldNames[:], ", "))
		}
	}
	return nil
}
