package query

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/state"
)

// A fact is what one row of a table is made of.
type fact struct {
	e        *replay.Event
	stream   replay.StreamID // whose state this is: a stream, or a partition
	category string          // of the stream; empty: that of the event
	of       *replay.Stream
	root     state.Value // the state, live
	init     state.Value // of the first fact of a partition, if asked for: the state before
	err      error       // why there is no state after the last event
	unread   string      // why the payload of the event could not be read; empty: it could
	changes  []state.Change
	change   *state.Change
	next     *replay.Event // the event that ended the state; nil: none did
}

// kind is the category of the stream, or of the event if there is no stream's.
func (f *fact) kind() string { return cmp.Or(f.category, f.e.Category) }

// A column of a table.
type column struct {
	name string
	get  func(*fact) sqlite.Value
	raw  func(*fact) state.Value // what get converts; nil: something else
	late bool                    // known only when the next event of the stream is

	member bool   // of a state
	key    string // its name there
	hidden bool   // an argument of the table called as a function
}

// eventColumns are the coordinates of an event.
func eventColumns() []column {
	return []column{
		{name: "stream", get: func(f *fact) sqlite.Value { return sqlite.TextValue(string(f.stream)) }},
		{name: "category", get: func(f *fact) sqlite.Value { return textValue(f.kind()) }},
		{name: "version", get: func(f *fact) sqlite.Value { return sqlite.IntegerValue(int64(f.e.Version)) }},
		{name: "position", get: func(f *fact) sqlite.Value { return positionOf(f.e) }},
		{name: "time", get: func(f *fact) sqlite.Value { return timeValue(f.e.Time) }},
	}
}

// envelopeColumns are what else an event says of itself.
func envelopeColumns() []column {
	return []column{
		{name: "type", get: func(f *fact) sqlite.Value { return textValue(f.e.Type) }},
		{name: "id", get: func(f *fact) sqlite.Value { return textValue(f.e.ID) }},
		{name: "revision", get: func(f *fact) sqlite.Value {
			if f.e.Revision == 0 {
				return sqlite.Value{}
			}
			return sqlite.IntegerValue(int64(f.e.Revision))
		}},
		{name: "actor", get: func(f *fact) sqlite.Value { return textValue(f.e.Meta.Actor) }},
		{name: "correlation_id", get: func(f *fact) sqlite.Value { return textValue(f.e.Meta.Correlation) }},
		{name: "causation_id", get: func(f *fact) sqlite.Value { return textValue(f.e.Meta.Causation) }},
	}
}

func positionOf(e *replay.Event) sqlite.Value {
	if e == nil || e.Position == replay.NoPosition {
		return sqlite.Value{}
	}
	return sqlite.IntegerValue(int64(e.Position))
}

// payloadColumns are the content of an event.
func payloadColumns() []column {
	return []column{
		{name: "data", get: func(f *fact) sqlite.Value {
			if f.e.Data == nil {
				return sqlite.Value{}
			}
			return sqlite.TextValue(string(f.e.Data))
		}},
		{name: "metadata", get: func(f *fact) sqlite.Value {
			if len(f.e.Meta.Raw) == 0 {
				return sqlite.Value{}
			}
			return sqlite.TextValue(string(f.e.Meta.Raw))
		}},
		{name: "opaque", get: func(f *fact) sqlite.Value { return textValue(f.e.Opaque) }},
	}
}

// streamColumns describe a stream.
func streamColumns() []column {
	return []column{
		{name: "stream", get: func(f *fact) sqlite.Value { return sqlite.TextValue(string(f.of.ID)) }},
		{name: "category", get: func(f *fact) sqlite.Value { return textValue(f.of.Category) }},
		{name: "events", get: func(f *fact) sqlite.Value { return sqlite.IntegerValue(f.of.Events) }},
		{name: "first_version", get: func(f *fact) sqlite.Value { return sqlite.IntegerValue(int64(f.of.First)) }},
		{name: "last_version", get: func(f *fact) sqlite.Value { return sqlite.IntegerValue(int64(f.of.Last)) }},
		{name: "first_time", get: func(f *fact) sqlite.Value { return timeValue(f.of.FirstTime) }},
		{name: "last_time", get: func(f *fact) sqlite.Value { return timeValue(f.of.LastTime) }},
	}
}

// sourceColumn is the stream that an event of a partition came from.
func sourceColumn() column {
	return column{name: "event_stream", get: func(f *fact) sqlite.Value { return sqlite.TextValue(string(f.e.Stream)) }}
}

