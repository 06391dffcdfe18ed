package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/storetest"
)

// late is a store in which an event appears behind one that can already be read.
type late struct {
	replay.Reader
	settled replay.Position
}

func (l late) Settled(context.Context, replay.Position) (replay.Position, error) {
	return l.settled, nil
}

func eventsAt(positions ...replay.Position) []replay.Event {
	var all []replay.Event
	for i, p := range positions {
		all = append(all, replay.Event{Stream: "s", Version: replay.Version(i + 1), Position: p, Type: "T"})
	}
	return all
}

func TestFollowWaitsForUnsettledEvents(t *testing.T) {
	snapshots := []late{
		{storetest.Memory(eventsAt(1, 2, 4)), 2}, // 3 is being written
		{storetest.Memory(eventsAt(1, 2, 4)), 2},
		{storetest.Memory(eventsAt(1, 2, 3, 4)), 4},
		{storetest.Memory(eventsAt(1, 2)), 2}, // it was cut short
	}
	opened := 0
	f := follower{path: "x", at: 0, every: time.Nanosecond, open: func(context.Context) (replay.Reader, error) {
		opened++
		return snapshots[opened-1], nil
	}}
	var got []replay.Position
	var last error
	for e, err := range f.follow(t.Context()) {
		if last = err; err == nil {
			got = append(got, e.Position)
		}
	}
	if want := []replay.Position{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("followed %v, want %v", got, want)
	}
	if last == nil || !strings.Contains(fmt.Sprint(last), "ends at position 2") {
		t.Errorf("a truncated store returns %v", last)
	}
}
