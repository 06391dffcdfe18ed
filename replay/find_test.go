package replay

import (
	"errors"
	"testing"

	"asof/replay/fault"
)

// shared is a store whose streams hold some events together, as an event of an
// object-centric log is in the stream of each of its objects.
func shared() *fakeReader {
	return newFake([]Event{
		{Stream: "order", Version: 1, Position: 1, ID: "e12"},
		{Stream: "item", Version: 1, Position: 2, ID: "e12"},
		{Stream: "order", Version: 2, Position: 3, ID: "e2"},
		{Stream: "item", Version: 2, Position: 4, ID: "e21"},
		{Stream: "twice", Version: 1, Position: 5, ID: "t"},
		{Stream: "twice", Version: 2, Position: 6, ID: "t"},
		{Stream: "item", Version: 3, Position: 7, ID: "t1"},
	})
}

// TestFindEvent takes an event only where its id is that of one event.
func TestFindEvent(t *testing.T) {
	for _, c := range []struct{ id, stream, hint string }{
		{id: "e2", stream: "order"}, // exactly, though another begins so
		{id: "e21", stream: "item"},
		{id: "t1", stream: "item"},
		{id: "e12", hint: "it could be order@1, item@1"},
		{id: "e1", hint: "it could be e12 (order@1), e12 (item@1)"},
		{id: "t", hint: "it could be twice@1, twice@2"},
		{id: "e", hint: "it could be e12 (order@1), e12 (item@1), e2 (order@2), e21 (item@2)"},
	} {
		e, err := FindEvent(t.Context(), shared(), c.id)
		if c.hint == "" {
			if err != nil || e.Stream != StreamID(c.stream) {
				t.Errorf("id:%s: %+v, %v", c.id, e, err)
			}
			continue
		}
		var several *AmbiguousError
		if !errors.As(err, &several) || fault.RemedyOf(several).Text != c.hint || e != nil {
			t.Errorf("id:%s: %+v, %v, %+v; want the hint %s", c.id, e, err, several, c.hint)
		}
	}
}

// TestResolveSharedID tells the streams of a timeline over many apart.
func TestResolveSharedID(t *testing.T) {
	r := shared()
	all := &Timeline{Name: "proj:all", Reader: r, Many: true}
	var several *AmbiguousError
	_, _, err := all.Resolve(t.Context(), mustPoint(t, "id:e12"))
	if !errors.As(err, &several) || fault.RemedyOf(several).Text != "it could be order@1 at position 1, item@1 at position 2" {
		t.Errorf("%v, %+v", err, several)
	}
	m, _, err := StreamTimeline(r, "item").Resolve(t.Context(), mustPoint(t, "id:e12"))
	if err != nil || m.Version() != 1 || m.Stream != "item" {
		t.Errorf("in its stream: %+v, %v", m, err)
	}
}
