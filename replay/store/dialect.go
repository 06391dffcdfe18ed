package store

import (
	"fmt"
	"slices"
	"strings"

	"asof/replay"
)

// A dialect is what we know of one library's tables. To add one, write a file
// with such a value and name it in dialects.
type dialect struct {
	name string

	// match binds the dialect to the tables of a store. Where it does not fit, the
	// error says why, in words that go on from "it is not NAME: ".
	match func(p *probe) (*layout, error)
}

// sqliteDialects are tried in order; a store that two of them fit is ambiguous.
func sqliteDialects() []dialect {
	return []dialect{
		nativeDialect, pyEventsourcing, sqlalchemyDialect, djangoDialect, emmettSQLite, railsEventStore,
		hallgrenDialect, broadwayDialect, eventSauce, sqlStreamStore, eventFlow, patchlevelDialect,
		spatieDialect, cqrsES, nEventStore, ocelDialect,
	}
}

// Dialects returns the names of the dialects that Options.Dialect takes, sorted.
func Dialects() []string {
	var names []string
	for _, d := range sqliteDialects() {
		names = append(names, d.name)
	}
	for _, d := range pgDialects() {
		names = append(names, d.name)
	}
	for _, f := range jsonForms() {
		names = append(names, f.dialect)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// A layout says where in one store the events are. It is all that the query
// builder and the reader know about a dialect.
type layout struct {
	dialect    string
	recognised string
	from       string // SQL: the table, or a join
	where      string // SQL: which of its rows are events; empty is all

	// SQL expressions; empty where the dialect has no such thing. That of the
	// stream gives the id as it is shown.
	cols [numColumns]string

	// streamKey is what a stream's id is looked up by, where that is not
	// cols[colStream]; streamArg turns an id into a value for it, and reports
	// whether the store can hold such an id.
	streamKey string
	streamArg func(id string) (any, bool)

	// uuids are the columns as the engine's own UUIDs, where it has such a type:
	// what they begin with is then asked for as a range of them.
	uuids [numColumns]string

	// matchStream is for a stream that is known by more than one value: it writes
	// the condition for its rows, taking up arguments by arg, so that an index can
	// serve it. The condition is written alike for every id.
	matchStream func(arg func(value any) string, id string) (cond string, ok bool)

	// derived are the columns whose value is made from what is in the column, so
	// that SQL can't be asked for it.
	derived columnSet

	// timeUnit is what times are counted in, where that is known beforehand. Else it
	// is found by the rows at both ends of timesFrom in the order of timesKey: from and
	// the position, where they are empty.
	timeUnit            *timeUnit
	timesFrom, timesKey string
	// inData are the parts that are found in the payload.
	inData replay.Fields
	// dataAlways is set where what is always wanted (the revision) is in the payload.
	dataAlways bool

	// The category of a stream, where events have no column for it: SQL with the
	// stream's id as its one parameter, and what to do where that gives nothing.
	categoryQuery string
	categoryOf    func(stream string) string
	// plainID takes the context from a stream's id; nil where there is none.
	plainID func(stream string) string

	typeName string // the type of all events, where there is no column for it

	// item is SQL for which of the events of a row is meant, from 0, where a row
	// holds several; from yields the row once for each. A decoder finds it in the
	// row, and takes that event out of the row's payload.
	item string

	// numbered is set where versions are counted by whatever reads them, so that no
	// stream can have one twice.
	numbered bool

	// prepare builds what from reads, where a store has no index for the order of
	// its events: a temporary table of the connection's own, which the store never
	// sees. It runs at most once, in the transaction that lasts as long as the reader.
	// What can be read without it is in piecemeal, where there is such.
	prepare   func(*probe) error
	piecemeal *piecemeal

	// contexts are the applications that share the store, where a dialect lets
	// several do so; clocks tells that it has two times to choose from.
	contexts []string
	clocks   bool

	// decoder makes what fills in that which the columns do not say. Nil takes
	// type, category, payload and metadata as they are. Each pass over events has
	// a decoder of its own, which may use its buffers again for the next event.
	decoder func() decoder

	meta      Metadata // where the library keeps the envelope in its metadata
	snapshots string   // SQL: counts the saved states; empty where there are none
	leftOut   []omission
	lacks     []string // beyond what follows from cols
}

// A decoder makes events of rows, where a dialect keeps more than one thing in a
// column. The coordinates are filled in before.
type decoder interface {
	classify(*row, *replay.Event) error                         // type and category
	decode(*row, *replay.Event, replay.Fields /* skip */) error // all the rest
}

// An omission is something that the store holds and that is not shown.
type omission struct {
	what  string // "archived messages"
	count string // SQL; empty where it is not a number of things

	// of is count for those of one stream, whose condition is put behind it; empty
	// where no stream has such things.
	of string
}

// has reports whether the layout has a place for the column.
func (l *layout) has(c column) bool { return l.cols[c] != "" }

func (l *layout) hasTimes() bool { return l.has(colTime) || l.inData&replay.FieldTime != 0 }

// suits refuses options that the dialect has no use for.
func (l *layout) suits(o *Options) error {
	if o.Context != "" && l.contexts == nil {
		return fmt.Errorf("a store of dialect %s is of one application, so it has no context %q", l.dialect, o.Context)
	}
	if o.Clock == ClockValid && !l.clocks {
		return fmt.Errorf("a store of dialect %s keeps only when an event was recorded", l.dialect)
	}
	return nil
}

// choose narrows the contexts that a store holds to the one that is asked for,
// if one is.
func (o *Options) choose(contexts []string) ([]string, error) {
	if o.Context == "" || len(contexts) == 0 {
		return contexts, nil
	}
	if !slices.Contains(contexts, o.Context) {
		return nil, contextError(fmt.Sprintf("no context %q%s; there are %s", o.Context,
			didYouMean(o.Context, contexts), listed(contexts, 10)))
	}
	return []string{o.Context}, nil
}

// A contextError is of a store whose dialect is known, but not which of its
// applications is meant.
type contextError string

func (e contextError) Error() string { return string(e) }

// listed joins names, of which it shows so many.
func listed(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// quoteText quotes a string for SQL.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// lacking lists what the dialect does not have.
func (l *layout) lacking() []string {
	var out []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"positions", l.has(colPosition)},
		{"times", l.hasTimes()},
		{"ids", l.has(colID)},
		{"revisions", l.has(colRevision) || l.dataAlways},
		{"metadata", l.has(colMeta) || l.inData&replay.FieldMeta != 0},
		{"actors", l.has(colActor) || len(l.meta.Actor) > 0},
		{"correlation ids", l.has(colCorrelation) || len(l.meta.Correlation) > 0},
		{"causation ids", l.has(colCausation) || len(l.meta.Causation) > 0},
	} {
		if !f.has {
			out = append(out, f.name)
		}
	}
	return append(out, l.lacks...)
}