// stretchColumns say for how long a state held, from the event that made it to the one
// that ended it, which is not part of it.
func stretchColumns() []column {
	return []column{
		{name: "since_position", get: func(f *fact) sqlite.Value { return positionOf(f.e) }},
		{name: "since_time", get: func(f *fact) sqlite.Value { return timeValue(f.e.Time) }},
		{name: UntilPosition, late: true, get: func(f *fact) sqlite.Value { return positionOf(f.next) }},
		{name: UntilTime, late: true, get: func(f *fact) sqlite.Value {
			if f.next == nil {
				return sqlite.Value{}
			}
			return timeValue(f.next.Time)
		}},
		{name: "changed", get: func(f *fact) sqlite.Value { return sqlite.IntegerValue(int64(len(f.changes))) }},
	}
}

// changeColumns are one change of a state.
func changeColumns() []column {
	return []column{
		{name: "op", get: func(f *fact) sqlite.Value { return sqlite.TextValue(string(f.change.Op)) }},
		{name: "path", get: func(f *fact) sqlite.Value { return sqlite.TextValue(f.change.Path) }},
		{name: "from", raw: func(f *fact) state.Value { return f.change.From }},
		{name: "to", raw: func(f *fact) state.Value { return f.change.To }},
	}
}

// stateColumns are a state: whether there is one, the whole, and its members.
func stateColumns(members []string) []column {
	cols := []column{
		{name: "error", get: func(f *fact) sqlite.Value {
			if f.err == nil {
				return sqlite.Value{}
			}
			return sqlite.TextValue(f.err.Error())
		}},
		{name: "state", get: func(f *fact) sqlite.Value { return jsonOf(f.state()) }},
	}
	for _, key := range members {
		c := column{name: key, member: true, key: key, raw: func(f *fact) state.Value {
			if n := f.state().Node(); n != nil && n.Kind() == state.Object {
				return n.Get(key)
			}
			return state.Value{}
		}}
		if key == wholeValue {
			c.name, c.raw = "value", func(f *fact) state.Value {
				if v := f.state(); v.Kind() != state.Object {
					return v
				}
				return state.Value{}
			}
		}
		cols = append(cols, c)
	}
	return cols
}

// resultColumn is what the projection makes of a state.
func (t *table) resultColumn() column {
	return column{name: "result", get: func(f *fact) sqlite.Value {
		v := f.state()
		if v.IsAbsent() {
			return sqlite.Value{}
		}
		r, err := t.proj.Result(v)
		switch {
		case err == nil:
			return jsonOf(r)
		case t.db.src.Strict && t.db.err == nil:
			t.db.err = err
		default:
			t.db.noteFailed(f.e.Stream, err)
		}
		return sqlite.Value{}
	}}
}

// wholeValue stands among the members for a state that is no object.
const wholeValue = "\x00value"

// state is the state after the event, or absent if its fold failed.
func (f *fact) state() state.Value {
	if f.err != nil {
		return state.Value{}
	}
	return f.root
}

// distinct gives every column a name of its own: SQL does not tell upper case from
// lower. Columns of the table itself keep theirs.
func distinct(cols []column) []column {
	var taken, wanted []string
	for _, c := range cols {
		if c.member {
			wanted = append(wanted, c.name)
		} else {
			taken = append(taken, c.name)
		}
	}
	names := apart(taken, wanted)
	for i := range cols {
		if cols[i].member {
			cols[i].name, names = names[0], names[1:]
		}
	}
	return cols
}

// apart numbers names that are taken, or that another one before it has.
func apart(taken, wanted []string) (names []string) {
	has := map[string]bool{}
	for _, name := range taken {
		has[strings.ToLower(name)] = true
	}
	for _, base := range wanted {
		name := base
		for n := 2; has[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s_%d", base, n)
		}
		has[strings.ToLower(name)] = true
		names = append(names, name)
	}
	return names
}

// MemberNames are the columns of members in a table with other columns, of a projection. The
// members are in the order of the columns.
func MemberNames(projection string, others, members []string) []string {
	mark := &table{name: projection}
	cols := make([]column, len(others))
	for i, name := range others {
		cols[i].name = name
	}
	wanted := slices.Clone(members)
	for i, key := range wanted {
		if key == wholeValue {
			wanted[i] = "value"
		}
	}
	return apart(append(slices.Clone(others), momentColumn, mark.markColumn(cols)), wanted)
}
