package replay

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// naive resolves a point by looking at each event in turn: the index of the last
// event of the prefix, -1 for the start, and whether there is one.
func naive(events []Event, lastPosition Position, p Point) (int, bool) {
	i, ok := -1, false
	switch p.kind {
	case byHead:
		i, ok = len(events)-1, true
	case byStart:
		ok = true
	case byPosition:
		ok = Position(p.n) <= lastPosition || lastPosition == NoPosition
	case byTime:
		ok = len(events) == 0
	}
	for j, e := range events {
		switch p.kind {
		case byVersion:
			if e.Version == Version(p.n) {
				i, ok = j, true
			}
		case byPosition:
			if e.Position <= Position(p.n) {
				i = j
			}
		case byID:
			if e.ID == p.text {
				i, ok = j, true
			}
		case byType:
			if e.Type == p.text {
				i, ok = j, true
			}
		case byTime:
			ok = ok || !e.Time.IsZero()
			if !e.Time.IsZero() && !e.Time.After(p.time) {
				i = j
			}
		}
	}
	if i -= int(p.back); i < -1 {
		ok = false
	}
	return i, ok
}

func drawHistory(t *rapid.T) []Event {
	var all []Event
	versions := map[StreamID]Version{"a": -1, "b": -1}
	position := Position(0)
	now := at("12:00")
	for i := range rapid.IntRange(0, 25).Draw(t, "events") {
		stream := StreamID(rapid.SampledFrom([]string{"a", "a", "b"}).Draw(t, "stream"))
		versions[stream] += Version(rapid.IntRange(1, 3).Draw(t, "step"))
		position += Position(rapid.IntRange(1, 3).Draw(t, "position step"))
		now = now.Add(time.Duration(rapid.IntRange(-2, 4).Draw(t, "minutes")) * time.Minute)
		e := Event{
			Stream: stream, Version: versions[stream], Position: position, ID: fmt.Sprintf("e%02d", i),
			Type: rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "type"), Time: now,
		}
		if rapid.IntRange(0, 9).Draw(t, "untimed") == 0 {
			e.Time = time.Time{}
		}
		all = append(all, e)
	}
	return all
}

func TestResolveAgreesWithLinearScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawHistory(t)
		tl := StreamTimeline(newFake(all), "a")
		mine := slices.DeleteFunc(slices.Clone(all), func(e Event) bool { return e.Stream != "a" })
		if rapid.Bool().Draw(t, "many streams") {
			tl = &Timeline{Name: "proj:x", Reader: newFake(all), Many: true}
			mine = slices.Clone(all)
			for i := range mine {
				mine[i].Version = Version(mine[i].Position)
			}
		}
		last := NoPosition
		if len(all) > 0 {
			last = all[len(all)-1].Position
		}
		p := Point{kind: pointKind(rapid.IntRange(0, int(byTime)).Draw(t, "kind"))}
		switch p.kind {
		case byVersion, byPosition:
			p.n = rapid.Int64Range(-2, 60).Draw(t, "n")
		case byID:
			p.text = fmt.Sprintf("e%02d", rapid.IntRange(0, 25).Draw(t, "id"))
		case byType:
			p.text = rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "want type")
		case byTime:
			p = AtTime(at("12:00").Add(time.Duration(rapid.IntRange(-10, 60).Draw(t, "minute")) * time.Minute))
		}
		if p.kind != byStart {
			p.back = int32(rapid.IntRange(0, 4).Draw(t, "back"))
		}
		i, ok := naive(mine, last, p)
		m, notices, err := tl.Resolve(context.Background(), p)
		switch {
		case (err == nil) != ok:
			t.Fatalf("%s is %s, %v; found by a scan: %v", p, place(m), err, ok)
		case !ok:
			return
		case i < 0 && !m.IsStart(), i >= 0 && (m.IsStart() || m.Version() != mine[i].Version || m.EventID != mine[i].ID):
			t.Fatalf("%s is %s, by a scan event %d of %v", p, place(m), i, mine)
		}
		if p.kind == byTime && p.back == 0 {
			ahead := slices.ContainsFunc(mine[:i+1], func(e Event) bool { return e.Time.After(p.time) })
			said := slices.ContainsFunc(notices, func(n Notice) bool { return n.Code == NoticeClockBack })
			if ahead != said {
				t.Fatalf("%s: %v, but the prefix has events dated later: %v", p, notices, ahead)
			}
		}
	})
}
