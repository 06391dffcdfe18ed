package audit

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"asof/replay"
	"asof/replay/state"
)

// reportFacts are the statements of the report that can be checked.
type reportFacts struct {
	noPositions           bool
	rows, rowsAfter       int64 // rowsAfter is -1 if it was not counted
	highest, highestAfter replay.Position

	streams, categories []string
	from, to            time.Time
	newest              time.Time

	store, exported, decoded       int64
	redactedEvents, withheldFields int64
	leftOut                        map[string]int64

	totals, projections, redaction state.Value
	others                         state.Value // absent in bundles of older releases
	paths                          *Redaction  // the paths in redaction
	states                         string
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
	f := &reportFacts{
		totals: get(val, "control_totals"), projections: get(get(val, "states"), "projections"), others: get(get(val, "states"), "not_for"),
		redaction: get(val, "redaction"), leftOut: map[string]int64{}, rowsAfter: -1,
	}
	var ok [6]bool
	f.exported, ok[0] = intAt(get(val, "counts"), "exported")
	f.store, ok[1] = intAt(get(val, "counts"), "store")
	f.states, ok[2] = textAt(get(val, "states"), "mode")
	f.rows, ok[3] = intAt(get(val, "before"), "rows")
	ok[4] = f.readFilters(get(val, "filters"))
	size, ok5 := intAt(get(val, "checkpoint"), "size")
	ok[5] = ok5
	if slices.Contains(ok[:], false) {
		v.find(Unreadable, fileReport, "", "it lacks counts, filters, checkpoint or states")
		return nil
	}
	f.readCounts(val)
	if f.paths, err = f.readPaths(); err != nil {
		v.find(Unreadable, fileReport, "redaction", "%v", err)
	}
	v.report = f
	v.identity(val, size)
	if f.decoded > 0 {
		v.Limits = append(v.Limits, "that the fields of "+replay.Counted(f.decoded, "event", "events")+" are those in the stored bytes, which are packed, wrapped or encrypted")
	}
	if f.states != string(StatesNone) && f.exported > 0 {
		v.Limits = append(v.Limits, "that the states are what the projection makes of the events: it is not run again")
	}
	return nil
}

func (f *reportFacts) readFilters(val state.Value) (ok bool) {
	f.streams, f.categories = textsOf(get(val, "streams")), textsOf(get(val, "categories"))
	var ok1, ok2 bool
	f.from, ok1 = timeAt(val, "from")
	f.to, ok2 = timeAt(val, "to")
	return ok1 && ok2
}

// readCounts reads the counts. A missing count is 0 and reported as a difference
// later.
func (f *reportFacts) readCounts(val state.Value) {
	for _, l := range elems(get(get(val, "source"), "lacks")) {
		f.noPositions = f.noPositions || l.Text() == "positions"
	}
	counts := get(val, "counts")
	f.decoded, _ = intAt(counts, "payloads_decoded")
	f.redactedEvents, _ = intAt(counts, "events_with_fields_withheld")
	f.withheldFields, _ = intAt(counts, "fields_withheld")
	for _, why := range []string{reasonStream, reasonBefore, reasonAfter} {
		f.leftOut[why], _ = intAt(get(counts, "left_out"), why)
	}
	f.newest, _ = timeAt(val, "newest_event")
	f.highest, f.highestAfter = positionAt(get(val, "before")), positionAt(get(val, "after"))
	if n, ok := intAt(get(val, "after"), "rows"); ok {
		f.rowsAfter = n
	}
}

func (f *reportFacts) readPaths() (*Redaction, error) {
	if f.redaction.Kind() != state.Object {
		return nil, nil
	}
	return NewRedaction(textsOf(get(f.redaction, "paths")), "", "")
}

func positionAt(v state.Value) replay.Position {
	if n, ok := intAt(v, "highest_position"); ok {
		return replay.Position(n)
	}
	return replay.NoPosition
}

func textsOf(v state.Value) (out []string) {
	for _, e := range elems(v) {
		out = append(out, e.Text())
	}
	return out
}

