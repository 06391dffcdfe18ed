package audit

import (
	"fmt"
	"strings"
	"time"

	"asof/replay"
)

// A part is the exported part of a stream.
type part struct {
	exported  int64
	from, to  replay.Version // lowest and highest
	unordered bool           // its versions do not rise with the leaves
	gap       replay.Version // the version before the first gap, if hasGap
	hasGap    bool
	clock     time.Time // of its last event with a time
}

// addEvent adds the next exported event of the stream.
func (p *part) addEvent(e *replay.Event) {
	if p.exported == 0 {
		p.from, p.to = e.Version, e.Version
	}
	switch {
	case p.exported == 0:
	case e.Version < p.to:
		p.unordered = true
	case e.Version > p.to+1 && !p.hasGap:
		p.gap, p.hasGap = p.to, true
	}
	p.from, p.to = min(p.from, e.Version), max(p.to, e.Version)
	p.exported++
	if !e.Time.IsZero() {
		p.clock = e.Time
	}
}

// missing returns the number of missing versions within the part.
func (p *part) missing() int64 { return int64(p.to-p.from) + 1 - p.exported }

// An observer finds anomalies in the exported events. Export and verify use the
// same code on the same events.
type observer struct {
	anomalies anomalies
	gaps      *replay.Gaps // nil: not asked for
	ids       *idSet
	clock     time.Time // of the previous event
}

func newObserver() observer { return observer{ids: newIDSet()} }

// notice checks an exported event before it is added to its part p.
func (o *observer) notice(p *part, e *replay.Event, id, opaque string) {
	label := fmt.Sprintf("%s@%d", valid(string(e.Stream)), e.Version)
	switch {
	case e.Time.IsZero():
		o.anomalies.add("no time", label, "its time is missing or unreadable")
	case e.Time.Before(p.clock):
		o.anomalies.add("time runs backwards", label, "recorded "+p.clock.Sub(e.Time).String()+" before the previous event of its stream")
	case e.Time.Before(o.clock):
		o.anomalies.add("time runs backwards", label, "recorded "+o.clock.Sub(e.Time).String()+" before the previous event of the store")
	}
	if opaque != "" {
		o.anomalies.add("opaque payload", label, valid(opaque))
	}
	if id != "" && o.ids.add(id) {
		o.anomalies.add("duplicate id", label, "an earlier event has the id "+id)
	}
	o.anomalies.bounded = o.ids.full()
	if !e.Time.IsZero() {
		o.clock = e.Time
	}
}

// noticeStream checks a stream after its last event. first is its first version in
// the store.
func (o *observer) noticeStream(id replay.StreamID, p *part, first replay.Version) {
	if p.exported == 0 {
		return
	}
	name := "stream " + valid(string(id))
	if p.from == first && first > 1 {
		o.gaps.See(id, 0, first)
		o.anomalies.add("gap", name, fmt.Sprintf("it starts at version %d", first))
	}
	if n := p.missing(); n > 0 {
		o.gaps.See(id, p.from, p.from+2)
		after := ""
		if p.hasGap && !p.unordered {
			after = fmt.Sprintf(", the first after version %d", p.gap)
		}
		o.anomalies.add("gap", name, fmt.Sprintf("%d of its versions %d to %d are missing%s", n, p.from, p.to, after))
	}
	if p.unordered {
		o.anomalies.add("versions out of order", name, "its versions do not increase in the order of the store")
	}
}

// cloneID returns a copy of a stream's id that outlives its event.
func cloneID(id replay.StreamID) replay.StreamID { return replay.StreamID(strings.Clone(string(id))) }
