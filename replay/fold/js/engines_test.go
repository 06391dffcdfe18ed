package js

import (
	"context"
	"maps"
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// The counts say which engine folded an event, and where the quick one gave up.
func TestCountEngines(t *testing.T) {
	s, err := Load("n.js", `(s, e) => { s.n = e.data.text.toUpperCase(); return s }`, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	st := state.New()
	if err := s.Init(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	count := s.CountEngines()
	for i, data := range []string{`{"text":"a"}`, `{"text":"a"}`, `{"text":"é"}`} {
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(context.Background(), st, &replay.Event{Stream: "s", Version: replay.Version(i + 1), Type: "T", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
	}
	if want := map[string]int{"quick.(*methods).call": 1}; count.Quick != 2 || count.Full != 1 || !maps.Equal(count.Why, want) {
		t.Errorf("%+v", count)
	}
}
