package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

// A claimedStream is what streams.json says of a stream, and what was seen of it.
type claimedStream struct {
	exported  bool
	events    int64 // exported
	from, to  replay.Version
	seen      int64
	seenFirst replay.Version
	seenLast  replay.Version
	last      int64 // the leaf of the last event seen, or -1
}

// A head is the last leaf of a stream.
type head struct {
	stream replay.StreamID
	hash   tlog.Hash
}

// readStreams reads streams.json, a line for each stream.
func (v *verification) readStreams(context.Context) error {
	r := v.open(fileStreams)
	if r == nil {
		return nil
	}
	defer r.close()
	var total int64
	var p state.Parser
	for {
		line, err := r.next()
		if v.atEnd(fileStreams, r, err) {
			break
		}
		line = bytes.TrimSuffix(bytes.TrimSpace(line), []byte(","))
		if s := string(line); s == "[" || s == "]" || s == "[]" || s == "" {
			continue
		}
		val, err := p.Parse(line)
		if err != nil {
			v.find(Unreadable, fileStreams, lineEntry(r), "%v", err)
			continue
		}
		total += v.stream(val, lineEntry(r))
	}
	v.Streams = int64(len(v.streams))
	if c := v.checkpoint; c != nil && total != c.Size {
		v.find(Manipulated, fileStreams, "", "its streams have %d events, and the checkpoint is of %d", total, c.Size)
	}
	return nil
}

// stream takes in what is claimed of one stream, and returns its events.
func (v *verification) stream(val state.Value, entry string) int64 {
	id, ok1 := textAt(val, "stream")
	events, ok2 := intAt(val, "events")
	leaf, ok3 := intAt(get(val, "head"), "leaf")
	text, ok4 := textAt(get(val, "head"), "hash")
	raw, err := hex.DecodeString(text)
	if !ok1 || !ok2 || !ok3 || !ok4 || err != nil || len(raw) != tlog.HashSize || events < 1 {
		v.find(Unreadable, fileStreams, entry, "it does not say what it must of a stream")
		return 0
	}
	stream := replay.StreamID(id)
	if _, twice := v.streams[stream]; twice {
		v.find(Manipulated, fileStreams, entry, "stream %s is listed twice", id)
		return 0
	}
	if other, taken := v.heads[leaf]; taken {
		v.find(Manipulated, fileStreams, entry, "stream %s has the same head as %s", id, other.stream)
	}
	v.heads[leaf] = head{stream, tlog.Hash(raw)}
	s := &claimedStream{last: -1}
	v.streams[stream] = s
	if out := get(val, "exported"); out.Kind() == state.Object {
		n, ok1 := intAt(out, "events")
		from, ok2 := intAt(out, "first")
		to, ok3 := intAt(out, "last")
		if !ok1 || !ok2 || !ok3 || n < 1 || n > events {
			v.find(Unreadable, fileStreams, entry, "it does not say what is exported of stream %s", id)
			return events
		}
		s.exported, s.events, s.from, s.to = true, n, replay.Version(from), replay.Version(to)
	}
	return events
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
		case s.seen == 0 && s.events > 0:
			v.find(Missing, fileEvents, entry, "none of its %d exported events is there", s.events)
		case s.seen < s.events && s.seenLast < s.to:
			v.find(Missing, fileEvents, entry, "the last event is version %d, and %s says %d", s.seenLast, fileStreams, s.to)
		case s.seen < s.events && s.seenFirst > s.from:
			v.find(Missing, fileEvents, entry, "the first event is version %d, and %s says %d", s.seenFirst, fileStreams, s.from)
		case s.seen < s.events:
			v.find(Gap, fileEvents, entry, "%d of its %d exported events are there", s.seen, s.events)
		case s.seen > s.events:
			v.find(Manipulated, fileEvents, entry, "%d events are there, and %s says %d", s.seen, fileStreams, s.events)
		case s.seen > 0 && (s.seenFirst != s.from || s.seenLast != s.to):
			v.find(Manipulated, fileStreams, entry, "it says versions %d to %d, and there are %d to %d", s.from, s.to, s.seenFirst, s.seenLast)
		}
	}
}

