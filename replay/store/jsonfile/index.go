package jsonfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
	"asof/replay/store/cell"
)

// An index records where each event is in the file, so that reading one stream
// costs no more than its own events. It takes about 50 bytes per event and stores
// no payloads.
type index struct {
	recs    []record // in position order
	streams []stream
	types   []string
	far     map[int64]time.Time // by offset: times outside the range of nanos

	ordinals bool   // positions are the order in the file
	unsorted string // why file order gives no positions either; empty if it does
	counted  bool   // versions are the order within the stream
	scoped   bool   // stream ids include their scopes

	transactions []transaction // by offset; of a file that has such lists

	summary replay.Summary
	seen    counts
	omitted map[string]int64 // by stream: events without a version
}

// A record locates one event in the file and gives its coordinates.
type record struct {
	off, version, position int64
	nanos                  int64 // time in nanoseconds since 1970
	size, stream, typ      uint32
}

const (
	noTime  = math.MinInt64
	farTime = math.MinInt64 + 1
)

// A stream lists its events as indices into recs, in version order.
type stream struct {
	id, category string
	own, scope   string // as the events name it; id combines both where needed
	historic     bool   // it is a history, see historyRun
	mixed        bool   // it has events of other categories
	events       []uint32
}

// A counts tallies the attributes that the events of a file have.
type counts struct {
	events, versions, positions, ids, times, revisions, metas int64
	actors, correlations, causations                          int64
	leftOut                                                   map[*notEvent]int64
	notes                                                     [numNotes]int64
	marks                                                     cell.TimeTally
}

// An event is what a form reads, before the event gets its place in the index. Its
// slices are valid until the next event is read.
type event struct {
	stream, category, typ, id            []byte
	scope                                []byte // within which the stream's id is unique; empty: the file
	actor, correlation, causation        []byte
	version, position                    int64
	hasVersion, hasPosition, hasRevision bool
	revision                             int
	clock                                *cell.Times
	time                                 time.Time
	mark                                 cell.TimeMark
	noTime                               string
	number                               cell.TimeNumber // the time, while its unit is unknown
	waits                                bool
	data, raw                            []byte
	opaque                               string
	inHistory                            bool   // only the event that names its history has stream, scope and category
	text                                 []byte // see [replay.Event]
	whole                                []byte // the event's JSON as written
	notes                                uint8  // bit set of note
	odd                                  state.Oddity

	row replay.RowChange

	leftOut *notEvent // of an entry that is not shown

	order sortKey // see [mapping].order

	scratch []byte // buffer for raw or data
	parts   []string
}

// A note is a property of an event that Info reports.
type note = uint8

const (
	noteSource    note = iota // the stream is the source: the event has no subject
	noteUnwrapped             // the payload is JSON within a string
	noteCategory              // the category is the prefix of the stream's id
	noteOpaque                // the payload is unreadable
	noteTwice                 // an object has a key twice
	noteNotFinite             // NaN or an infinity is written as a number
	numNotes
)

func (e *event) reset() {
	*e = event{scratch: e.scratch[:0], parts: e.parts[:0], clock: e.clock}
}

func (e *event) note(n note) { e.notes |= 1 << n }

// noteOddity notes the oddities of the payload.
func (e *event) noteOddity(of state.Oddity) {
	for _, n := range [...]struct {
		note
		is bool
	}{
		{noteOpaque, e.opaque != ""},
		{noteTwice, (e.odd|of)&state.KeyTwice != 0},
		{noteNotFinite, (e.odd|of)&state.NotFinite != 0},
	} {
		if n.is {
			e.note(n.note)
		}
	}
}

// An indexer builds the index of a file.
type indexer struct {
	*index
	streamOf, typeOf map[string]uint32
	key              []byte            // key into streamOf, reused between events
	category         map[string]string // interned categories
	history          historyRun
	page             int // of the last transaction
	histories        int
	counts           map[replay.TypeCount]int64

	keyed  bool
	orders []sortKey // by record, if versions are counted by them

	numbers cell.NumberRange // range of the numeric times
	waiting []waitingTime
}

