package contrast

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/state"
)

// TestWithAnother keeps, of a stream, the features that its events have, each with its first
// event: also those that are not looked for because they come with another.
func TestWithAnother(t *testing.T) {
	kept := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 17))
		s := New(Options{Releases: Releases{{Name: "one", At: time.Unix(0, 0)}}})
		w := s.Watches(1)[0].(*watch)
		h := w.Stream("order-1", &check.RuleSet{}).(*history)
		x := newExtractor(s.seed, s.o.Releases)
		var plain history
		var want table
		at := time.Unix(1_000_000, 0)
		for n := uint32(1); n <= 60; n++ {
			at = at.Add(time.Duration(r.Int64N(int64(9 * time.Hour))))
			e := anyEvent(r, at)
			changes := []state.Change{{Op: state.OpAdd, Path: fmt.Sprintf("/lines/%d/qty", r.IntN(3))}, {Op: state.OpRemove, Path: "/total"}}
			changes = changes[r.IntN(3):]
			one := *e
			h.Event(&one)
			h.Changed(state.Value{}, changes)
			x.event(&plain, e)
			for _, f := range x.all() {
				want.add(f, n)
			}
			x.changed(plain.prev, changes)
			for _, f := range x.all() {
				want.add(f, n)
			}
		}
		if got, want := firsts(&h.seen), firsts(&want); !maps.Equal(got, want) {
			t.Fatalf("seed %d: %d features kept, of %d", seed, len(got), len(want))
		}
		if n := s.entries[h.class].Load(); n != int64(want.n) {
			t.Fatalf("seed %d: %d features counted, of %d", seed, n, want.n)
		}
		kept += want.n
	}
	if kept < 10_000 {
		t.Errorf("only %d features tried", kept)
	}
}

func firsts(t *table) map[uint64]uint32 {
	all := map[uint64]uint32{}
	for i, h := range t.keys {
		if h != 0 {
			all[h] = t.first[i]
		}
	}
	return all
}

func anyEvent(r *rand.Rand, at time.Time) *replay.Event {
	number := []string{"0", "-0", "7", "-7", "70.0", "7e1", "12345", "999", "-12345.5", "1e200", "1e-3"}
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	data := pick(
		`{"qty":`+pick(number...)+`,"price":`+pick(number...)+`}`,
		`{"qty":`+pick(number...)+`,"note":`+pick(`null`, `true`, `""`, `"7"`, `{"a":{}}`)+`}`,
		`{"lines":[{"qty":`+pick(number...)+`},{"qty":`+pick(number...)+`},7]}`,
		fmt.Sprintf(`{"note":"%0*d"}`, 90+r.IntN(20), 7),
		`[]`, `7`, `null`, `{`,
	)
	e := &replay.Event{
		Stream: "order-1", Type: pick("Added", "Changed", "Removed"), Revision: r.IntN(3), Time: at, Data: []byte(data),
		Meta: replay.Meta{Actor: pick("", "ann", "bob")},
	}
	if r.IntN(3) > 0 {
		e.Meta.Raw = []byte(pick(`{"service":"a"}`, `{"service":"b","release":{"n":`+pick(number...)+`}}`, `[]`))
	}
	return e
}
