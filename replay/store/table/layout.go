package table

import (
	"fmt"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/source"
)

// A Layout says where in one store the events are. It is all that the query
// builder and the reader know about a dialect.
type Layout struct {
	Dialect    string
	Recognised string
	From       string // SQL: the table, or a join
	Where      string // SQL: which of its rows are events; empty is all

	// SQL expressions; empty where the dialect has no such thing. That of the
	// stream gives the id as it is shown.
	Cols [source.NumFields]string

	// StreamKey is what a stream's id is looked up by, where that is not
	// Cols[source.Stream]; streamArg turns an id into a value for it, and reports
	// whether the store can hold such an id.
	StreamKey string
	StreamArg func(id string) (any, bool)

	keys []string // SQL: the columns that tell streams apart, where there are several

	// UUIDs are the columns as the engine's own UUIDs, where it has such a type:
	// what they begin with is then asked for as a range of them.
	UUIDs [source.NumFields]string

	// MatchStream is for a stream that is known by more than one value: it writes
	// the condition for its rows, taking up arguments by arg, so that an index can
	// serve it. The condition is written alike for every id.
	MatchStream func(arg func(value any) string, id string) (cond string, ok bool)

	// Derived are the columns whose value is made from what is in the column, so
	// that SQL can't be asked for it.
	Derived source.FieldSet

	// TimeUnit is what times are counted in, where that is known beforehand. Else it
	// is found by the rows at both ends of timesFrom in the order of timesKey: from and
	// the position, where they are empty.
	TimeUnit            *cell.TimeUnit
	TimesFrom, TimesKey string
	// InData are the parts that are found in the payload.
	InData replay.Fields
	// DataAlways is set where what is always wanted (the revision) is in the payload.
	DataAlways bool

	// The category of a stream, where events have no column for it: SQL with the
	// stream's id as its one parameter, and what to do where that gives nothing.
	CategoryQuery string
	CategoryOf    func(stream string) string
	// plainID takes the context from a stream's id; nil where there is none.
	plainID func(stream string) string

	TypeName string // the type of all events, where there is no column for it

	// Item is SQL for which of the events of a row is meant, from 0, where a row
	// holds several; from yields the row once for each. A decoder finds it in the
	// row, and takes that event out of the row's payload.
	Item string

	// Numbered is set where versions are counted by whatever reads them, so that no
	// stream can have one twice.
	Numbered bool

	// Prepare builds what from reads, where a store has no index for the order of
	// its events: a temporary table of the connection's own, which the store never
	// sees. It runs at most once, in the transaction that lasts as long as the reader.
	// What can be read without it is in piecemeal, where there is such.
	Prepare   func() error
	Piecemeal *Piecemeal

	// Contexts are the applications that share the store, where a dialect lets
	// several do so; clocks tells that it has two times to choose from.
	Contexts []string
	Clocks   bool

	// Decoder makes what fills in that which the columns do not say. Nil takes
	// type, category, payload and metadata as they are. Each pass over events has
	// a decoder of its own, which may use its buffers again for the next event.
	Decoder func() Decoder

	Meta      source.Metadata // Where the library keeps the envelope in its metadata
	Snapshots string          // SQL: counts the saved states; empty where there are none
	LeftOut   []Omission
	Lacks     []string // beyond what follows from cols
}

// A Decoder makes events of rows, where a dialect keeps more than one thing in a
// column. The coordinates are filled in before.
type Decoder interface {
	Classify(*Row, *replay.Event) error                         // type and category
	Decode(*Row, *replay.Event, replay.Fields /* skip */) error // all the rest
}

// An Omission is something that the store holds and that is not shown.
type Omission struct {
	What  string // "archived messages"
	Count string // SQL; empty where it is not a number of things

	// of is count for those of one stream, whose condition is put behind it; empty
	// where no stream has such things.
	of string
}

// Has reports whether the layout has a place for the column.
func (l *Layout) Has(c source.Field) bool { return l.Cols[c] != "" }

func (l *Layout) hasTimes() bool { return l.Has(source.Time) || l.InData&replay.FieldTime != 0 }

// Suits refuses options that the dialect has no use for.
func (l *Layout) Suits(o *source.Options) error {
	if o.Context != "" && l.Contexts == nil {
		return fmt.Errorf("a store of dialect %s is of one application, so it has no context %q", l.Dialect, o.Context)
	}
	if o.Clock == source.ClockValid && !l.Clocks {
		return fmt.Errorf("a store of dialect %s keeps only when an event was recorded", l.Dialect)
	}
	return nil
}

// lacking lists what the dialect does not have.
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
