package audit

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// states checks that the states at the ends are those that the changes lead from
// and to, for each stream.
func (v *verification) states(ctx context.Context) error {
	if v.report != nil && v.report.states == string(StatesNone) {
		if v.names[fileChanges] || v.names[fileEnds] {
			v.find(Manipulated, fileReport, "states", "it says that there are none")
		}
		return nil
	}
	for _, name := range []string{fileChanges, fileEnds} {
		if !v.names[name] && !v.found(name) {
			v.find(Missing, name, "", "the report says that there are states")
		}
	}
	changes, ends := v.open(fileChanges), v.open(fileEnds)
	defer changes.close()
	defer ends.close()
	if changes == nil || ends == nil {
		return nil
	}
	w := stateVerifier{verification: v, changes: changes, ends: ends, ended: map[replay.StreamID]bool{}}
	w.nextChange()
	for n := 0; ; n++ {
		if n%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		val, err := ends.json()
		if v.atEnd(fileEnds, ends, err) {
			break
		}
		if err == nil {
			w.stream(val)
		}
	}
	for w.more {
		w.find(Missing, fileEnds, "stream "+w.name, "%s has changes of it", fileChanges)
		w.nextChange()
	}
	for _, id := range slices.Sorted(maps.Keys(v.streams)) {
		if s := v.streams[id]; s.exported && !w.ended[id] {
			v.find(Missing, fileEnds, "stream "+string(id), "%s says that it is exported", fileStreams)
		}
	}
	return nil
}

type stateVerifier struct {
	*verification
	changes, ends *lineReader
	ended         map[replay.StreamID]bool

	more bool // there is a line of changes:
	name string
	line state.Value
}

func (w *stateVerifier) nextChange() {
	for {
		val, err := w.changes.json()
		if w.atEnd(fileChanges, w.changes, err) {
			w.more = false
			return
		}
		if err != nil {
			continue
		}
		w.name, w.more = "", true
		w.name, _ = textAt(val, "stream")
		w.line = val
		return
	}
}

// batchChanges is how many changes are applied at once: applying copies a state.
const batchChanges = 256

// stream checks one stream: its first state, its changes, its last.
func (w *stateVerifier) stream(val state.Value) {
	id, _ := textAt(val, "stream")
	entry := fmt.Sprintf("%s (%s)", lineEntry(w.ends), id)
	if w.ended[replay.StreamID(id)] {
		w.find(Manipulated, fileEnds, entry, "this stream comes twice")
	}
	w.ended[replay.StreamID(id)] = true
	from, okFrom := w.end(val, "from", entry)
	to, okTo := w.end(val, "to", entry)
	f := folder{stateVerifier: w, now: state.Clone(from), id: id, claimed: w.streams[replay.StreamID(id)], sound: okFrom}
	for w.more && w.name == id {
		f.line()
		w.nextChange()
	}
	f.apply()
	if n, _ := intAt(val, "events"); n != f.events {
		w.find(Missing, fileChanges, "stream "+id, "%d events are there, and %s says %d", f.events, fileEnds, n)
	}
	if s := f.claimed; s == nil || !s.exported {
		w.find(Manipulated, fileEnds, entry, "%s does not say that this stream is exported", fileStreams)
	} else if f.events > 0 && (f.first != s.from || f.last != s.to) {
		w.find(Missing, fileChanges, "stream "+id, "it has versions %d to %d of %d to %d", f.first, f.last, s.from, s.to)
	}
	if okTo && f.sound && !bytes.Equal(state.AppendSorted(nil, f.now), state.AppendSorted(nil, to)) {
		w.find(Manipulated, fileEnds, entry, "the changes do not lead to its last state")
	}
}

// end reads the state at one end, and checks it against its hash.
func (w *stateVerifier) end(val state.Value, key, entry string) (state.Value, bool) {
	e := get(val, key)
	v := get(e, "state")
	sum, ok := textAt(e, "sha256")
	if !ok || v.IsAbsent() {
		w.find(Unreadable, fileEnds, entry, "it has no state %q", key)
		return state.NullValue(), false
	}
	if sha256Hex(state.AppendSorted(nil, v)) != sum {
		w.find(Manipulated, fileEnds, entry, "the state %q is not the one that its SHA-256 is of", key)
		return v, false
	}
	return v, true
}

// A folder applies the changes of one stream.
type folder struct {
	*stateVerifier
	id          string
	claimed     *claimedStream
	now         state.Value
	sound       bool // the state could be followed so far
	events      int64
	first, last replay.Version

	batch   []state.Change
	entries []string // of the lines of the batch
	counts  []int    // of the changes of each
}

// line takes in one line of changes.
func (f *folder) line() {
	w := f.stateVerifier
	version, ok := intAt(w.line, "version")
	entry := fmt.Sprintf("%s (%s@%d)", lineEntry(w.changes), f.id, version)
	val := get(w.line, "changes")
	changes, readable := changesAt(val)
	sum, hasSum := textAt(w.line, "sha256")
	switch {
	case !ok || !readable || !hasSum:
		w.find(Unreadable, fileChanges, entry, "it is no line of changes")
		f.sound = false
		return
	case f.events > 0 && replay.Version(version) <= f.last:
		w.find(Manipulated, fileChanges, entry, "out of order: it comes after version %d", f.last)
	}
	if sha256Hex(state.AppendJSON(nil, val)) != sum {
		w.find(Manipulated, fileChanges, entry, "the changes are not those that their SHA-256 is of")
	}
	if f.events == 0 {
		f.first = replay.Version(version)
	}
	f.last = replay.Version(version)
	f.events++
	for _, c := range changes {
		c.From, c.To = state.Clone(c.From), state.Clone(c.To) // the line is read over
		f.batch = append(f.batch, c)
	}
	f.entries, f.counts = append(f.entries, entry), append(f.counts, len(changes))
	each := get(w.line, "state")
	if len(f.batch) >= batchChanges || !each.IsAbsent() {
		f.apply()
	}
	if f.sound && !each.IsAbsent() && !bytes.Equal(state.AppendSorted(nil, f.now), state.AppendSorted(nil, each)) {
		w.find(Manipulated, fileChanges, entry, "the state is not what the changes lead to")
	}
}

// apply makes the changes of the batch; where they can't be made, one line after
// the other, to say at which.
func (f *folder) apply() {
	defer func() { f.batch, f.entries, f.counts = f.batch[:0], f.entries[:0], f.counts[:0] }()
	if !f.sound || len(f.batch) == 0 {
		return
	}
	if next, err := state.Apply(f.now, f.batch); err == nil {
		f.now = next
		return
	}
	rest := f.batch
	for i, entry := range f.entries {
		next, err := state.Apply(f.now, rest[:f.counts[i]])
		if err != nil {
			f.find(Manipulated, fileChanges, entry, "it does not follow from the states before it: %v", err)
			f.sound = false
			return
		}
		f.now, rest = next, rest[f.counts[i]:]
	}
}
