package replay

import (
	"testing"
	"time"
)

// TestWholeSeconds has times within one second: as a list shows it, the second or the
// minute is taken whole; as an instant, it ends there.
func TestWholeSeconds(t *testing.T) {
	at := time.Date(2026, 1, 26, 11, 0, 5, 0, time.UTC)
	var events []Event
	for i, after := range []time.Duration{-1, 0, 300 * time.Millisecond, time.Second - 1, time.Second} {
		events = append(events, Event{Stream: "s", Version: Version(i + 1), Position: Position(i + 1), Type: "A", Time: at.Add(after)})
	}
	line := StreamTimeline(newFake(events), "s")
	for text, want := range map[string]Version{
		"2026-01-26 11:00:05":          4,
		"2026-01-26 11:00:05 UTC":      4,
		"2026-01-26 12:00:05 +01:00":   4,
		"2026-01-26 11:00:05~1":        3,
		"today 11:00:05":               4,
		"2026-01-26T11:00:05Z":         2,
		"2026-01-26T11:00:05":          2,
		"2026-01-26 11:00:05.0":        2,
		"2026-01-26 11:00:05.3":        3,
		"2026-01-26 11:00:05.299999":   2,
		"2026-01-26 11:00:05.3 +00:00": 3,
		"2026-01-26 11:00:04":          1,
		"2026-01-26 11:00":             5,
		"2026-01-26 11:00 UTC":         5,
		"2026-01-26 12:00+01:00":       5,
		"2026-01-26T11:00":             0,
		"2026-01-26 10:59":             0,
		"2026-01-26 11:00:06":          5,
	} {
		p, err := ParsePoint(text, Env{Now: at, Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		m, notices, err := line.Resolve(t.Context(), p)
		got, _ := m.At()
		if err != nil || got != want {
			t.Errorf("%q is version %d, %v %v, want %d", text, got, notices, err, want)
		}
	}
}
