package audit

import (
	"maps"
	"slices"

	"asof/replay"
)

// filters checks that what is not exported is left out by the filters that the
// report names, and by nothing else.
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

// filtered checks one stream against the filters. Where they can't be run, what
// is exported is taken for what they name.
func (v *verification) filtered(id replay.StreamID, s *claimedStream, selects func(replay.StreamID, string) bool) {
	f, entry := v.report, "stream "+string(id)
	switch {
	case selects == nil || !s.listed:
	case !selects(id, s.category):
		if s.selected {
			v.find(Manipulated, fileReport, entry, "it is exported, and the filters do not name it")
		}
	case s.selected:
	case f.from.IsZero() && f.to.IsZero():
		v.find(Missing, fileEvents, entry, "nothing of it is exported, and no filter leaves it out")
	case !s.headTime.IsZero() && !s.headTime.Before(f.from) && (f.to.IsZero() || s.headTime.Before(f.to)):
		v.find(Missing, fileEvents, entry, "its last event was recorded at %s, within the period, and nothing of it is exported", stamp(s.headTime))
	}
}

// leftSums adds up what is left out, by reason as far as that can be told: of a
// stream with nothing exported, what a period leaves out is before or after it.
type leftSums struct {
	stream, before, after, either int64
	exact                         bool // which streams are selected is known
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
		v.find(Manipulated, fileReport, "counts/left_out", "it says %d, %d and %d, and the streams come to something else", stream, before, after)
	}
}