// timeAt reads a time; null is the zero time.
func timeAt(v state.Value, key string) (time.Time, bool) {
	text, ok := textAt(v, key)
	if !ok {
		return time.Time{}, get(v, key).Kind() <= state.Null
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// identity compares the checkpoint and the key in the report with the real ones.
func (v *verification) identity(val state.Value, size int64) {
	claimed := get(val, "checkpoint")
	root, _ := textAt(claimed, "root")
	origin, _ := textAt(claimed, "origin")
	if c := v.checkpoint; c != nil && (c.Size != size || hexOf(c.Root) != root || c.Origin != origin) {
		kind := Manipulated
		if c.Size < size {
			kind = RolledBack
		}
		v.find(kind, fileCheckpoint, "", "it has %s, but the report is for a checkpoint with %d", replay.Counted(c.Size, "leaf", "leaves"), size)
	}
	if f, _ := textAt(val, "format"); f != Format {
		v.find(Manipulated, fileReport, "format", "it is %q, but this bundle is %q", f, Format)
	}
	if own, _ := textAt(val, "verifier_key"); v.key != nil && !sameKey(own, v.key) {
		v.find(Manipulated, fileReport, "verifier_key", "it is not the key that signed the checkpoint")
	}
}

// sameKey reports whether text is the verifier key.
func sameKey(text string, key note.Verifier) bool {
	k, err := note.NewVerifier(text)
	return err == nil && k.Name() == key.Name() && k.KeyHash() == key.KeyHash()
}

// compareReport compares the report with the events.
func (v *verification) compareReport(w *leafVerifier) {
	if f := v.report; f != nil {
		for _, c := range []struct {
			name         string
			claimed, got int64
		}{
			{"counts/exported", f.exported, v.Events},
			{"counts/store", f.store, v.Store},
			{"before/rows", f.rows, v.Store},
			{"counts/payloads_decoded", f.decoded, w.decoded},
			{"counts/events_with_fields_withheld", f.redactedEvents, w.redactedEvents},
			{"counts/fields_withheld", f.withheldFields, v.Withheld},
		} {
			if c.claimed != c.got {
				v.find(Manipulated, fileReport, c.name, "it says %d, but there are %d", c.claimed, c.got)
			}
		}
		v.compareEnds(f, w)
		v.compareTotals(w.totals)
	}
	v.compareCoverage(w.coverage)
	v.compareAnomalies()
}

// compareEnds compares the end of the store with the report.
func (v *verification) compareEnds(f *reportFacts, w *leafVerifier) {
	if v.names[fileStreams] && !f.noPositions && f.highest != v.highest {
		v.find(Manipulated, fileReport, "before/highest_position", "it says %d, but the last leaf is at %d", f.highest, v.highest)
	}
	if f.rowsAfter >= 0 && (f.rowsAfter < f.rows || f.highestAfter < f.highest) {
		v.find(Missing, fileReport, "after", "the store had %s before the export and %d after it: some were removed meanwhile", replay.Counted(f.rows, "event", "events"), f.rowsAfter)
	}
	if v.Events == v.Store && !f.newest.Equal(w.newest) || f.newest.Before(w.newest) {
		v.find(Manipulated, fileReport, "newest_event", "it says %s, but the newest event is from %s", stamp(f.newest), stamp(w.newest))
	}
}

func (v *verification) compareCoverage(c *coverage) {
	if !v.names[fileCoverage] {
		return
	}
	val, err := v.readJSON(fileCoverage)
	switch {
	case err != nil:
		v.find(Unreadable, fileCoverage, "", "%v", err)
	case !bytes.Equal(state.AppendSorted(nil, val), state.AppendSorted(nil, c.json())):
		v.find(Manipulated, fileCoverage, "", "it does not match the events")
	}
}

// compareAnomalies compares the list of anomalies with those of the events. Remaining
// erased values are not compared, since only the owner can find them.
func (v *verification) compareAnomalies() {
	if !v.names[fileAnomalies] {
		return
	}
	val, err := v.readJSON(fileAnomalies)
	if err != nil {
		v.find(Unreadable, fileAnomalies, "", "%v", err)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(v.streams)) {
		s := v.streams[id]
		v.observer.noticeStream(id, &s.part, s.first)
	}
	want := v.observer.anomalies.json()
	claimed, seen := get(val, "kinds"), get(want, "kinds")
	for _, kind := range v.observer.anomalies.kinds() {
		a, b := get(claimed, kind), get(seen, kind)
		if kind != anomalyErased && !bytes.Equal(state.AppendSorted(nil, jsonOf(a)), state.AppendSorted(nil, jsonOf(b))) {
			v.find(Manipulated, fileAnomalies, kind, "it does not match the events")
		}
	}
	if f := v.report; f != nil && f.paths.none() && !get(claimed, anomalyErased).IsAbsent() {
		v.find(Manipulated, fileAnomalies, anomalyErased, "nothing was erased")
	}
	if a, b := get(val, "looked_for"), get(want, "looked_for"); !state.Equal(a, b) {
		v.find(Manipulated, fileAnomalies, "looked_for", "it is not the list that asof writes")
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
			v.find(Manipulated, fileReport, "control total "+typ, "it is missing, but such events exist")
			continue
		}
		for _, key := range []string{"events", "payload_bytes", "sums"} {
			if a, b := get(t, key), get(w, key); !bytes.Equal(state.AppendSorted(nil, a), state.AppendSorted(nil, b)) {
				v.find(Manipulated, fileReport, "control total "+typ, "its %s does not match the events", key)
			}
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(want)) {
		v.find(Manipulated, fileReport, "control total "+typ, "there are no such events")
	}
}

func (v *verification) readJSON(name string) (state.Value, error) {
	b, err := readSmall(v.path(name), maxLine)
	if err != nil {
		return state.Value{}, err
	}
	return parseSmall(b)
}
