package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// states checks for each stream that the changes lead from its first state to its
// last.
func (v *verification) states(ctx context.Context) error {
	if v.report != nil && v.report.states == string(StatesNone) {
		if v.names[fileChanges] || v.names[fileEnds] {
			v.find(Manipulated, fileReport, "states", "it says that there are none, but there are")
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
	w := stateVerifier{verification: v, changes: changes, ends: ends, ended: map[replay.StreamID]bool{}, uses: map[string]*projectionUse{}}
	w.nextChange()
	for {
		val, err := ends.json()
		if v.atEnd(fileEnds, ends, err) {
			break
		}
		if err != nil {
			continue
		}
		if err := w.stream(ctx, val); err != nil {
			return err
		}
	}
	for w.more {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.find(Missing, fileEnds, "stream "+w.name, "%s has changes of this stream", fileChanges)
		w.nextChange()
	}
	w.finish()
	return nil
}

// finish compares the folded streams with streams.json and the report.
func (w *stateVerifier) finish() {
	for _, id := range slices.Sorted(maps.Keys(w.streams)) {
		if s := w.streams[id]; s.selected && !w.ended[id] {
			w.find(Missing, fileEnds, "stream "+string(id), "%s says that this stream is exported", fileStreams)
		}
	}
	var all []*projectionUse
	for _, name := range slices.Sorted(maps.Keys(w.uses)) {
		all = append(all, w.uses[name])
	}
	if w.report != nil && !same(projectionsJSON(all), w.report.projections) {
		w.find(Manipulated, fileReport, "states/projections", "they differ from those in %s, or the unhandled events are not counted as in %s", fileEnds, fileChanges)
	}
	if w.report != nil && !same(othersJSON(all), listOf(w.report.others)) {
		w.find(Manipulated, fileReport, "states/not_for", "it differs from %s", fileEnds)
	}
}

type stateVerifier struct {
	*verification
	changes, ends *lineReader
	ended         map[replay.StreamID]bool
	uses          map[string]*projectionUse // by name

	more bool        // there is a current line of changes
	name string      // stream of the current line
	line state.Value // the current line
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

// stream checks one stream: its first state, its changes and its last state.
func (w *stateVerifier) stream(ctx context.Context, val state.Value) error {
	id, _ := textAt(val, "stream")
	entry := fmt.Sprintf("%s (%s)", lineEntry(w.ends), id)
	if w.ended[replay.StreamID(id)] {
		w.find(Manipulated, fileEnds, entry, "this stream occurs twice")
	}
	w.ended[replay.StreamID(id)] = true
	from, okFrom := w.end(val, "from", entry)
	to, okTo := w.end(val, "to", entry)
	f := folder{stateVerifier: w, now: state.Clone(from), id: id, sound: okFrom, use: w.use(val)}
	for w.more && w.name == id {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.line()
		w.nextChange()
	}
	if n, _ := intAt(val, "events"); n != f.events {
		w.find(Missing, fileChanges, "stream "+id, "it has %s, but %s says %d", replay.Counted(f.events, "event", "events"), fileEnds, n)
	}
	f.compare(val, w.streams[replay.StreamID(id)], entry)
	if okTo && f.sound && !same(f.now, to) {
		w.find(Manipulated, fileEnds, entry, "the changes do not lead to its last state")
	}
	return nil
}

// use returns the counts of the projection that folded a stream.
func (w *stateVerifier) use(val state.Value) *projectionUse {
	name, _ := textAt(val, "projection")
	sum, _ := textAt(val, "projection_sha256")
	u, ok := w.uses[name]
	if !ok {
		u = newProjectionUse(name, sum)
		w.uses[name] = u
	}
	if u.sha256 != sum {
		w.find(Manipulated, fileEnds, lineEntry(w.ends), "projection %s has a different SHA-256 here than before", name)
	}
	other, _ := textAt(val, "projection_for")
	u.stream(other)
	return u
}

// end reads the state at one end and checks it against its hash.
func (w *stateVerifier) end(val state.Value, key, entry string) (state.Value, bool) {
	e := get(val, key)
	v := get(e, "state")
	sum, ok := textAt(e, "sha256")
	if !ok || v.IsAbsent() {
		w.find(Unreadable, fileEnds, entry, "it has no state %q", key)
		return state.NullValue(), false
	}
	if sha256Hex(state.AppendSorted(nil, v)) != sum {
		w.find(Manipulated, fileEnds, entry, "the state %q does not match its SHA-256", key)
		return v, false
	}
	return v, true
}

// A folder applies the changes of one stream.
type folder struct {
	*stateVerifier
	id          string
	use         *projectionUse
	now         state.Value
	sound       bool // all changes so far could be applied
	events      int64
	first, last replay.Version
	digest      uint64
}

// compare compares the lines with the exported events of the stream.
func (f *folder) compare(val state.Value, s *claimedStream, entry string) {
	if s == nil || !s.selected {
		f.find(Manipulated, fileEnds, entry, "%s does not say that this stream is exported", fileStreams)
		return
	}
	switch {
	case f.events > 0 && (f.first != s.low || f.last != s.high):
		f.find(Missing, fileChanges, "stream "+f.id, "it has versions %d to %d, not %d to %d", f.first, f.last, s.low, s.high)
	case f.digest != s.digest:
		f.find(Manipulated, fileChanges, "stream "+f.id, "its versions and types do not match the exported events")
	}
	before, hasBefore := versionAt(get(val, "from"), "version")
	after, _ := versionAt(get(val, "to"), "version")
	if hasBefore != (s.before > 0) || hasBefore && before >= s.low || after != s.high {
		f.find(Manipulated, fileEnds, entry, "the versions of its states are not the ends of the exported events")
	}
}

// line checks and applies one line of changes.
func (f *folder) line() {
	w := f.stateVerifier
	version, ok := versionAt(w.line, "version")
	typ, _ := textAt(w.line, "type")
	entry := fmt.Sprintf("%s (%s@%d)", lineEntry(w.changes), f.id, version)
	val := get(w.line, "changes")
	changes, readable := changesAt(val)
	sum, hasSum := textAt(w.line, "sha256")
	handled := get(w.line, "handled")
	switch {
	case !ok || !readable || !hasSum || handled.Kind() != state.Bool:
		w.find(Unreadable, fileChanges, entry, "it is not a line of changes")
		f.sound = false
		return
	case f.events > 0 && version <= f.last:
		w.find(Manipulated, fileChanges, entry, "out of order: it comes after version %d", f.last)
	case !handled.Bool() && len(changes) > 0:
		w.find(Manipulated, fileChanges, entry, "it says that the event is unhandled, but has changes")
	}
	if sha256Hex(state.AppendJSON(nil, val)) != sum {
		w.find(Manipulated, fileChanges, entry, "the changes do not match their SHA-256")
	}
	if !handled.Bool() {
		f.use.unhandled[typ]++
	}
	if f.events == 0 {
		f.first = version
	}
	f.last = version
	f.digest += f.stateVerifier.digest(version, typ)
	f.events++
	f.apply(changes, entry)
}

// apply makes the changes in place, so that the cost depends on the line, not on the
// size of the state.
func (f *folder) apply(changes []state.Change, entry string) {
	if !f.sound {
		return
	}
	var err error
	if f.now, err = state.ApplyInPlace(f.now, changes); err != nil {
		f.find(Manipulated, fileChanges, entry, "it does not follow from the state before it: %v", err)
		f.sound = false
		return
	}
	if each := get(f.stateVerifier.line, "state"); !each.IsAbsent() && !same(f.now, each) {
		f.find(Manipulated, fileChanges, entry, "the changes do not lead to the state")
	}
}

// same reports whether two values are equal, comparing numbers as they are written.
// The cost depends on the smaller one.
func same(a, b state.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	n, m := a.Node(), b.Node()
	if n == nil || m == nil {
		return n == m && a.Text() == b.Text() && a.Bool() == b.Bool()
	}
	if n.Len() != m.Len() {
		return false
	}
	for i, e := range n.Elems() {
		if !same(e, m.At(i)) {
			return false
		}
	}
	equal := true
	n.Each(func(k string, v state.Value) bool {
		equal = same(v, m.Get(k))
		return equal
	})
	return equal
}

// listOf returns a list of the report. One that the report does not have is empty.
func listOf(v state.Value) state.Value {
	if v.IsAbsent() {
		return state.NewArray().Value()
	}
	return v
}
