package query_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
)

// memories keeps the states of a stream at some versions.
type memories struct {
	replay.Subject
	at   func(replay.Version) bool
	used *int
}

func (m memories) Of(t *replay.Timeline) bool                { return t == m.Timeline }
func (m memories) Record(*replay.Checkpoint) replay.Recorder { return m }
func (m memories) Folded(func() replay.Checkpoint) bool      { return false }
func (m memories) Before(context.Context, replay.Version) (s replay.Stretch, ok bool) {
	return s, false
}

func (m memories) Nearest(ctx context.Context, v replay.Version) (found *replay.Checkpoint) {
	run := m.FoldFrom(ctx, replay.Moment{}) // from the start
	var all []replay.SavedState
	err := run.To(ctx, replay.Moment{}.WithVersion(v), func(step *replay.Step) {
		if m.at(step.Event.Version) && step.Begun {
			all = append(all, run.Save())
		}
	})
	if err != nil || len(all) == 0 {
		return nil
	}
	*m.used++
	return &all[len(all)-1].Checkpoint
}

// TestKeptStatesChangeNoAnswer: an answer about one stream has the same rows and notes where
// it starts from a kept state, whatever is asked of the stream and as of when.
func TestKeptStatesChangeNoAnswer(t *testing.T) {
	used := 0
	rapid.Check(t, func(t *rapid.T) {
		events := uneven(t)
		for range 10 { // few questions about a stream can start from a kept state
			keptChangesNothing(t, events, &used)
		}
	})
	if used == 0 {
		t.Error("no kept state was used")
	}
}

// keptChangesNothing asks one question about a stream, from its start and from kept states.
func keptChangesNothing(t *rapid.T, events []replay.Event, used *int) {
	defer query.SetLongStream(replay.Version(rapid.IntRange(0, 3).Draw(t, "long")))()
	then := fmt.Sprint("pos:", rapid.SampledFrom(events).Draw(t, "then").Position)
	other := rapid.SampledFrom(events).Draw(t, "typed")
	moment := rapid.SampledFrom([]string{"", "", then, "2026-01-01T00:07:00Z", "2026-01-01T00:12:00Z", "id:" + other.ID, "type:" + other.Type, "head~2", fmt.Sprint(other.Position)})
	kept := rapid.SliceOfN(rapid.Bool(), 40, 40).Draw(t, "kept")
	strict, after := rapid.Bool().Draw(t, "strict"), rapid.Bool().Draw(t, "after")
	table := rapid.SampledFrom([]string{"cart", "cart", "cart_history", "cart_changes"}).Draw(t, "table")
	columns := map[string]string{
		"cart": "stream, category, version, position, time, error, state", "cart_history": "version, type, id, state, changed, until_position, error",
		"cart_changes": "version, type, path, op",
	}[table]
	if table == "cart_history" && rapid.Bool().Draw(t, "early") {
		columns = "version, type, state, error"
	}
	from := table
	if at := moment.Draw(t, "moment"); at != "" {
		from += "('" + at + "')"
	}
	sql := "SELECT " + columns + " FROM " + from + " WHERE stream = 's-" + rapid.SampledFrom([]string{"0", "1", "9"}).Draw(t, "stream") + "'" +
		rapid.SampledFrom([]string{
			"", "", " AND version > 3", " AND version >= 4 AND version <= 5", " AND position > 80", " AND position > 60 AND type = 'A'",
			" AND category = 's'", " AND time >= '2026-01-01T00:05'", " AND version = 6", " AND version > 99", " AND position > 40 AND version < 6",
		}).Draw(t, "condition")
	at := moment.Draw(t, "at")
	var first string
	for _, with := range []bool{false, true} {
		var answer []string
		f := replay.Fold{Reducer: counting{fold.Merge()}}
		if after {
			f.Reducer = afterTotal{f.Reducer}
		}
		change := func(s *query.Source) {
			s.Strict = strict
			s.Note = func(n replay.Notice) { answer = append(answer, n.Text) }
			s.Projections[0].Fold = func(replay.StreamID, string) (replay.Fold, error) { return f, nil }
			if r := s.Reader; with {
				s.Projections[0].Kept = func(_ context.Context, id replay.StreamID) (replay.Subject, error) {
					subject := replay.Subject{Timeline: replay.StreamTimeline(r, id), Fold: f}
					subject.Snapshots = memories{subject, func(v replay.Version) bool { return kept[min(int(v), 39)] }, used}
					return subject, nil
				}
			}
		}
		src, err := tryDB(events, at, change)
		if err != nil {
			answer = append(answer, err.Error())
		} else {
			rows, err := rowsOf(src, sql)
			answer = append(answer, strings.Join(rows, "\n"))
			if err != nil {
				answer = append(answer, err.Error())
			} else {
				src.NoteMissing()
			}
			src.NoteBasis()
			src.Close()
		}
		if got := strings.Join(answer, "\n"); !with {
			first = got
		} else if got != first {
			t.Fatalf("%s at %q\nfrom the start:\n%s\nfrom a kept state:\n%s", sql, at, first, got)
		}
	}
}
