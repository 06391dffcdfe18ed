// Package inspecttest has the histories and predicates that the tests of inspect
// and its families share.
package inspecttest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/inspect/check"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// T is the part of a test that helpers need.
type T interface {
	Helper()
	Fatal(args ...any)
}

// Judge is a predicate written in Go.
type Judge func(st state.Value, e *replay.Event) (bool, error)

// Test calls the function.
func (f Judge) Test(st state.Value, e *replay.Event) (bool, error) { return f(st, e) }

// MemberIs holds where a member of the state is one of some numbers.
func MemberIs(key string, numbers ...string) Judge {
	return func(st state.Value, _ *replay.Event) (bool, error) {
		v, err := state.Lookup(st, "/"+key)
		return err == nil && slices.Contains(numbers, v.Text()), nil
	}
}

// BadWhere is the condition that a state is bad where a predicate holds.
func BadWhere(p inspect.Predicate) inspect.Condition {
	return inspect.Condition{Text: "bad", Predicate: p}
}

// Numbers is one stream of merge patches {"v": n}, with gaps between versions or
// without.
func Numbers(t *rapid.T, least, most int) []replay.Event {
	var events []replay.Event
	v := replay.Version(rapid.IntRange(0, 2).Draw(t, "first version"))
	gaps := rapid.SampledFrom([]int{1, 3}).Draw(t, "gaps")
	for range rapid.IntRange(least, most).Draw(t, "events") {
		data := fmt.Sprintf(`{"v": %d}`, rapid.IntRange(0, 9).Draw(t, "v"))
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			data = `{"w": 1}`
		}
		events = append(events, replay.Event{
			Stream: "s", Version: v, Position: replay.Position(2 * len(events)), Type: "Set", ID: fmt.Sprintf("id-%d", v), Data: []byte(data),
			Time: time.Unix(int64(v), 0).UTC(), Meta: replay.Meta{Raw: []byte(`{"by":"x"}`)},
		})
		v += replay.Version(rapid.IntRange(1, gaps).Draw(t, "gap"))
	}
	return events
}

// MergeSubject is the stream "s" of these events, folded by merge.
func MergeSubject(events []replay.Event) replay.Subject {
	r := storetest.Memory(events)
	return replay.Subject{Timeline: replay.StreamTimeline(r, "s"), Fold: replay.Fold{Reducer: fold.Merge()}}
}

// MomentAt resolves a point of a subject.
func MomentAt(t T, s replay.Subject, p replay.Point) replay.Moment {
	t.Helper()
	m, _, err := s.Timeline.Resolve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// CutAt is where w, a part of a store, is cut after an event; nil is before the
// first.
func CutAt(t T, w *replay.Whole, store replay.Reader, e *replay.Event) replay.Cut {
	t.Helper()
	p := replay.Start()
	if e != nil {
		p = replay.AtVersion(replay.Version(e.Position))
	}
	cuts, _, err := w.Cuts(context.Background(), &replay.Timeline{Name: "all", Reader: store, Many: true}, p)
	if err != nil {
		t.Fatal(err)
	}
	return cuts[0]
}

// OneFold folds the streams of one category, or all, by one rule set.
type OneFold struct {
	Category string // empty: all
	Set      *check.RuleSet
}

// RuleSets returns the rule set if the stream is of the category.
func (f OneFold) RuleSets(_ context.Context, _ replay.StreamID, category string) ([]*check.RuleSet, error) {
	if f.Category != "" && f.Category != category {
		return nil, nil
	}
	return []*check.RuleSet{f.Set}, nil
}
