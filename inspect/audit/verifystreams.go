package audit

import (
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// A claimedStream is what streams.json says of a stream, and what was seen of it.
type claimedStream struct {
	part // what was seen of it

	listed      bool // in streams.json, which says:
	category    string
	total       int64 // events in the store
	first, last replay.Version
	head        int64 // its last leaf
	selected    bool  // something of it is exported:
	events      int64
	low, high   replay.Version

	headTime      time.Time // of that, where it can be read
	lastTime      time.Time // of the last version seen
	nth, leaf     int64     // of the last record seen; 0 and -1 before
	before, after int64     // events that the period leaves out
	digest        uint64
}

// digest is a sum over versions and types, by which two lists of events are found
// to be the same, whatever their order.
func (v *verification) digest(version replay.Version, typ string) uint64 {
	var h maphash.Hash
	h.SetSeed(v.seed)
	_, _ = h.WriteString(integer(int64(version)).Text() + " " + typ)
	return h.Sum64()
}

// stream takes in what is claimed of one stream, and returns its events. The
// record of its last leaf says how many they are: what is claimed is no more than
// a way to say it.
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
		v.find(Unreadable, fileStreams, entry, "it does not say what it must of a stream")
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
		v.find(Manipulated, fileStreams, entry, "its head is of stream %s", rec.Stream)
	case rec.Nth != s.total:
		v.find(Manipulated, fileStreams, entry, "it says %d events, and its head is number %d of the stream", s.total, rec.Nth)
	case rec.Version < s.first || rec.Version > s.last || s.total > int64(s.last-s.first)+1:
		v.find(Manipulated, fileStreams, entry, "it says versions %d to %d, and its head is version %d of %d events", s.first, s.last, rec.Version, s.total)
	}
	v.claim(s, get(val, "exported"), entry)
	return s.total
}

// claim takes in what is said to be exported of a stream.
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

// place checks where the event is: in the record, in its stream, and in the
// period.
func (o *opened) place(rec *Record, c *content, e *replay.Event) {
	if rec != nil && (rec.Stream != e.Stream || rec.Version != e.Version || rec.Position != e.Position) {
		o.found(Manipulated, fileEvents, "it says that it is %s@%d, and its record that it is %s", e.Stream, e.Version, rec.Label())
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
		o.found(Manipulated, fileStreams, "it says category %q, and the event %q", s.category, e.Category)
	}
	if f := o.report; f != nil && !f.from.IsZero() && !e.Time.IsZero() && e.Time.Before(f.from) {
		o.found(Manipulated, fileReport, "the period begins at %s, and it was recorded before", stamp(f.from))
	}
	o.watch.notice(&s.part, e, c.id, e.Opaque)
	s.take(e)
	s.digest += o.digest(e.Version, e.Type)
	if e.Version == s.to {
		s.lastTime = e.Time
	}
}

// claimed is the stream of an event.
func (o *opened) claimed(id replay.StreamID) *claimedStream {
	s, ok := o.streams[id]
	if !ok {
		s = &claimedStream{leaf: -1}
		o.streams[id] = s
		if o.names[fileStreams] {
			o.find(Missing, fileStreams, "stream "+string(id), "it is not listed, and there are events of it")
		}
	}
	return s
}

// follows checks that a record is the next of its stream: the records say
// themselves which one that is, and they are in the tree.
func (o *opened) follows(s *claimedStream, rec *Record, outlined bool) {
	period := o.report != nil && !o.report.from.IsZero()
	switch {
	case rec.Previous >= o.leaf || (rec.Nth == 1) != (rec.Previous < 0) || rec.Nth <= s.nth || rec.Previous < s.leaf:
		o.found(Manipulated, fileLeaves, "its record is number %d of its stream, after leaf %d, and the one before it is number %d, leaf %d", rec.Nth, rec.Previous, s.nth, s.leaf)
	case rec.Previous == s.leaf && rec.Nth == s.nth+1:
	case s.nth == 0 && period && !outlined:
		s.before = rec.Nth - 1
	default:
		o.found(Gap, fileEvents, "leaf %d, the event before it in its stream, is not there", rec.Previous)
	}
	s.nth, s.leaf = rec.Nth, o.leaf
}

// outlined takes in the bare record of an event that the period leaves out.
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
		o.found(Gap, fileEvents, "it is within the versions %d to %d that are exported, and is not there", s.low, s.high)
	}
}

// accounts compares what was seen of each stream with what streams.json says.
func (v *verification) accounts() {
	if !v.names[fileStreams] {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(v.streams)) {
		s := v.streams[id]
		entry := "stream " + string(id)
		switch {
		case s.exported == 0 && s.events > 0:
			v.find(Missing, fileEvents, entry, "none of its %d exported events is there", s.events)
		case s.exported < s.events && s.to < s.high:
			v.find(Missing, fileEvents, entry, "the last event is version %d, and %s says %d", s.to, fileStreams, s.high)
		case s.exported < s.events && s.from > s.low:
			v.find(Missing, fileEvents, entry, "the first event is version %d, and %s says %d", s.from, fileStreams, s.low)
		case s.exported < s.events:
			v.find(Gap, fileEvents, entry, "%d of its %d exported events are there", s.exported, s.events)
		case s.exported > s.events:
			v.find(Manipulated, fileEvents, entry, "%d events are there, and %s says %d", s.exported, fileStreams, s.events)
		case s.exported > 0 && (s.from != s.low || s.to != s.high):
			v.find(Manipulated, fileStreams, entry, "it says versions %d to %d, and there are %d to %d", s.low, s.high, s.from, s.to)
		}
		v.whole(s, entry)
	}
}

// whole checks that nothing of an exported stream is left out but what the period
// does.
func (v *verification) whole(s *claimedStream, entry string) {
	if s.exported == 0 || !s.listed || v.report == nil {
		return
	}
	s.after += s.total - s.nth
	switch f := v.report; {
	case s.nth > s.total:
		v.find(Manipulated, fileStreams, entry, "it has %d events, and one is number %d", s.total, s.nth)
	case f.to.IsZero() && s.after > 0:
		v.find(Missing, fileEvents, entry, "the last of its %d events is not there, and no period leaves it out", s.total)
	case f.from.IsZero() && (s.before > 0 || s.from != s.first):
		v.find(Missing, fileEvents, entry, "its first event, version %d, is not there, and no period leaves it out", s.first)
	case f.to.IsZero() && s.to != s.last:
		v.find(Manipulated, fileStreams, entry, "it says that its last version is %d, and that is %d", s.last, s.to)
	case s.after > 0 && !s.odd && !s.headTime.IsZero() && s.headTime.Before(f.to):
		v.find(Missing, fileEvents, entry, "its last event was recorded at %s, within the period, and is not there", stamp(s.headTime))
	case !f.to.IsZero() && !s.lastTime.IsZero() && !s.lastTime.Before(f.to):
		v.find(Manipulated, fileReport, entry, "the period ends at %s, and its last event was recorded later", stamp(f.to))
	}
	if s.before > int64(s.low-s.first) || s.after > int64(s.last-s.high) || s.before+s.exported+s.after != s.total {
		v.find(Gap, fileEvents, entry, "%d of its %d events are there, and %d before and %d after them can't be what the period leaves out", s.exported, s.total, s.before, s.after)
	}
}
