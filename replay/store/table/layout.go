package table

import (
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Layout describes where the events of a store are. The query builder and the reader
// need nothing else about a dialect.
type Layout struct {
	Dialect    string
	Mapped     bool // by the user, and not a dialect that asof knows
	Recognised string
	From       string // SQL: the table, or a join
	Where      string // SQL: condition for rows that are events; empty: all rows

	// SQL expressions; empty if the dialect has no such field. The stream's expression
	// gives the id as shown.
	Cols [source.NumFields]string

	// Own has another SQL expression for a field that is not from the event's own row alone:
	// one for what that row has. Questions for what is stored read it, because an event
	// that was sealed must not change with other rows.
	Own [source.NumFields]string

	// StreamKey is the expression for looking up a stream, if it differs from
	// Cols[source.Stream]. StreamArg converts an id to its value, and reports whether
	// the store can contain that id.
	StreamKey string
	StreamArg func(id string) (any, bool)

	keys []string // SQL: the columns that identify streams, if there are several

	// UUIDs are the columns in the engine's own UUID type, if it has one. A prefix is
	// then queried as a range.
	UUIDs [source.NumFields]string

	// MatchStream is for a stream that is identified by several values. It returns the
	// condition for its rows, with arguments added by arg, so that an index applies. The
	// condition must be the same text for every id.
	MatchStream func(arg func(value any) string, id string) (cond string, ok bool)

	// Derived are the fields that are computed from their column, so that SQL cannot
	// filter by them.
	Derived source.FieldSet

	// TimeUnit is the unit of times, if it is known beforehand. Otherwise it is detected
	// from the rows at both ends of TimesFrom in the order of TimesKey, which default to
	// From and the position.
	TimeUnit            *cell.TimeUnit
	TimesFrom, TimesKey string
	// InData are the fields that are in the payload.
	InData replay.Fields
	// DataAlways is set if an always required field, the revision, is in the payload.
	DataAlways bool

	// The category of a stream, if events have no column for it: SQL with the stream's id
	// as its only parameter, and a function for streams without a result.
	CategoryQuery string
	CategoryOf    func(stream string) string
	// plainID removes the context from a stream's id; may be nil.
	plainID func(stream string) string

	TypeName string // the type of all events, if there is no column for it

	// Item is SQL for the index, from 0, of the event within its row, if a row contains
	// several events. From yields the row once for each event, and the decoder extracts
	// the event from the row's payload.
	Item string

	// Numbered is set if versions are assigned while reading, so that no stream can have
	// one twice.
	Numbered bool

	// ByClock is set if versions are assigned in the order of times.
	ByClock bool

	// ClockOfTexts is set if the engine sorts the times by ByClock as texts. Then the
	// order of every stream is checked before it is believed.
	ClockOfTexts bool

	// Rows tells what an event of a type does to its row if the streams are rows of
	// tables; else nil.
	Rows func(typ string) replay.RowChange

	// Live lists the tables that have the rows now, if Rows is set and the tables are known.
	Live     func() ([]LiveTable, error)
	collated func(e string) string // SQL for a text of Live that compares byte by byte

	// Prepare builds the source of From for a store without an index for the order of its
	// events: a temporary table of the connection, outside the store. It runs at most
	// once, in the reader's transaction. Piecemeal, if set, serves the queries that do
	// not need it.
	Prepare   func() error
	Piecemeal *Piecemeal
	Straight  *Straight // nil if only Prepare counts the versions

	// InOrder, if set, returns the layout for versions that are stored in their order already,
	// or nil if they are not. It reads their times, and is called at most once.
	InOrder func() (*Layout, error)
	Ranks   *Ranks // of the events by the numbers that SQL gives as positions; nil: these are the positions

	// Names are SQL for the parts of the stream's name, which the engine joins. It is not nil
	// but empty if all events are of one stream, whose name the engine knows.
	Names []string

	// Members are SQL for the values of which the metadata is made by Join, if they are set.
	Members []string
	Join    func(values []cell.Value, into *cell.Value) error

	// Parts are SQL for what the payload is made of. Assemble makes it, from the values as
	// stored; without Assemble they are texts, which the decoder takes one by one. Questions for
	// what is stored read the payload.
	Parts    []string
	Assemble func(out []byte, parts []cell.Value) []byte
	Late     *Late // what takes the place of the last part

	// Texts are the fields whose numbers are read as text, as a column for texts stores them.
	Texts source.FieldSet

	// Contexts are the applications that share the store, if a dialect allows that.
	// Clocks is set if it stores two times.
	Contexts []string
	Clocks   bool

	// Decoder returns a decoder for the fields that are not plain columns. If it is nil,
	// type, category, payload and metadata are used as stored. Each pass over events has
	// its own decoder, which may reuse its buffers for the next event.
	Decoder func() Decoder

	Meta      source.Metadata // where the library stores the envelope in its metadata
	Snapshots string          // SQL: counts the saved states; empty if there are none
	Saved     *Saved          // where they are, if their form is known
	LeftOut   []Omission
	Lacks     []string // in addition to the fields without a column
}

// A Decoder builds events from rows if a dialect stores several fields in one column. The
// coordinates are already filled in.
type Decoder interface {
	Classify(*Row, *replay.Event) error                         // type and category
	Decode(*Row, *replay.Event, replay.Fields /* skip */) error // all other fields
}

// Has reports whether the layout has the field.
func (l *Layout) Has(c source.Field) bool { return l.Cols[c] != "" }

func (l *Layout) hasTimes() bool { return l.Has(source.Time) || l.InData&replay.FieldTime != 0 }

// Suits returns an error for options that the dialect does not support.
func (l *Layout) Suits(o *source.Options) error {
	if o.Context != "" && l.Contexts == nil {
		return fmt.Errorf("a store of dialect %s has a single application, so it has no context %q", l.Dialect, o.Context)
	}
	if o.Clock == source.ClockValid && !l.Clocks {
		return fmt.Errorf("a store of dialect %s records only one time for an event", l.Dialect)
	}
	return nil
}

// lacking lists the fields that the dialect does not have.
func (l *Layout) lacking() []string {
	var out []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"positions", l.Has(source.Position)},
		{"times", l.hasTimes()},
		{"ids", l.Has(source.ID)},
		{"revisions", l.Has(source.Revision) || l.DataAlways},
		{"metadata", l.Has(source.Meta) || l.InData&replay.FieldMeta != 0},
		{"actors", l.Has(source.Actor) || len(l.Meta.Actor) > 0},
		{"correlation ids", l.Has(source.Correlation) || len(l.Meta.Correlation) > 0},
		{"causation ids", l.Has(source.Causation) || len(l.Meta.Causation) > 0},
	} {
		if !f.has {
			out = append(out, f.name)
		}
	}
	return append(out, l.Lacks...)
}
