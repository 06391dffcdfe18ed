package audit

import (
	"maps"
	"slices"

	"asof/replay"
)

// filters checks that exactly the filters in the report explain why events are not
// exported.
func (v *verification) filters() {
	f := v.report
	if f == nil || !v.names[fileStreams] {
		return
	}
	selects := func(replay.StreamID, string) bool { return true }
	if len(f.streams)+len(f.categories) > 0 {
		selects = nil
		if v.o.Selects != nil {
			var err error
			if selects, err = v.o.Selects(f.streams, f.categories); err != nil {
				v.find(Unreadable, fileReport, "filters", "%v", err)
			}
		}
	}
	sums := leftSums{exact: selects != nil}
	for _, id := range slices.Sorted(maps.Keys(v.streams)) {
		s := v.streams[id]
		v.filtered(id, s, selects)
		sums.add(s, selects == nil || selects(id, s.category))
	}
	v.compareLeftOut(f, sums)
}

// filtered checks one stream against the filters. If they cannot be run, the exported
// streams are assumed to be the selected ones.
func (v *verification) filtered(id replay.StreamID, s *claimedStream, selects func(replay.StreamID, string) bool) {
	f, entry := v.report, "stream "+string(id)
	switch {
	case selects == nil || !s.listed:
	case !selects(id, s.category):
		if s.selected {
			v.find(Manipulated, fileReport, entry, "it is exported, but the filters do not select it")
		}
	case s.selected:
	case f.from.IsZero() && f.to.IsZero():
		v.find(Missing, fileEvents, entry, "none of its events is exported, but no filter leaves it out")
	case !s.headTime.IsZero() && !s.headTime.Before(f.from) && (f.to.IsZero() || s.headTime.Before(f.to)):
		v.find(Missing, fileEvents, entry, "its last event was recorded at %s, within the period, but none of its events is exported", stamp(s.headTime))
	}
}

// leftSums counts the events that are left out, by reason. For a selected stream with
// nothing exported, the period may be before or after the events: either.
type leftSums struct {
	stream, before, after, either int64
	exact                         bool // the selected streams are known
}

func (l *leftSums) add(s *claimedStream, selected bool) {
	switch {
	case s.selected:
		l.before += s.before
		l.after += s.after
	case !selected:
		l.stream += s.total
	default:
		l.either += s.total
	}
}

func (v *verification) compareLeftOut(f *reportFacts, l leftSums) {
	stream, before, after := f.leftOut[reasonStream], f.leftOut[reasonBefore], f.leftOut[reasonAfter]
	wrong := stream+before+after != v.Store-v.Events || before < l.before || after < l.after
	if l.exact {
		wrong = wrong || stream != l.stream
	}
	if f.from.IsZero() {
		wrong = wrong || before != 0
	}
	if f.to.IsZero() {
		wrong = wrong || after != 0
	}
	if wrong {
		v.find(Manipulated, fileReport, "counts/left_out", "it says %d, %d and %d, but the streams add up to something else", stream, before, after)
	}
}
