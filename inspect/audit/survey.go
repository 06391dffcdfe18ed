package audit

import (
	"maps"
	"slices"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A survey counts the events of a store while it is sealed.
type survey struct {
	observer
	size     int64
	tree     tree
	streams  map[replay.StreamID]*streamLine
	leftOut  map[string]int64 // by reason
	exported int64
	redacted int64 // events with withheld fields
	withheld int64 // withheld fields
	decoded  int64
	highest  replay.Position

	totals   map[string]*total // by type
	coverage coverage
	last     time.Time  // of the newest event
	erased   *erasedSet // nil without a redaction
}

// A streamLine is the entry of a stream in streams.json.
type streamLine struct {
	part
	category    string
	events      int64
	first, last replay.Version // lowest and highest
	head        int64          // the leaf of its last event
	headRecord  string
}

func newSurvey() *survey {
	return &survey{
		observer: newObserver(),
		streams:  map[replay.StreamID]*streamLine{}, leftOut: map[string]int64{},
		totals: map[string]*total{}, highest: replay.NoPosition,
	}
}

// add adds an event. why is empty if the event is exported.
func (s *survey) add(l *leaf, why string) error {
	e, index := l.event, s.size
	if _, err := s.tree.add(l.hash); err != nil {
		return err
	}
	s.size++
	s.highest = max(s.highest, e.Position)
	line, ok := s.streams[e.Stream]
	if !ok {
		line = &streamLine{category: strings.Clone(e.Category), first: e.Version, last: e.Version}
		s.streams[cloneID(e.Stream)] = line
		s.erased.stream(e.Stream)
	}
	if e.Time.After(s.last) {
		s.last = e.Time
	}
	line.first, line.last = min(line.first, e.Version), max(line.last, e.Version)
	line.events++
	line.head, line.headRecord = index, string(l.text)
	if why != "" {
		s.leftOut[why]++
		return nil
	}
	if s.erased != nil {
		if err := s.erased.look(l); err != nil {
			return err
		}
	}
	s.inspect(l, line)
	return nil
}

// inspect counts an exported event.
func (s *survey) inspect(l *leaf, line *streamLine) {
	s.exported++
	if l.redacted {
		s.redacted++
		s.withheld += int64(l.withheldFields)
	}
	if l.decoded {
		s.decoded++
	}
	s.coverage.add(l)
	t, ok := s.totals[l.event.Type]
	if !ok {
		t = &total{sums: map[string]*sum{}}
		s.totals[strings.Clone(l.event.Type)] = t
	}
	t.add(l)
	s.notice(&line.part, l.event, l.content.id, l.opaque)
	line.addEvent(l.event)
}

// finish checks the streams after the last event.
func (s *survey) finish() {
	for _, id := range slices.Sorted(maps.Keys(s.streams)) {
		line := s.streams[id]
		s.noticeStream(id, &line.part, line.first)
	}
}

// streamsJSON writes a line for each stream, sorted by id.
func (s *survey) streamsJSON(write func([]byte) error) error {
	var b []byte
	for i, id := range slices.Sorted(maps.Keys(s.streams)) {
		line := s.streams[id]
		out := state.NullValue()
		if line.exported > 0 {
			out = object("events", line.exported, "first", line.from, "last", line.to)
		}
		b = append(b[:0], ",\n"...)
		if i == 0 {
			b = append(b[:0], "[\n"...)
		}
		b = state.AppendJSON(b, object(
			"stream", valid(string(id)), "category", orNull(valid(line.category)), "events", line.events,
			"first", line.first, "last", line.last,
			"head", object("leaf", line.head, "record", line.headRecord), "exported", out,
		))
		if err := write(b); err != nil {
			return err
		}
	}
	if len(s.streams) == 0 {
		return write([]byte("[]\n"))
	}
	return write([]byte("\n]\n"))
}
