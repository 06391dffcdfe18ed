package replay

import (
	"bytes"
	"testing"
	"time"
)

// The values are those of the reference implementation, xxhsum -H64.
func TestHash(t *testing.T) {
	for _, tt := range []struct {
		text string
		seed uint64
		want uint64
	}{
		{"", 0, 0xEF46DB3751D8E999},
		{"a", 0, 0xD24EC4F1A98C6E5B},
		{"abc", 0, 0x44BC2CF5AD770999},
		{"Nobody inspects the spammish repetition", 0, 0xFBCEA83C8A378BF1},
		{"xxhash", 20141025, 0xB559B98D844E0635},
	} {
		if got := hash(tt.seed, []byte(tt.text)); got != tt.want {
			t.Errorf("hash(%d, %q) = %X, want %X", tt.seed, tt.text, got, tt.want)
		}
		if got := hashString(tt.seed, tt.text); got != tt.want {
			t.Errorf("hashString(%d, %q) = %X, want %X", tt.seed, tt.text, got, tt.want)
		}
	}
	long := bytes.Repeat([]byte("long "), 100)
	if hash(7, long) != hashString(7, string(long)) {
		t.Error("a long string hashes otherwise than its bytes")
	}
	if got, want := mix(9, 1, 2), hash(9, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}); got != want {
		t.Errorf("mix = %X, want %X", got, want)
	}
}

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
		if Chain(1).Add(&e, 0) == Chain(1).Add(&base, 0) {
			t.Errorf("another %s gives the same chain", tt.name)
		}
		if tt.part != 0 && Chain(1).Add(&e, tt.part) != Chain(1).Add(&base, tt.part) {
			t.Errorf("another %s gives another chain, though it is skipped", tt.name)
		}
	}
	if Chain(1).Add(&base, 0) == Chain(2).Add(&base, 0) {
		t.Error("the chain forgets what was before")
	}
}