// reportFacts is what of the report can be checked.
type reportFacts struct {
	noPositions bool
	exported    int64
	root        string
	size        int64
	totals      state.Value
	decoded     int64
	states      string
}

func (v *verification) readReport(context.Context) error {
	if !v.names[fileReport] {
		return nil
	}
	val, err := v.readJSON(fileReport)
	if err != nil {
		v.find(Unreadable, fileReport, "", "%v", err)
		return nil
	}
	f := &reportFacts{totals: get(val, "control_totals")}
	for _, l := range elems(get(get(val, "source"), "lacks")) {
		f.noPositions = f.noPositions || l.Text() == "positions"
	}
	var ok1, ok2, ok3, ok4 bool
	f.exported, ok1 = intAt(get(val, "counts"), "exported")
	f.size, ok2 = intAt(get(val, "checkpoint"), "size")
	f.root, ok3 = textAt(get(val, "checkpoint"), "root")
	f.states, ok4 = textAt(get(val, "states"), "mode")
	f.decoded, _ = intAt(get(val, "counts"), "payloads_decoded")
	if !ok1 || !ok2 || !ok3 || !ok4 {
		v.find(Unreadable, fileReport, "", "it lacks counts, checkpoint or states")
		return nil
	}
	v.report = f
	if c := v.checkpoint; c != nil && (c.Size != f.size || hexOf(c.Root) != f.root) {
		kind := Manipulated
		if c.Size < f.size {
			kind = RolledBack
		}
		v.find(kind, fileCheckpoint, "", "it is of %d leaves, and the report is of a checkpoint of %d", c.Size, f.size)
	}
	if f.decoded > 0 {
		v.Limits = append(v.Limits, "that the fields of "+plural(f.decoded, "event")+" are what the stored bytes hold, packed, wrapped or encrypted")
	}
	return nil
}

func (v *verification) readJSON(name string) (state.Value, error) {
	b, err := readSmall(v.path(name), maxLine)
	if err != nil {
		return state.Value{}, err
	}
	return state.Parse(b)
}

// compareReport compares the report with what the events add up to.
func (v *verification) compareReport(totals map[string]*total, c *coverage) {
	if v.report != nil {
		if v.report.exported != v.Events {
			v.find(Manipulated, fileReport, "counts", "it says %d events, and there are %d", v.report.exported, v.Events)
		}
		v.compareTotals(totals)
	}
	if !v.names[fileCoverage] {
		return
	}
	val, err := v.readJSON(fileCoverage)
	switch {
	case err != nil:
		v.find(Unreadable, fileCoverage, "", "%v", err)
	case !bytes.Equal(state.AppendSorted(nil, val), state.AppendSorted(nil, c.json())):
		v.find(Manipulated, fileCoverage, "", "it is not what the events come to")
	}
}

func (v *verification) compareTotals(totals map[string]*total) {
	want := map[string]state.Value{}
	for _, t := range elems(v.report.totals) {
		typ, _ := textAt(t, "type")
		want[typ] = t
	}
	for _, t := range elems(totalsJSON(totals)) {
		typ, _ := textAt(t, "type")
		w, ok := want[typ]
		delete(want, typ)
		if !ok {
			v.find(Manipulated, fileReport, "control total "+typ, "it is not there, and there are such events")
			continue
		}
		for _, key := range []string{"events", "payload_bytes", "sums"} {
			if a, b := get(t, key), get(w, key); !bytes.Equal(state.AppendSorted(nil, a), state.AppendSorted(nil, b)) {
				v.find(Manipulated, fileReport, "control total "+typ, "its %s is not what the events come to", key)
			}
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(want)) {
		v.find(Manipulated, fileReport, "control total "+typ, "there are no such events")
	}
}