func newIndexer() *indexer {
	return &indexer{
		index:    &index{far: map[int64]time.Time{}},
		streamOf: map[string]uint32{}, typeOf: map[string]uint32{},
		category: map[string]string{}, counts: map[replay.TypeCount]int64{},
	}
}

var errTooMany = errors.New("there are more events than asof can count")

func (x *indexer) add(e *event, t *Text) error {
	if len(x.recs) == math.MaxUint32 {
		return errTooMany
	}
	e.hasPosition = e.hasPosition && replay.Position(e.position) != replay.NoPosition
	r := record{off: t.off, version: e.version, position: e.position, nanos: noTime, size: uint32(len(t.Text))}
	var ok bool
	if e.inHistory {
		r.stream = x.historyOf(e, t.page)
	} else {
		r.stream = x.streamNumber(e)
	}
	if r.typ, ok = x.typeOf[string(e.typ)]; !ok {
		r.typ = uint32(len(x.types))
		x.types = append(x.types, string(e.typ))
		x.typeOf[x.types[r.typ]] = r.typ
	}
	x.counts[replay.TypeCount{Type: x.types[r.typ], Revision: e.revision}]++
	if s := &x.streams[r.stream]; !e.inHistory {
		s.mixed = x.sharedCategory(e.category) != s.category || s.mixed // in this order: it counts each category
	}
	switch {
	case e.waits:
		x.deferTime(e.number)
	case !e.time.IsZero():
		x.addTime(&r, e.time)
	}
	x.recs = append(x.recs, r)
	if x.keyed {
		x.orders = append(x.orders, e.order)
	}
	x.seen.add(e)
	return nil
}

// sharedCategory interns a category.
func (x *indexer) sharedCategory(category []byte) string {
	if s, ok := x.category[string(category)]; ok {
		return s
	}
	s := string(category)
	x.category[s] = s
	return s
}

func (x *indexer) addTime(r *record, t time.Time) {
	r.nanos = t.UnixNano()
	if !time.Unix(0, r.nanos).Equal(t) || r.nanos <= farTime {
		r.nanos = farTime
		x.far[r.off] = t
	}
	s := &x.summary
	if s.FirstTime.IsZero() || t.Before(s.FirstTime) {
		s.FirstTime = t
	}
	if t.After(s.LastTime) {
		s.LastTime = t
	}
}

func (s *counts) add(e *event) {
	count := func(n *int64, has bool) {
		if has {
			*n++
		}
	}
	s.events++
	count(&s.versions, e.hasVersion)
	count(&s.positions, e.hasPosition)
	count(&s.revisions, e.hasRevision)
	count(&s.ids, len(e.id) > 0)
	count(&s.times, !e.time.IsZero())
	count(&s.metas, e.raw != nil)
	count(&s.actors, len(e.actor) > 0)
	count(&s.correlations, len(e.correlation) > 0)
	count(&s.causations, len(e.causation) > 0)
	if !e.waits {
		s.marks[e.mark]++
	}
	for n := range numNotes {
		count(&s.notes[n], e.notes&(1<<n) != 0)
	}
}

// finish sorts the events and streams and completes the index.
func (x *indexer) finish(src *Input) (*index, error) {
	x.streamOf, x.typeOf = nil, nil
	x.joinHistories()
	x.nameStreams()
	x.sortStreams()
	x.counted = x.seen.versions < x.seen.events
	if x.counted {
		x.countVersions()
	}
	x.ordinals = x.seen.positions < x.seen.events
	if x.ordinals {
		for i := range x.recs {
			x.recs[i].position = int64(i + 1)
		}
	} else if err := x.sortPositions(src); err != nil {
		return nil, err
	}
	if err := x.sortVersions(src); err != nil {
		return nil, err
	}
	x.summarise()
	return x.index, nil
}

