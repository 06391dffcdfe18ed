package browse

import (
	"context"
	"sort"
	"time"

	"asof/replay"
	"asof/replay/workspace"
)

const (
	// maxSamples bounds the events that an outline remembers.
	maxSamples = 4096
	// maxTypes bounds the types that an outline counts.
	maxTypes = 1000
)

// An outline is what the scrubber and the list of types know of a timeline: its length,
// its types and some of its events, evenly spread. Its size is bounded.
type outline struct {
	events  int
	every   int // one in this many events is a sample
	samples []sample
	last    sample
	types   map[string]int
	others  int // events of types that are not counted
	timed   bool
	back    bool // times run backwards somewhere
}

// A sample is an event of an outline.
type sample struct {
	version replay.Version
	time    time.Time
}

// add adds the next event. If there are too many samples, every second one goes.
func (o *outline) add(v replay.Version, e *replay.Event) {
	one := sample{v, e.Time}
	if o.every == 0 {
		o.every, o.types, o.timed = 1, map[string]int{}, true
	}
	o.timed = o.timed && !e.Time.IsZero()
	o.back = o.back || o.events > 0 && e.Time.Before(o.last.time)
	if o.events%o.every == 0 {
		if len(o.samples) == maxSamples {
			for i := range maxSamples / 2 {
				o.samples[i] = o.samples[2*i]
			}
			o.samples = o.samples[:maxSamples/2]
			o.every *= 2
		}
		if o.events%o.every == 0 {
			o.samples = append(o.samples, one)
		}
	}
	o.last = one
	o.events++
	if _, ok := o.types[e.Type]; ok || len(o.types) < maxTypes {
		o.types[e.Type]++
	} else {
		o.others++
	}
}

// index is about how many events come before a version. It is exact if every event is a
// sample.
func (o *outline) index(v replay.Version) float64 {
	if o.events == 0 {
		return 0
	}
	i := sort.Search(len(o.samples), func(i int) bool { return o.samples[i].version > v }) - 1
	if i < 0 {
		return 0
	}
	from, next, width := o.samples[i].version, o.last.version, float64(o.events-1-i*o.every)
	if i+1 < len(o.samples) {
		next, width = o.samples[i+1].version, float64(o.every)
	}
	if next <= from {
		return float64(i * o.every)
	}
	return float64(i*o.every) + width*float64(min(v, next)-from)/float64(next-from)
}

// nth is about the version of the event with that index.
func (o *outline) nth(at float64) replay.Version {
	if o.events == 0 {
		return 0
	}
	i := min(max(int(at)/o.every, 0), len(o.samples)-1)
	from, next, width := o.samples[i].version, o.last.version, float64(o.events-1-i*o.every)
	if i+1 < len(o.samples) {
		next, width = o.samples[i+1].version, float64(o.every)
	}
	if width <= 0 {
		return from
	}
	return from + replay.Version((at-float64(i*o.every))/width*float64(next-from)+0.5)
}

// outline reads a whole timeline, up to its head when it was opened, and proves it for
// later questions.
func (s *session) outline(ctx context.Context, o *opened) (out *outline, n noted, err error) {
	var p *proof
	var began time.Time
	n, err = s.ask(ctx, o.stream, func(ctx context.Context, store *workspace.Store) error {
		began = time.Now()
		out, p = &outline{}, &proof{stream: o.stream, how: s.o.How}
		t, err := store.Target(ctx, o.stream, s.o.How)
		if err != nil {
			return err
		}
		defer t.Close()
		for e, err := range t.Timeline.List(ctx, replay.Listing{Span: replay.UpTo(o.last)}) {
			if err != nil {
				return err
			}
			v := t.Timeline.Version(e)
			p.chain, p.last = p.chain.Add(e, 0), v
			out.add(v, e)
		}
		if p.last != o.last {
			return cutShort(o.stream, o.last)
		}
		return nil
	})
	if err == nil {
		s.remember(p, n.mark, time.Since(began))
	}
	return out, n, err
}
