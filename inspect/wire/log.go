package wire

import (
	"iter"
	"time"

	"asof/inspect"
	"asof/replay"
)

// An Entry is an event of a log.
type Entry struct {
	Event
	Changes []Change `json:"changes,omitzero"` // only if requested
	Cursor  string   `json:"cursor,omitempty"` // only if the list is cut after this event
}

// Log streams events, one per line, with their changes if requested. It returns the
// first error of seq, after writing the events before it, or of a write.
func (w *Writer) Log(seq iter.Seq2[*inspect.Entry, error], changes bool) error {
	if !changes && w.enc == &whole {
		for e, err := range seq {
			if err != nil {
				return err
			}
			w.b = append(w.bodies.logLine(w.b, e), '\n')
			if err := w.spill(); err != nil {
				return err
			}
		}
		return nil
	}
	return Lines(w, seq, func(e *inspect.Entry) any {
		one := w.bodies.Entry(e, changes)
		return &one
	})
}

// Entry converts e, with its changes if requested. The result is valid until the next
// event is read.
func (b *Bodies) Entry(e *inspect.Entry, changes bool) Entry {
	one := Entry{Event: b.Event(e.Event), Cursor: e.Cursor}
	if changes {
		one.Changes = NewChanges(e.Changes)
	}
	return one
}

// A HistoryEntry is an event that set a path. Path is the place of the value after it.
type HistoryEntry struct {
	EventHead
	Moment  Moment   `json:"moment"`
	Path    string   `json:"path"`
	Label   string   `json:"label,omitempty"` // the path with keys of array elements
	Changes []Change `json:"changes"`
	Cursor  string   `json:"cursor,omitempty"` // as of a log
}

// NewHistoryEntry converts e.
func NewHistoryEntry(e *inspect.Entry) HistoryEntry {
	return HistoryEntry{EventHead: NewEventHead(e.Event), Moment: NewMoment(e.Moment), Path: e.Path, Label: e.Label, Changes: NewChanges(e.Here), Cursor: e.Cursor}
}

// Shown is an event and its changes. If it could not be folded, changes is null and
// error says why.
type Shown struct {
	Event
	Moment     Moment   `json:"moment"`
	Projection string   `json:"projection"`
	Handled    bool     `json:"handled"`
	Changes    []Change `json:"changes"`
	Error      *string  `json:"error"`
	Account    Account  `json:"account"`
}

// NewShown converts s.
func NewShown(s *inspect.Shown) Shown {
	all := Shown{
		Event: NewEvent(s.Event), Moment: NewMoment(s.Moment), Projection: s.Projection, Handled: s.Handled,
		Changes: NewChanges(s.Changes), Error: failure(s.FoldError), Account: NewAccount(s.Account),
	}
	if s.FoldError != nil {
		all.Changes = nil
	}
	return all
}

// failure returns the message of err, or nil.
func failure(err error) *string {
	if err == nil {
		return nil
	}
	s := err.Error()
	return &s
}

// Traced is a tree of causes.
type Traced struct {
	Asked         EventHead `json:"asked"`
	CorrelationID *string   `json:"correlation_id"`
	Tree          Caused    `json:"tree"`
	Other         []Caused  `json:"other"` // further trees of the correlation
	OtherCount    int       `json:"other_count"`
	Cursor        string    `json:"cursor,omitempty"` // only if other is cut
}

// Caused is an event and the events it caused.
type Caused struct {
	Event        EventHead `json:"event"`
	Asked        bool      `json:"asked"`
	MissingCause *string   `json:"missing_cause"` // the id of a cause that does not exist
	Looped       bool      `json:"looped"`        // it is among its own causes
	Caused       []Caused  `json:"caused"`
}

// NewTraced converts t.
func NewTraced(t *inspect.Traced) Traced {
	asked := t.Asked.Event
	return Traced{
		Asked: NewEventHead(asked), CorrelationID: text(&asked.Meta.Correlation), Tree: newCaused(t.Root), Other: allCaused(t.Other), OtherCount: len(t.Other),
	}
}

func newCaused(c *inspect.Caused) Caused {
	return Caused{
		Event: NewEventHead(c.Event), Asked: c.Asked, MissingCause: text(&c.Missing), Looped: c.Looped, Caused: allCaused(c.Caused),
	}
}

func allCaused(cs []*inspect.Caused) []Caused {
	all := make([]Caused, len(cs))
	for i, c := range cs {
		all[i] = newCaused(c)
	}
	return all
}

// Info describes a store.
type Info struct {
	Path       string      `json:"path"`
	Dialect    string      `json:"dialect"`
	Recognised *string     `json:"recognised"`
	Access     *string     `json:"access"`
	Events     int64       `json:"events"`
	Streams    int64       `json:"streams"`
	Categories []string    `json:"categories"`
	Types      []TypeCount `json:"types"`
	FirstTime  *time.Time  `json:"first_time"`
	LastTime   *time.Time  `json:"last_time"`
	Times      *string     `json:"times"`
	Snapshots  int64       `json:"snapshots"`
	LeftOut    []string    `json:"left_out"`
	Lacks      []string    `json:"lacks"`
	Live       []InfoLive  `json:"live,omitempty"` // of a history of rows
}

// InfoLive says where the rows of a category are now.
type InfoLive struct {
	Category string  `json:"category"`
	Table    *string `json:"table"`
	Reason   *string `json:"reason"` // why there is no table, or why only the presence of rows can be compared
}

// TypeCount is the number of events of a type.
type TypeCount struct {
	Type     string `json:"type"`
	Revision *int64 `json:"revision"`
	Events   int64  `json:"events"`
}

// NewInfo converts the information and the summary of a reader.
func NewInfo(i replay.Info, s replay.Summary) Info {
	types := make([]TypeCount, len(s.Types))
	for k, c := range s.Types {
		types[k] = TypeCount{Type: c.Type, Revision: revision(c.Revision), Events: c.Events}
	}
	leftOut := s.LeftOut
	if leftOut == nil {
		leftOut = i.LeftOut
	}
	var live []InfoLive
	for k := range s.Live {
		t := &s.Live[k]
		live = append(live, InfoLive{t.Category, text(&t.Name), text(&t.Reason)})
	}
	return Info{
		Path: i.Path, Dialect: i.Dialect, Recognised: text(&i.Recognised), Access: text(&i.Access), Events: s.Events,
		Streams: s.Streams, Categories: texts(s.Categories), Types: types, FirstTime: instant(s.FirstTime),
		LastTime: instant(s.LastTime), Times: text(&s.Times), Snapshots: s.Snapshots, LeftOut: texts(leftOut), Lacks: texts(i.Lacks),
		Live: live,
	}
}

// A Stream is the summary of a stream.
type Stream struct {
	Stream       string     `json:"stream"`
	Category     *string    `json:"category"`
	Events       int64      `json:"events"`
	FirstVersion int64      `json:"first_version"`
	LastVersion  int64      `json:"last_version"`
	FirstTime    *time.Time `json:"first_time"`
	LastTime     *time.Time `json:"last_time"`
	Cursor       string     `json:"cursor,omitempty"` // only if the list is cut after this stream
}

// NewStream converts s.
func NewStream(s replay.Stream) Stream {
	return Stream{
		Stream: string(s.ID), Category: text(&s.Category), Events: s.Events, FirstVersion: int64(s.First), LastVersion: int64(s.Last),
		FirstTime: instant(s.FirstTime), LastTime: instant(s.LastTime),
	}
}
