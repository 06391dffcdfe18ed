//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"asof/fixtures"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
)

// engines prints, for each script of the cases, how many of its events each of asof's two
// engines folds, and why the full one folds any.
func (b *bench) engines(ctx context.Context, w io.Writer) error {
	const most = 10_000
	carts := fixtures.Bench(min(b.events, most))
	text := edits(min(b.textEvents(), 100), []rune("abc äöü 日本"))
	fmt.Fprintln(w)
	for _, s := range []struct {
		script string
		events iter.Seq[replay.Event]
	}{{inArray, carts}, {bySKU, carts}, {"money.js", carts}, {"numbers.js", carts}, {"text.js", text}, {"slice.js", text}} {
		count, err := b.countEngines(ctx, s.script, s.events)
		if err != nil {
			return fmt.Errorf("%s: %w", s.script, err)
		}
		fmt.Fprintf(w, "%s: %d events by the quick engine, %d by the full one", s.script, count.Quick, count.Full)
		for i, why := range slices.Sorted(maps.Keys(count.Why)) {
			fmt.Fprintf(w, "%c %s: %d", ":;"[min(i, 1)], why, count.Why[why])
		}
		fmt.Fprintln(w)
	}
	return nil
}

func (b *bench) countEngines(ctx context.Context, script string, events iter.Seq[replay.Event]) (*js.Engines, error) {
	s, err := js.Load(script, b.text(script), js.Limits{})
	if err != nil {
		return nil, err
	}
	st := state.New()
	if err := s.Init(ctx, st); err != nil {
		return nil, err
	}
	if _, err := st.Commit(false); err != nil {
		return nil, err
	}
	count := s.CountEngines()
	for e := range events {
		body, err := state.Parse(e.Data)
		if err != nil {
			return nil, err
		}
		e.SetBody(body)
		if _, err := s.Apply(ctx, st, &e); err != nil {
			return nil, err
		}
		if _, err := st.Commit(false); err != nil {
			return nil, err
		}
	}
	return count, nil
}
