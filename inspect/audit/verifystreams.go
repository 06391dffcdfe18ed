package audit

import (
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A claimedStream is a stream as streams.json describes it and as its events show it.
type claimedStream struct {
	part // from its events

	// From streams.json:
	listed      bool
	category    string
	total       int64 // events in the store
	first, last replay.Version
	head        int64 // its last leaf
	selected    bool  // it has exported events:
	events      int64 // their number
	low, high   replay.Version
	headTime    time.Time // of the head; zero if it cannot be read

	// From its events:
	lastTime      time.Time // of the last version so far
	nth, leaf     int64     // of the last record so far; 0 and -1 before the first
	before, after int64     // events that the period leaves out
	digest        uint64
}

// digest returns a hash of a version and a type. Two lists of events are the same,
// in any order, if their sums of digests are equal.
func (v *verification) digest(version replay.Version, typ string) uint64 {
	var h maphash.Hash
	h.SetSeed(v.seed)
	_, _ = h.WriteString(integer(int64(version)).Text() + " " + typ)
	return h.Sum64()
}

// stream reads the entry of a stream and returns its number of events. The record of
// its last leaf must confirm the number.
func (v *verification) stream(val state.Value, entry string) int64 {
	id, ok1 := textAt(val, "stream")
	s := &claimedStream{listed: true, leaf: -1}
	var ok2, ok3, ok4 bool
	s.category, _ = textAt(val, "category")
	s.total, ok2 = intAt(val, "events")
	s.first, ok3 = versionAt(val, "first")
	s.last, ok4 = versionAt(val, "last")
	leaf, ok5 := intAt(get(val, "head"), "leaf")
	text, _ := textAt(get(val, "head"), "record")
	rec, err := ParseRecord([]byte(text))
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || err != nil || s.total < 1 {
		v.find(Unreadable, fileStreams, entry, "it is not a complete entry of a stream")
		return 0
	}
	s.head = leaf
	s.headTime, _ = time.Parse(time.RFC3339Nano, string(rec.Time))
	stream := replay.StreamID(id)
	if _, double := v.streams[stream]; double {
		v.find(Manipulated, fileStreams, entry, "stream %s is listed twice", id)
		return 0
	}
	if other, taken := v.heads[leaf]; taken {
		v.find(Manipulated, fileStreams, entry, "stream %s has the same head as %s", id, other.stream)
	}
	v.heads[leaf] = head{stream, leafHash([]byte(text))}
	v.streams[stream] = s
	if v.highestLeaf <= leaf {
		v.highestLeaf, v.highest = leaf, rec.Position
	}
	switch {
	case rec.Stream != stream:
		v.find(Manipulated, fileStreams, entry, "its head belongs to stream %s", rec.Stream)
	case rec.Nth != s.total:
		v.find(Manipulated, fileStreams, entry, "it says %s, but its head is number %d of the stream", replay.Counted(s.total, "event", "events"), rec.Nth)
	case rec.Version < s.first || rec.Version > s.last || s.total > int64(s.last-s.first)+1:
		v.find(Manipulated, fileStreams, entry, "it says versions %d to %d, but its head is version %d of %s", s.first, s.last, rec.Version, replay.Counted(s.total, "event", "events"))
	}
	v.claim(s, get(val, "exported"), entry)
	return s.total
}

// claim reads the exported part of the entry of a stream.
func (v *verification) claim(s *claimedStream, out state.Value, entry string) {
	if out.Kind() != state.Object {
		return
	}
	var ok1, ok2, ok3 bool
	s.events, ok1 = intAt(out, "events")
	s.low, ok2 = versionAt(out, "first")
	s.high, ok3 = versionAt(out, "last")
	if !ok1 || !ok2 || !ok3 || s.events < 1 || s.events > s.total || s.low < s.first || s.high > s.last {
		v.find(Unreadable, fileStreams, entry, "it does not say what is exported")
		s.events = 0
		return
	}
	s.selected = true
}

func versionAt(v state.Value, key string) (replay.Version, bool) {
	n, ok := intAt(v, key)
	return replay.Version(n), ok
}

// place checks the event against its record, its stream and the period.
func (o *opened) place(rec *Record, c *content, e *replay.Event) {
	if rec != nil && (rec.Stream != e.Stream || rec.Version != e.Version || rec.Position != e.Position) {
		o.found(Manipulated, fileEvents, "the event says %s@%d, but its record says %s", e.Stream, e.Version, rec.Label())
		e.Stream, e.Version = rec.Stream, rec.Version
	}
	if o.alone {
		return
	}
	s := o.claimed(e.Stream)
	if rec != nil {
		o.follows(s, rec, false)
	}
	if s.listed && s.category != e.Category {
		o.found(Manipulated, fileStreams, "it says category %q, but the event says %q", s.category, e.Category)
	}
	if f := o.report; f != nil && !f.from.IsZero() && !e.Time.IsZero() && e.Time.Before(f.from) {
		o.found(Manipulated, fileReport, "the period starts at %s, but the event was recorded before", stamp(f.from))
	}
	o.observer.notice(&s.part, e, c.id, e.Opaque)
	s.addEvent(e)
	s.digest += o.digest(e.Version, e.Type)
	if e.Version == s.to {
		s.lastTime = e.Time
	}
}

// claimed returns the stream of an event. A stream that is not listed is a finding.
func (o *opened) claimed(id replay.StreamID) *claimedStream {
	s, ok := o.streams[id]
	if !ok {
		s = &claimedStream{leaf: -1}
		o.streams[id] = s
		if o.names[fileStreams] {
			o.find(Missing, fileStreams, "stream "+string(id), "it is not listed, but it has events")
		}
	}
	return s
}

// follows checks that a record is the next of its stream. The records are in the tree
// and number the events of each stream.
func (o *opened) follows(s *claimedStream, rec *Record, outlined bool) {
	period := o.report != nil && !o.report.from.IsZero()
	switch {
	case rec.Previous >= o.leaf || (rec.Nth == 1) != (rec.Previous < 0) || rec.Nth <= s.nth || rec.Previous < s.leaf:
		o.found(Manipulated, fileLeaves, "its record is number %d of its stream, after leaf %d, but the previous record is number %d, leaf %d", rec.Nth, rec.Previous, s.nth, s.leaf)
	case rec.Previous == s.leaf && rec.Nth == s.nth+1:
	case s.nth == 0 && period && !outlined:
		s.before = rec.Nth - 1
	default:
		o.found(Gap, fileEvents, "leaf %d, the previous event of its stream, is missing", rec.Previous)
	}
	s.nth, s.leaf = rec.Nth, o.leaf
}

// outlined checks the record of an event that the period leaves out.
func (o *opened) outlined(line state.Value, exported bool) {
	text, _ := textAt(line, "record")
	rec, err := ParseRecord([]byte(text))
	if err != nil {
		o.found(Unreadable, fileOutline, "%v", err)
		return
	}
	o.label = rec.Label()
	o.inTree([]byte(text), fileOutline)
	s := o.claimed(rec.Stream)
	o.follows(s, rec, true)
	switch {
	case exported:
		o.found(Manipulated, fileOutline, "this event is exported")
	case s.selected && rec.Version < s.low:
		s.before++
	case s.selected && rec.Version > s.high:
		s.after++
	case s.selected:
		o.found(Gap, fileEvents, "it is within the exported versions %d to %d, but is missing", s.low, s.high)
	}
}

// accounts compares the events of each stream with its entry in streams.json.
func (v *verification) accounts() {
	if !v.names[fileStreams] {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(v.streams)) {
		s := v.streams[id]
		entry := "stream " + string(id)
		switch {
		case s.exported == 0 && s.events > 0:
			v.find(Missing, fileEvents, entry, "all of its %d exported events are missing", s.events)
		case s.exported < s.events && s.to < s.high:
			v.find(Missing, fileEvents, entry, "the last event is version %d, but %s says %d", s.to, fileStreams, s.high)
		case s.exported < s.events && s.from > s.low:
			v.find(Missing, fileEvents, entry, "the first event is version %d, but %s says %d", s.from, fileStreams, s.low)
		case s.exported < s.events:
			v.find(Gap, fileEvents, entry, "it has only %d of its %s", s.exported, replay.Counted(s.events, "exported event", "exported events"))
		case s.exported > s.events:
			v.find(Manipulated, fileEvents, entry, "it has %s, but %s says %d", replay.Counted(s.exported, "event", "events"), fileStreams, s.events)
		case s.exported > 0 && (s.from != s.low || s.to != s.high):
			v.find(Manipulated, fileStreams, entry, "it says versions %d to %d, but the events are %d to %d", s.low, s.high, s.from, s.to)
		}
		v.checkLeftOut(s, entry)
	}
}

// checkLeftOut checks that only the period leaves out events of an exported stream.
func (v *verification) checkLeftOut(s *claimedStream, entry string) {
	if s.exported == 0 || !s.listed || v.report == nil {
		return
	}
	s.after += s.total - s.nth
	switch f := v.report; {
	case s.nth > s.total:
		v.find(Manipulated, fileStreams, entry, "it has %s, but one is number %d", replay.Counted(s.total, "event", "events"), s.nth)
	case f.to.IsZero() && s.after > 0:
		v.find(Missing, fileEvents, entry, "the last of its %d events is missing, but no period leaves it out", s.total)
	case f.from.IsZero() && (s.before > 0 || s.from != s.first):
		v.find(Missing, fileEvents, entry, "its first event, version %d, is missing, but no period leaves it out", s.first)
	case f.to.IsZero() && s.to != s.last:
		v.find(Manipulated, fileStreams, entry, "it says that the last version is %d, but it is %d", s.last, s.to)
	case s.after > 0 && !s.unordered && !s.headTime.IsZero() && s.headTime.Before(f.to):
		v.find(Missing, fileEvents, entry, "its last event was recorded at %s, within the period, but is missing", stamp(s.headTime))
	case !f.to.IsZero() && !s.lastTime.IsZero() && !s.lastTime.Before(f.to):
		v.find(Manipulated, fileReport, entry, "the period ends at %s, but its last event was recorded later", stamp(f.to))
	}
	if s.before > int64(s.low-s.first) || s.after > int64(s.last-s.high) || s.before+s.exported+s.after != s.total {
		v.find(Gap, fileEvents, entry, "it has %d of its %d events; the %d before and %d after them cannot be what the period leaves out", s.exported, s.total, s.before, s.after)
	}
}
