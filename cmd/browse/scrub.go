package browse

import (
	"math"
	"strings"
	"time"

	"asof/replay"
)

// A scale says where on the scrubber an event is.
type scale struct {
	o     *outline
	w     int
	sum   []float64 // before each sample, if the scale is by time
	total float64
}

// newScale returns the scale of a scrubber of w columns. By time, a gap counts as the
// square root of its length, so that idle gaps take little room.
func newScale(o *outline, w int, ticks bool) scale {
	s := scale{o: o, w: max(w, 1)}
	if ticks || !o.timed || o.back || len(o.samples) < 2 {
		return s
	}
	s.sum = make([]float64, len(o.samples))
	for i := 1; i < len(o.samples); i++ {
		s.sum[i] = s.sum[i-1] + gap(o.samples[i-1].time, o.samples[i].time)
	}
	s.total = s.sum[len(s.sum)-1] + gap(o.samples[len(o.samples)-1].time, o.last.time)
	if s.total == 0 {
		s.sum = nil
	}
	return s
}

func gap(from, to time.Time) float64 { return math.Sqrt(max(to.Sub(from).Seconds(), 0)) }

// column is where a version is.
func (s scale) column(v replay.Version) int {
	at := s.o.index(v)
	share := 0.0
	if s.sum == nil {
		share = at / float64(max(s.o.events-1, 1))
	} else {
		share = s.before(at) / s.total
	}
	return min(int(share*float64(s.w-1)+0.5), s.w-1)
}

// before is the length of the scale before the event with an index.
func (s scale) before(at float64) float64 {
	i := min(int(at)/s.o.every, len(s.sum)-1)
	next, width := s.total, float64(s.o.events-1-i*s.o.every)
	if i+1 < len(s.sum) {
		next, width = s.sum[i+1], float64(s.o.every)
	}
	if width <= 0 {
		return s.sum[i]
	}
	return s.sum[i] + (next-s.sum[i])*min((at-float64(i*s.o.every))/width, 1)
}

// version is the event at a column.
func (s scale) version(x int) replay.Version {
	share := float64(x) / float64(max(s.w-1, 1))
	if s.sum == nil {
		return s.o.nth(share * float64(s.o.events-1))
	}
	lo, hi := 0, s.o.events-1
	for lo < hi { // the last event that is not right of the column
		mid := (lo + hi + 1) / 2
		if s.before(float64(mid)) <= share*s.total+1e-9 {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return s.o.nth(float64(lo))
}

var bars = []rune("▁▂▃▄▅▆▇█")

// scrubber is the timeline: how many events there are, and below it where the screen is
// and where the chosen path changed.
func (s *streamScreen) scrubber(m *Model, a area) []string {
	if s.outline == nil || s.outline.events == 0 {
		text := ""
		if s.drawing.busy {
			text = "reading the times of the events …"
		}
		return []string{m.pen.paint(dim, cut(text, a.w)), ""}
	}
	sc := newScale(s.outline, a.w, s.ticks)
	counts := make([]int, a.w)
	most := 1
	for _, one := range s.outline.samples {
		x := sc.column(one.version)
		counts[x]++
		most = max(most, counts[x])
	}
	line := make([]rune, a.w)
	for x, n := range counts {
		line[x] = ' '
		if n > 0 {
			line[x] = bars[min(int(math.Log1p(float64(n))/math.Log1p(float64(most))*7+0.5), 7)]
		}
	}
	return []string{m.pen.paint(cyan, string(line)), s.pointer(m, sc)}
}

// pointer is the line below the timeline: ▲ is here, • the chosen path changed, m a mark.
// The first and the last time stand where there is room.
func (s *streamScreen) pointer(m *Model, sc scale) string {
	line := []rune(strings.Repeat(" ", sc.w))
	first, last := "", ""
	if s.outline.timed && sc.w >= 60 {
		zone := m.zone()
		first, last = clock(s.outline.samples[0].time, zone), clock(s.outline.last.time, zone)
	}
	free := func(from, to int) bool {
		return from >= 0 && to <= sc.w && strings.TrimSpace(string(line[from:to])) == ""
	}
	touched := s.touched[s.pathName()]
	if s.pathName() != "" {
		for _, v := range touched[:min(len(touched), 20_000)] {
			line[sc.column(v)] = '•'
		}
	}
	if s.marked != nil {
		line[sc.column(*s.marked)] = 'm'
	}
	here := 0
	if !s.atStart {
		here = sc.column(s.version())
	}
	line[here] = '▲'
	put := func(text string, x int) {
		if text != "" && free(max(x-1, 0), min(x+len(text)+1, sc.w)) {
			copy(line[x:], []rune(text))
		}
	}
	put(first, 0)
	put(last, sc.w-len(last))
	how := "by time (T)"
	if sc.sum == nil {
		how = "one tick per event (T)"
	}
	put(how, sc.w/2-len(how)/2)
	return string(line)
}
