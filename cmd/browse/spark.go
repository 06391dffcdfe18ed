package browse

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"asof/replay"
	"asof/replay/workspace"
)

const (
	// sparkWidth is how many columns a sparkline has.
	sparkWidth = 8
	// maxTimes is the most events of a stream of which a sparkline reads every time.
	maxTimes = 1000
	// sparkSamples is how many events it reads of a longer stream.
	sparkSamples = 40
)

// A histogram counts events by time, from the first event of a stream to the last.
type histogram struct {
	from, to time.Time
	counts   [sparkWidth]float64
}

// column is where a time is.
func (h *histogram) column(t time.Time) int {
	span := h.to.Sub(h.from)
	if span <= 0 {
		return 0
	}
	return min(max(int(float64(t.Sub(h.from))/float64(span)*sparkWidth), 0), sparkWidth-1)
}

// spread adds events between two times, evenly.
func (h *histogram) spread(from, to time.Time, events float64) {
	first, last := h.column(from), h.column(to)
	for x := min(first, last); x <= max(first, last); x++ {
		h.counts[x] += events / (math.Abs(float64(last-first)) + 1)
	}
}

// text draws the histogram.
func (h *histogram) text() string {
	most := 0.0
	for _, n := range h.counts {
		most = max(most, n)
	}
	line := make([]rune, sparkWidth)
	for x, n := range h.counts {
		line[x] = ' '
		if n > 0.5 { // less is a share of a stretch that was not looked into
			line[x] = bars[min(int(math.Log1p(n)/math.Log1p(most)*7+0.5), 7)]
		}
	}
	return string(line)
}

// sparks draws the activity of streams. One without times has none.
func (s *session) sparks(ctx context.Context, streams []replay.Stream) (sparks []string, err error) {
	_, err = s.ask(ctx, "", func(ctx context.Context, store *workspace.Store) error {
		sparks = make([]string, len(streams))
		for i, one := range streams {
			if one.FirstTime.IsZero() || one.LastTime.IsZero() {
				continue
			}
			h := histogram{from: one.FirstTime, to: one.LastTime}
			var err error
			if one.Events <= maxTimes {
				err = h.read(ctx, store.Reader, one)
			} else {
				err = h.sample(ctx, store.Reader, one)
			}
			if err != nil {
				return err
			}
			sparks[i] = h.text()
		}
		return nil
	})
	return sparks, err
}

// onlyTimes skips all of an event that a sparkline does not need.
const onlyTimes = replay.FieldID | replay.FieldMeta | replay.FieldData

// read counts every event of a stream.
func (h *histogram) read(ctx context.Context, r replay.Reader, s replay.Stream) error {
	for e, err := range r.Events(ctx, replay.Query{Streams: []replay.StreamID{s.ID}, Order: replay.ByStream, Skip: onlyTimes}) {
		if err != nil {
			return err
		}
		if !e.Time.IsZero() {
			h.counts[h.column(e.Time)]++
		}
	}
	return nil
}

// A stretch is a part of a stream: the events after one, up to another.
type stretch struct {
	from, to     replay.Version
	begins, ends time.Time
}

// wide is how many events a stretch has if they are not known to be in one column, else 0.
func (h *histogram) wide(s stretch) replay.Version {
	if h.column(s.begins) == h.column(s.ends) {
		return 0
	}
	return s.to - s.from
}

// sample looks at some events of a long stream: always at one in the middle of the longest
// stretch that is in several columns. Those of a stretch that remains are spread evenly.
func (h *histogram) sample(ctx context.Context, r replay.Reader, s replay.Stream) error {
	all := []stretch{{s.First, s.Last, h.from, h.to}}
	for range sparkSamples {
		widest := slices.MaxFunc(all, func(a, b stretch) int { return cmp.Compare(h.wide(a), h.wide(b)) })
		i := slices.Index(all, widest)
		if h.wide(widest) < 2 {
			break
		}
		q := replay.Query{
			Streams: []replay.StreamID{s.ID}, Versions: replay.From(widest.from + (widest.to-widest.from)/2),
			Order: replay.ByStream, Limit: 1, Skip: onlyTimes,
		}
		for e, err := range r.Events(ctx, q) {
			if err != nil {
				return err
			}
			if e.Time.IsZero() || e.Version >= widest.to {
				continue // it is not known where the stretch divides
			}
			all[i].to, all[i].ends = e.Version, e.Time
			all = append(all, stretch{e.Version, widest.to, e.Time, widest.ends})
		}
		if all[i] == widest {
			break
		}
	}
	h.counts[0]++ // the first event
	for _, one := range all {
		h.spread(one.begins, one.ends, float64(one.to-one.from))
	}
	return nil
}
