package jsonfile

import (
	"cmp"
	"fmt"
)

// A historyRun is the current run of events in a file whose events do not name their
// stream: each stream is a history, and one of its events names it.
type historyRun struct {
	stream uint32
	page   int
	last   int64 // version
	step   int   // 1 where versions go up, -1 where they go down, 0 where neither is known
}

// historyOf returns the stream of an event. Versions in a history only rise or only
// fall: a new history begins where they turn or repeat, or where the first version
// of a page does not continue the last page.
func (x *indexer) historyOf(e *event, page int) uint32 {
	h := &x.history
	step := cmp.Compare(e.version, h.last)
	same := x.histories > 0 && step != 0 && (h.step == 0 || h.step == step) &&
		(page == h.page || e.version == h.last+int64(step))
	if !same {
		*h = historyRun{stream: uint32(len(x.streams))}
		x.streams = append(x.streams, stream{historic: true})
		x.histories++
		step = 0
	}
	h.page, h.last, h.step = page, e.version, step
	if len(e.stream) > 0 {
		s := &x.streams[h.stream]
		s.own, s.scope, s.category = string(e.stream), string(e.scope), x.sharedCategory(e.category)
	}
	return h.stream
}

// joinHistories merges histories of the same name and names those whose naming event
// is missing.
func (x *indexer) joinHistories() {
	if x.histories == 0 {
		return
	}
	type name struct{ own, scope string }
	byName := map[name]uint32{}
	renumber := make([]uint32, len(x.streams))
	var kept []stream
	nameless := 0
	for i, s := range x.streams {
		if s.own == "" {
			if nameless++; nameless > 1 {
				s.scope = fmt.Sprint(nameless)
			}
			s.own = "workflow"
		}
		n := name{s.own, s.scope}
		at, ok := byName[n]
		if !ok {
			at = uint32(len(kept))
			s.id, byName[n] = s.own, at
			kept = append(kept, s)
		}
		renumber[i] = at
	}
	x.streams = kept
	for i := range x.recs {
		x.recs[i].stream = renumber[x.recs[i].stream]
	}
	if len(kept) > 1 {
		x.seen.positions = 0 // event positions count within one history
	}
}
