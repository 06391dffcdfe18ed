package check_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// A panicReducer panics at the first event.
type panicReducer struct{ replay.Reducer }

func (panicReducer) Apply(context.Context, *state.State, *replay.Event) (bool, error) {
	panic("fold")
}

// A panicReader panics after the last event.
type panicReader struct{ replay.Reader }

func (r panicReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		for e, err := range r.Reader.Events(ctx, q) {
			if !yield(e, err) {
				return
			}
		}
		panic("reader")
	}
}

// TestPanicsReachTheCaller checks that the caller can recover a panic of a reader or a
// worker. TestMain checks that the other workers end.
func TestPanicsReachTheCaller(t *testing.T) {
	events := storetest.Memory([]replay.Event{{Stream: "s-1", Category: "s", Version: 1, Position: 1, Type: "Set", Data: []byte(`{}`)}})
	for _, c := range []struct {
		want    string
		reader  replay.Reader
		reducer replay.Reducer
	}{
		{"reader", panicReader{events}, fold.Merge()},
		{"fold", events, panicReducer{fold.Merge()}},
	} {
		plan := check.Plan{Invariants: make([]check.Invariant, 1)}
		for range 3 {
			plan.Workers = append(plan.Workers, inspecttest.OneFold{Category: "s", Set: &check.RuleSet{
				Fold: replay.Fold{Reducer: c.reducer}, Rules: []check.Rule{{Cond: inspecttest.BadWhere(inspecttest.MemberIs("v", "1"))}},
			}})
		}
		got := ""
		func() {
			defer func() { got = fmt.Sprint(recover()) }()
			_, err := check.Pass(t.Context(), replay.NewWhole(c.reader), plan)
			t.Errorf("Pass returns %v", err)
		}()
		if first, _, _ := strings.Cut(got, "\n"); first != c.want {
			t.Errorf("the caller recovers %q, want %q", first, c.want)
		}
	}
}
