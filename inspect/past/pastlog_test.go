package past_test

import (
	"context"
	"fmt"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
)

// sameLogs lists the events of an interval with what they changed, and what the fold counts
// on the way.
func sameLogs(t *rapid.T, plain, kept replay.Subject, i replay.Interval) {
	t.Helper()
	span, ok := i.Span()
	if !ok {
		return
	}
	o := inspect.LogOptions{
		Span: span, Changes: true, Reverse: rapid.Bool().Draw(t, "reverse"), Limit: rapid.IntRange(0, 6).Draw(t, "limit"),
		Filter: inspect.Filter{Types: rapid.SampledFrom([][]string{nil, nil, {"Twice"}, {"Unknown", "Nest", "Inside"}, {"None"}}).Draw(t, "types")},
	}
	same(t, fmt.Sprintf("log %+v", o), func(s replay.Subject) any {
		s.Folded = nil
		s = s.Counting()
		var all []any
		var bodies wire.Bodies
		for e, err := range inspect.Log(context.Background(), s, o) {
			if err != nil {
				return append(all, err.Error())
			}
			all = append(all, bodies.Entry(e, true))
		}
		account, err := s.Account(context.Background())
		if o.Limit == 0 || o.Reverse { // the others end where the list does
			all = append(all, account, err)
		}
		return all
	}, plain, kept)
}
