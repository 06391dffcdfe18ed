package mine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"asof/replay"
	"asof/replay/fold/js"
)

// TestSumsThatComeLate finds sums and counts of a list that is there from its first element on,
// and the streams that break them.
func TestSumsThatComeLate(t *testing.T) {
	reducer := func() replay.Reducer {
		r, err := js.Load("cart.js", `fromAll().when({
  $init: () => ({}),
  Added(s, e) {
    (s.items ??= []).push({ q: e.data.q })
    s.sum = s.items.reduce((n, x) => n + x.q, 0) + (e.data.off ?? 0)
    s.count = s.items.length
  },
})`, js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var streams [][]replay.Event
	for i := range 300 {
		es := []replay.Event{event(i, 1, "Opened", "{}")}
		for range 1 + rng.IntN(5) {
			es = append(es, event(i, len(es)+1, "Added", fmt.Sprintf(`{"q":%d}`, 1+rng.IntN(9))))
		}
		if i%100 == 7 {
			es = append(es, event(i, len(es)+1, "Added", `{"q":1,"off":100}`))
		}
		streams = append(streams, es)
	}
	broken := map[string]int64{"sum is the sum of q over items": 3, "count is the number of items": 0}
	for _, r := range minedBy(t, reducer, interleave(rng, streams), 2) {
		n, ok := broken[r.Name]
		if ok && r.Broken != n {
			t.Errorf("%s: broken by %d streams, not by %d", r.Name, r.Broken, n)
		}
		delete(broken, r.Name)
	}
	for name := range broken {
		t.Errorf("%q is not proposed", name)
	}
}
