package replay

import (
	"testing"
	"time"
)

// Whatever a fold can see changes the chain, unless it is skipped.
func TestChainCoversEvents(t *testing.T) {
	base := Event{
		Stream: "s", Category: "c", Version: 1, Position: 2, ID: "i", Type: "t", Revision: 3,
		Time: time.Unix(5, 6), Data: []byte(`{"a":1}`), Meta: Meta{"x", "y", "z", []byte(`{}`)},
	}
	for _, tt := range []struct {
		name string
		edit func(*Event)
		part Fields
	}{
		{"stream", func(e *Event) { e.Stream = "s2" }, 0},
		{"category", func(e *Event) { e.Category = "c2" }, 0},
		{"version", func(e *Event) { e.Version = 9 }, 0},
		{"position", func(e *Event) { e.Position = 9 }, 0},
		{"type", func(e *Event) { e.Type = "t2" }, 0},
		{"revision", func(e *Event) { e.Revision = 9 }, 0},
		{"id", func(e *Event) { e.ID = "j" }, FieldID},
		{"time", func(e *Event) { e.Time = e.Time.Add(1) }, FieldTime},
		{"data", func(e *Event) { e.Data = []byte(`{"a":2}`) }, FieldData},
		{"opaque", func(e *Event) { e.Opaque = "encrypted" }, FieldData},
		{"actor", func(e *Event) { e.Meta.Actor = "w" }, FieldMeta},
		{"correlation", func(e *Event) { e.Meta.Correlation = "w" }, FieldMeta},
		{"causation", func(e *Event) { e.Meta.Causation = "w" }, FieldMeta},
		{"metadata", func(e *Event) { e.Meta.Raw = []byte(`{"b":2}`) }, FieldMeta},
	} {
		e := base
		tt.edit(&e)
		if (Chain{1}).Add(&e, 0) == (Chain{1}).Add(&base, 0) {
			t.Errorf("another %s gives the same chain", tt.name)
		}
		if tt.part != 0 && (Chain{1}).Add(&e, tt.part) != (Chain{1}).Add(&base, tt.part) {
			t.Errorf("another %s gives another chain, although it is skipped", tt.name)
		}
	}
	if (Chain{1}).Add(&base, 0) == (Chain{2}).Add(&base, 0) {
		t.Error("the chain ignores earlier events")
	}
}

// What moves from one part to its neighbour changes the chain, and so does another
// history of the same 64-bit hash: the chain was XXH64 once.
func TestChainOfOthers(t *testing.T) {
	history := func(data string) Event {
		return Event{Stream: "s-1", Category: "s", Version: 1, Position: 1, Revision: 1, Type: "A", Data: []byte(data)}
	}
	for _, pair := range [][2]Event{
		{{Stream: "ab", Category: "c"}, {Stream: "a", Category: "bc"}},
		{{Type: "t"}, {Opaque: "t"}},
		{history(`{"balance":100}`), history(`{"balance":6,"yuga_g3;i2":1}`)},
	} {
		if skip := FieldID | FieldTime | FieldMeta; (Chain{}).Add(&pair[0], skip) == (Chain{}).Add(&pair[1], skip) {
			t.Errorf("%+v and %+v have the same chain", pair[0], pair[1])
		}
	}
}