func (x *indexer) sortPositions(src *Input) error {
	byPosition := func(a, b record) int { return cmp.Compare(a.position, b.position) }
	if !slices.IsSortedFunc(x.recs, byPosition) {
		slices.SortStableFunc(x.recs, byPosition)
	}
	for i := 1; i < len(x.recs); i++ {
		if a, b := &x.recs[i-1], &x.recs[i]; a.position == b.position {
			return src.duplicateError(fmt.Errorf("two events have position %d", a.position), a.off, b.off)
		}
	}
	return nil
}

// sortVersions lists the events of each stream in version order.
func (x *indexer) sortVersions(src *Input) error {
	counts := make([]int, len(x.streams))
	for i := range x.recs {
		counts[x.recs[i].stream]++
	}
	all := make([]uint32, len(x.recs))
	for i, n := range counts {
		x.streams[i].events, all = all[:0:n], all[n:]
	}
	for i := range x.recs {
		s := &x.streams[x.recs[i].stream]
		s.events = append(s.events, uint32(i))
	}
	byVersion := func(a, b uint32) int { return cmp.Compare(x.recs[a].version, x.recs[b].version) }
	for i := range x.streams {
		s := &x.streams[i]
		if !slices.IsSortedFunc(s.events, byVersion) {
			slices.SortStableFunc(s.events, byVersion)
			if x.ordinals && x.unsorted == "" {
				x.unsorted = fmt.Sprintf("the versions of stream %s are not in file order", s.id)
			}
		}
		for k := 1; k < len(s.events); k++ {
			if a, b := &x.recs[s.events[k-1]], &x.recs[s.events[k]]; a.version == b.version {
				return src.duplicateError(&replay.DuplicateError{Stream: replay.StreamID(s.id), Version: replay.Version(a.version)}, a.off, b.off)
			}
		}
	}
	if x.unsorted != "" {
		for i := range x.recs {
			x.recs[i].position = int64(replay.NoPosition)
		}
	}
	return nil
}

func (x *indexer) summarise() {
	s := &x.summary
	s.Events, s.Streams = int64(len(x.recs)), int64(len(x.streams))
	for c := range x.category {
		if c != "" {
			s.Categories = append(s.Categories, c)
		}
	}
	slices.Sort(s.Categories)
	for t, n := range x.counts {
		t.Events = n
		s.Types = append(s.Types, t)
	}
	slices.SortFunc(s.Types, func(a, b replay.TypeCount) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Revision, b.Revision))
	})
}

// timeOf returns the time of an event, or zero.
func (x *index) timeOf(r *record) time.Time {
	switch r.nanos {
	case noTime:
		return time.Time{}
	case farTime:
		return x.far[r.off]
	}
	return time.Unix(0, r.nanos).UTC()
}

// duplicateError is the error of two events at the same version or position.
func (s *Input) duplicateError(err error, a, b int64) error {
	if a > b {
		a, b = b, a
	}
	la, fault := s.lineAt(a)
	if fault != nil {
		return s.Fail("read", fault)
	}
	lb, fault := s.lineAt(b)
	if fault != nil {
		return s.Fail("read", fault)
	}
	where := fmt.Sprintf("lines %d and %d", la, lb)
	var d *replay.DuplicateError
	if errors.As(err, &d) {
		d.Where = where
	} else {
		err = fmt.Errorf("%w (%s)", err, where)
	}
	return s.Fail("read", &placedError{line: lb, column: 1, msg: err.Error(), cause: err})
}

// lineAt returns the line number of an offset in the file.
func (s *Input) lineAt(off int64) (int, error) {
	buf := make([]byte, 64<<10)
	line := 1
	for at := int64(0); at < off; {
		n, err := s.file.ReadAt(buf[:min(int64(len(buf)), off-at)], at)
		for _, c := range buf[:n] {
			if c == '\n' {
				line++
			}
		}
		if at += int64(n); err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return line, err
		}
	}
	return line, nil
}
