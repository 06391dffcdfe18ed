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

// TestMergeRows checks the versions of rows: NULL is a value, JSON is replaced, and a full
// row has no columns of the row before.
func TestMergeRows(t *testing.T) {
	type version struct {
		row  replay.RowChange
		data string
	}
	for _, c := range []struct {
		versions []version
		want     string
	}{
		{[]version{{replay.RowFull, `{"a":1,"b":null,"j":{"x":1,"y":null}}`}, {replay.RowFull, `{"a":1.0,"b":null,"j":{"y":2}}`}}, `{"a":1.0,"b":null,"j":{"y":2}}`},
		{[]version{{replay.RowFull, `{"a":1,"gone":2}`}, {replay.RowFull, `{"a":1}`}}, `{"a":1}`},
		{[]version{{replay.RowSet, `{"a":1,"b":2}`}, {replay.RowSet, `{"b":null}`}}, `{"a":1,"b":null}`},
		{[]version{{replay.RowFull, `{"a":1}`}, {replay.RowGone, `{"a":1}`}}, `{}`},
		{[]version{{replay.RowSet, `{"a":1,"b":1}`}, {replay.RowGone, ``}, {replay.RowSet, `{"b":2}`}}, `{"b":2}`},
		{[]version{{replay.RowFull, `{"a":1}`}, {replay.RowFull, `5`}}, `{"a":1}`},
	} {
		st, m := state.New(), Merge()
		if err := m.Init(t.Context(), st); err != nil {
			t.Fatal(err)
		}
		for _, v := range c.versions {
			if _, err := m.Apply(t.Context(), st, &replay.Event{Row: v.row, Data: []byte(v.data)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		if got := string(state.AppendJSON(nil, st.Root())); got != c.want || IsGuess(m) {
			t.Errorf("%v: %s, want %s", c.versions, got, c.want)
		}
	}
	if !IsGuess(Merge()) {
		t.Error("merge without versions of rows is no guess")
	}
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
