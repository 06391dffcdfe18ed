package audit

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

// A survey is what is counted while a store is sealed.
type survey struct {
	size     int64
	tree     tree
	streams  map[replay.StreamID]*streamLine
	leftOut  map[string]int64 // by reason
	exported int64
	redacted int64 // events
	withheld int64 // fields
	decoded  int64
	highest  replay.Position

	totals    map[string]*total // by type
	coverage  coverage
	anomalies anomalies
	last      time.Time  // of the newest event
	ids       *idSet     // of exported events
	clock     time.Time  // of the event before
	erased    *erasedSet // nil without a redaction
}

// A streamLine is what streams.json says of a stream.
type streamLine struct {
	category    string
	events      int64
	first, last replay.Version
	head        int64 // the leaf of its last event
	headHash    tlog.Hash
	exported    int64
	from, to    replay.Version // of what is exported
	lastOut     int64          // the leaf of the last exported event
	clock       time.Time      // of its last event with a time
}

func newSurvey() *survey {
	return &survey{
		streams: map[replay.StreamID]*streamLine{}, leftOut: map[string]int64{},
		totals: map[string]*total{}, ids: newIDSet(),
		highest: replay.NoPosition,
	}
}

// add takes one event in. why is empty when it is exported; previous is the leaf
// of the exported event before it in its stream, or -1.
func (s *survey) add(l *leaf, why string) (previous int64, err error) {
	e, index := l.event, s.size
	if _, err := s.tree.add(l.hash); err != nil {
		return 0, err
	}
	s.size++
	s.highest = max(s.highest, e.Position)
	line, ok := s.streams[e.Stream]
	if !ok {
		line = &streamLine{category: strings.Clone(e.Category), first: e.Version, lastOut: -1}
		s.streams[replay.StreamID(strings.Clone(string(e.Stream)))] = line
	}
	if e.Time.After(s.last) {
		s.last = e.Time
	}
	previous = line.lastOut
	if why == "" {
		if s.erased != nil {
			if err := s.erased.look(l); err != nil {
				return 0, err
			}
		}
		s.inspect(l, line, !ok)
		if line.exported == 0 {
			line.from = e.Version
		}
		line.exported++
		line.to, line.lastOut = e.Version, index
	} else {
		s.leftOut[why]++
	}
	line.events++
	line.last, line.head, line.headHash = e.Version, index, l.hash
	if !e.Time.IsZero() {
		line.clock, s.clock = e.Time, e.Time
	}
	return previous, nil
}

// inspect counts what is said of an exported event.
func (s *survey) inspect(l *leaf, line *streamLine, isFirst bool) {
	e := l.event
	s.exported++
	if l.redacted {
		s.redacted++
		s.withheld += int64(l.withheldFields)
	}
	if l.decoded {
		s.decoded++
	}
	s.coverage.add(l)
	t, ok := s.totals[e.Type]
	if !ok {
		t = &total{sums: map[string]*sum{}}
		s.totals[strings.Clone(e.Type)] = t
	}
	t.add(l)
	label := l.record.Label()
	switch {
	case isFirst && e.Version > 1:
		s.anomalies.add("gap", label, "its stream begins with version "+strconv.FormatInt(int64(e.Version), 10))
	case !isFirst && e.Version != line.last+1:
		s.anomalies.add("gap", label, "the version before it in its stream is "+strconv.FormatInt(int64(line.last), 10))
	}
	switch {
	case e.Time.IsZero():
		s.anomalies.add("no time", label, "it has no time that can be read")
	case e.Time.Before(line.clock):
		s.anomalies.add("time runs backwards", label, "recorded "+apart(line.clock, e.Time)+" before the event that it follows in its stream")
	case e.Time.Before(s.clock):
		s.anomalies.add("time runs backwards", label, "recorded "+apart(s.clock, e.Time)+" before the event that it follows in the store")
	}
	if l.opaque != "" {
		s.anomalies.add("opaque payload", label, l.opaque)
	}
	if id := l.content.id; id != "" && s.ids.add(id) {
		s.anomalies.add("duplicate id", label, "an event before it has the id "+id)
	}
	s.anomalies.bounded = s.ids.full()
}

func apart(a, b time.Time) string { return a.Sub(b).String() }

// streamsJSON writes a line for each stream, by id.
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
			"stream", valid(string(id)), "category", orNull(line.category), "events", line.events,
			"first", line.first, "last", line.last,
			"head", object("leaf", line.head, "hash", hexOf(line.headHash)), "exported", out,
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
