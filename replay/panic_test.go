package replay

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"asof/replay/state"
)

// A panicReader yields some events and then panics.
type panicReader struct{ *fakeReader }

func (r panicReader) Events(ctx context.Context, q Query) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for e, err := range r.fakeReader.Events(ctx, q) {
			if !yield(e, err) {
				return
			}
		}
		panic("reader")
	}
}

// A panicReducer panics at an event.
type panicReducer struct {
	foretold
	at Version
}

func (f *panicReducer) Apply(_ context.Context, _ *state.State, e *Event) (bool, error) {
	if e.Version == f.at {
		panic("fold")
	}
	return true, nil
}

// TestPanicsReachTheCaller checks that a panic in any goroutine of a fold can be
// recovered by the caller. TestMain checks that the other goroutines end.
func TestPanicsReachTheCaller(t *testing.T) {
	events := foretellable(10 * batchSize)
	for _, c := range []struct {
		want   string
		reader Reader
		at     Version
		parse  func(*batch)
	}{
		{want: "reader", reader: panicReader{events}, at: -1, parse: parseBatch},
		{want: "parser", reader: events, at: -1, parse: func(*batch) { panic("parser") }},
		{want: "fold", reader: events, at: batchSize + 1, parse: parseBatch},
	} {
		for _, prefetch := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, prefetch %v", c.want, prefetch), func(t *testing.T) {
				was := parseBatch
				parseBatch = c.parse
				defer func() { parseBatch = was }()
				var r Reducer = &panicReducer{at: c.at}
				if !prefetch {
					r = plain{r}
				}
				got := panicOf(func() {
					tl := &Timeline{Name: "a", Reader: c.reader, Many: true}
					for _, err := range tl.Run(t.Context(), Fold{Reducer: r}, FoldOptions{}) {
						if err != nil {
							t.Error(err)
						}
					}
				})
				if first, _, _ := strings.Cut(got, "\n"); first != c.want {
					t.Errorf("the caller recovers %q, want %q", first, c.want)
				}
			})
		}
	}
}

// panicOf returns what f panics with, as text.
func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}
