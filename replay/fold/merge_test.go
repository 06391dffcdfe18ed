package fold

import (
	"testing"

	"asof/replay"
	"asof/replay/state"
)

// merged is the state that merge makes of events with these bodies.
func merged(t *testing.T, bodies ...string) string {
	t.Helper()
	st := state.New()
	if err := Merge().Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	for _, body := range bodies {
		if _, err := Merge().Apply(t.Context(), st, &replay.Event{Type: "A", Data: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Commit(false); err != nil {
		t.Fatal(err)
	}
	return string(state.AppendJSON(nil, st.Root()))
}

func TestMerge(t *testing.T) {
	sealed := &replay.Event{Stream: "cart-1", Type: "A", Opaque: "it is encrypted"}
	for _, e := range []*replay.Event{sealed, {Type: "A", Data: []byte(`5`)}, {Type: "A", Data: []byte(`[1]`)}} {
		st := state.New()
		if err := Merge().Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		handled, err := Merge().Apply(t.Context(), st, e)
		if got := string(state.AppendJSON(nil, st.Root())); handled || err != nil || got != `{}` {
			t.Errorf("%s: %v %v %s", e.Data, handled, err, got)
		}
	}
	if got := merged(t, `{"a":{"b":1,"c":2}}`, `{"a":{"b":null,"d":[1]},"x":1.0}`); got != `{"a":{"c":2,"d":[1]},"x":1.0}` {
		t.Error(got)
	}
}
