package query_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
)

// uneven draws a history with what is rare: streams out of order, versions that are missing,
// payloads that cannot be read.
func uneven(t *rapid.T) []replay.Event {
	events := history(t)
	for i := range events {
		e := &events[i]
		switch rapid.SampledFrom([]string{"", "", "", "", "opaque", "boom", "long"}).Draw(t, "payload") {
		case "opaque":
			e.Data, e.Opaque = nil, fmt.Sprint("no key ", i)
		case "boom":
			e.Data = []byte(`{"boom":1}`)
		case "long":
			e.Data = fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("x", 2000))
		}
	}
	if rapid.Bool().Draw(t, "gaps") {
		for _, id := range []replay.StreamID{"s-0", "s-1"} {
			for i := range events {
				if events[i].Stream == id && events[i].Version > 2 {
					events[i].Version++
				}
			}
		}
	}
	if rapid.Bool().Draw(t, "disorder") {
		i, j := rapid.IntRange(0, len(events)-1).Draw(t, "one"), rapid.IntRange(0, len(events)-1).Draw(t, "other")
		events[i].Position, events[j].Position = events[j].Position, events[i].Position
		slices.SortFunc(events, func(a, b replay.Event) int { return int(a.Position - b.Position) })
	}
	return events
}

// TestWorkersAnswerAlike: however many goroutines fold the streams, an answer has the same
// columns, rows and notes, in the same order, and the same error.
func TestWorkersAnswerAlike(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rapid.Check(t, func(t *rapid.T) {
		events := uneven(t)
		strict, after := rapid.Bool().Draw(t, "strict"), rapid.Bool().Draw(t, "after")
		then := fmt.Sprint("pos:", rapid.SampledFrom(events).Draw(t, "then").Position)
		at := rapid.SampledFrom([]string{"", then, "2026-01-01T00:07:00Z"}).Draw(t, "at")
		sql := rapid.SampledFrom([]string{
			"SELECT * FROM cart", "SELECT stream, category, version, position, time, error, state FROM cart",
			"SELECT stream, state FROM cart WHERE category = 's'", "SELECT stream, state FROM cart WHERE time >= '2026-01-01T00:05'",
			"SELECT a.stream, b.state, a.error FROM cart a JOIN cart('" + then + "') b USING (stream)",
			"SELECT stream, total FROM cart ORDER BY position DESC LIMIT 2", "SELECT count(*), sum(version) FROM cart",
		}).Draw(t, "sql")
		defer query.SetMostHeld(rapid.SampledFrom([]int{2 << 30, 7000, 2500}).Draw(t, "held"))()
		var first string
		for _, cores := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(cores)
			var answer []string
			db := openDB(t, events, at, func(s *query.Source) {
				s.Strict = strict
				s.Note = func(n replay.Notice) { answer = append(answer, n.Text) }
				folds := func() replay.FoldFor {
					f := replay.Fold{Reducer: counting{fold.Merge()}}
					if after {
						f.Reducer = afterTotal{f.Reducer}
					}
					return func(replay.StreamID, string) (replay.Fold, error) { return f, nil }
				}
				s.Projections[0].Fold, s.Projections[0].Another = folds(), folds
			})
			if result, err := db.Query(sql); err != nil {
				answer = append(answer, err.Error())
			} else {
				answer = append(answer, strings.Join(result.Columns, " "))
				var err error
				for row, end := range result.Rows {
					answer, err = append(answer, fmt.Sprint(row, end)), end
				}
				if err == nil {
					db.NoteMissing()
				}
			}
			db.Close()
			if got := strings.Join(answer, "\n"); cores == 1 {
				first = got
			} else if got != first {
				t.Fatalf("%s\non one core:\n%s\non %d:\n%s", sql, first, cores, got)
			}
		}
	})
}

// appliedFold is a merge fold that counts the events it folds.
type appliedFold struct {
	replay.Reducer
	n *atomic.Int64
}

func (f appliedFold) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	f.n.Add(1)
	return f.Reducer.Apply(ctx, st, e)
}

// TestFoldingEndsWithTheRoom: events are read ahead, but where the states do not fit, hardly
// any more of them are folded. A pass of all streams is one of those that end so.
func TestFoldingEndsWithTheRoom(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const streams, size, fit, shares = 2000, 1000, 20, 128
	defer query.SetMostHeld(2 * fit * (size + 700))()
	var events []replay.Event
	for i := range streams {
		events = append(events, event(fmt.Sprint("cart-", i), 1, i+1, "Set", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", size))))
	}
	for _, cores := range []int{1, 4} {
		runtime.GOMAXPROCS(cores)
		var applied atomic.Int64
		db := openDB(t, events, "", func(s *query.Source) {
			folds := func() replay.FoldFor {
				return func(replay.StreamID, string) (replay.Fold, error) {
					return replay.Fold{Reducer: appliedFold{fold.Merge(), &applied}}, nil
				}
			}
			s.Projections[0].Fold, s.Projections[0].Another = folds(), folds
		})
		if rows := mustRows(t, db, "SELECT count(*), sum(length(text)) FROM cart"); rows[0] != fmt.Sprint(streams, " ", streams*size) {
			t.Errorf("%d cores: %s", cores, rows)
		}
		db.Close()
		// A goroutine that is ahead makes the others fold the events before.
		if most := int64(streams + (shares-1)*fit*cores*6/5); applied.Load() > most {
			t.Errorf("%d cores fold %d events, want at most %d", cores, applied.Load(), most)
		}
	}
}
