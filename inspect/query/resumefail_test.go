package query_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
)

// A busyReader says whether it was read while another goroutine read it. A connection to a
// database takes one question at a time.
type busyReader struct {
	replay.Reader
	reading atomic.Int32
	twice   atomic.Bool
}

func (b *busyReader) Events(ctx context.Context, q replay.Query) iter.Seq2[*replay.Event, error] {
	return func(yield func(*replay.Event, error) bool) {
		if b.reading.Add(1) > 1 {
			b.twice.Store(true)
		}
		defer b.reading.Add(-1)
		for e, err := range b.Reader.Events(ctx, q) {
			if !yield(e, err) {
				return
			}
		}
	}
}

// TestFailedFoldReadsAlone: where the fold of a long stream fails, the event at which it did
// is read when nothing else is, and the answer is that without kept states.
func TestFailedFoldReadsAlone(t *testing.T) {
	defer query.SetLongStream(3)()
	var events []replay.Event
	for i := range 3000 { // more than is read ahead
		data := fmt.Sprintf(`{"n":%d}`, i)
		if i == 5 {
			data = `{"boom":1}`
		}
		events = append(events, replay.Event{
			Stream: "s-0", Category: "s", Version: replay.Version(i + 1), Position: replay.Position(i + 1), ID: fmt.Sprint("id-", i), Type: "A", Data: []byte(data),
		})
	}
	used := 0
	for _, sql := range []string{
		"SELECT version, state, error FROM cart WHERE stream = 's-0'", "SELECT version, state, error FROM cart_history WHERE stream = 's-0' AND version > 5",
		"SELECT version, path FROM cart_changes WHERE stream = 's-0' AND version > 5",
	} {
		var answers []string
		for _, with := range []bool{false, true} {
			var notes []string
			db, err := tryDB(events, "", func(s *query.Source) {
				s.Note = func(n replay.Notice) { notes = append(notes, n.Text) }
				r := &busyReader{Reader: s.Reader}
				t.Cleanup(func() {
					if r.twice.Load() {
						t.Errorf("%s: two goroutines read the store at the same time", sql)
					}
				})
				if s.Reader = r; with {
					s.Projections[0].Kept = func(_ context.Context, id replay.StreamID) (replay.Subject, error) {
						subject := replay.Subject{Timeline: replay.StreamTimeline(r, id), Fold: replay.Fold{Reducer: counting{fold.Merge()}}}
						subject.Snapshots = memories{subject, func(replay.Version) bool { return false }, &used}
						return subject, nil
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := rowsOf(db, sql)
			answers = append(answers, fmt.Sprint(strings.Join(rows, "\n"), err, notes))
			db.Close()
		}
		if answers[0] != answers[1] {
			t.Errorf("%s\nfrom the start:\n%s\nfrom a kept state:\n%s", sql, answers[0], answers[1])
		}
	}
}
