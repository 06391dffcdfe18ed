package check_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"asof/fixtures/kit"
	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// throwing is a merge that fails on events of one type.
type throwing struct{ replay.Reducer }

func (t throwing) Apply(ctx context.Context, st *state.State, e *replay.Event) (bool, error) {
	if e.Type == "Thrown" {
		return false, &replay.FoldError{At: e.Moment(), By: "throwing", Err: errors.New("thrown")}
	}
	return t.Reducer.Apply(ctx, st, e)
}

// twoSets folds streams of category a in two ways, and streams of category c not at
// all.
type twoSets struct{ a, b *check.RuleSet }

func (l twoSets) RuleSets(_ context.Context, _ replay.StreamID, category string) ([]*check.RuleSet, error) {
	switch category {
	case "a":
		return []*check.RuleSet{l.a, l.b}, nil
	case "b":
		return []*check.RuleSet{l.b}, nil
	}
	return nil, nil
}

// grownPlan has three invariants, one of which cannot always be tested.
func grownPlan(t *rapid.T) check.Plan {
	plan := check.Plan{Keep: true, Invariants: []check.Invariant{{Name: "one"}, {Name: "two"}, {Name: "three"}}}
	if rapid.Bool().Draw(t, "bounded") {
		plan.Memory = int64(rapid.IntRange(1, 3000).Draw(t, "memory"))
	}
	for range rapid.IntRange(1, 3).Draw(t, "workers") {
		unsure := inspecttest.Judge(func(st state.Value, e *replay.Event) (bool, error) {
			if e != nil && e.Type == "Unclear" {
				return false, errors.New("can't tell")
			}
			return st.Node() != nil && st.Node().Get("v").Text() == "2", nil
		})
		plan.Workers = append(plan.Workers, twoSets{
			a: &check.RuleSet{Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{
				{Invariant: 0, Cond: inspecttest.BadWhere(inspecttest.MemberIs("v", "1"))},
				{Invariant: 2, Cond: inspecttest.BadWhere(unsure)},
			}},
			b: &check.RuleSet{Fold: replay.Fold{Reducer: throwing{fold.Merge()}}, Rules: []check.Rule{
				{Invariant: 1, Cond: inspect.Condition{Predicate: inspecttest.MemberIs("v", "2", "3"), Good: true}},
			}},
		})
		plan.Spills = append(plan.Spills, &memorySpill{})
	}
	return plan
}

// A growing store gets new events, and is sometimes tampered with.
type growing struct {
	events   []replay.Event
	versions map[int]replay.Version
}

func (g *growing) add(t *rapid.T) {
	k := rapid.IntRange(0, 8).Draw(t, "stream")
	g.versions[k] += replay.Version(rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 2}).Draw(t, "missing"))
	at := replay.Position(1)
	if n := len(g.events); n > 0 {
		at = g.events[n-1].Position + replay.Position(rapid.IntRange(1, 3).Draw(t, "gap"))
	}
	g.events = append(g.events, replay.Event{
		Stream: replay.StreamID(fmt.Sprintf("s-%d\xff", k)), Category: string("abc"[k%3]), Version: g.versions[k], Position: at,
		ID: fmt.Sprint("id-", at), Type: rapid.SampledFrom([]string{"Set", "Set", "Set", "Set", "Set", "Thrown", "Unclear"}).Draw(t, "type"),
		Revision: k, Data: fmt.Appendf(nil, `{"v":%d}`, rapid.IntRange(0, 3).Draw(t, "v")),
		Time: kit.Opened.Add(time.Duration(at) * time.Nanosecond), Meta: replay.Meta{Actor: "a\x00b", Correlation: "c", Causation: "d"},
	})
}

// tamper changes the history in a way that must be detected, and reports whether it
// changed anything.
func (g *growing) tamper(t *rapid.T) {
	i := rapid.IntRange(0, len(g.events)-1).Draw(t, "at")
	switch rapid.SampledFrom([]string{"payload", "type", "cut", "gap", "stream"}).Draw(t, "tamper") {
	case "payload":
		g.events[i].Data = fmt.Appendf(nil, `{"v":%d}`, rapid.IntRange(0, 3).Draw(t, "v"))
	case "type":
		g.events[i].Type = "Other"
	case "cut":
		g.events = g.events[:max(1, i)]
	case "gap":
		if len(g.events) > 1 {
			g.events = slices.Delete(g.events, i, i+1)
		}
	case "stream":
		g.events[i].Stream += "'"
	}
}

// checkUpTo checks a store up to an event.
func checkUpTo(t *rapid.T, r replay.Reader, shard replay.Shard, plan check.Plan, e *replay.Event) (*check.Result, error) {
	w := replay.NewWhole(replay.Sharded(r, shard))
	plan.UpTo = inspecttest.CutAt(t, w, r, e)
	return check.Pass(context.Background(), w, plan)
}

// sameAnswer compares every visible part of two answers.
func sameAnswer(t *rapid.T, got, want *check.Result) {
	texts := cmpopts.EquateComparable(replay.Shard{})
	errText := gocmp.Comparer(func(a, b error) bool { return a.Error() == b.Error() })
	diff := gocmp.Diff(want, got, texts, errText, cmpopts.EquateEmpty(), gocmp.AllowUnexported(replay.Moment{}), cmpopts.IgnoreUnexported(replay.Event{}),
		cmpopts.IgnoreFields(check.Result{}, "Again", "Spilled", "Odd"))
	if diff != "" {
		t.Fatalf("a resumed check differs from a full one (-want +got):\n%s", diff)
	}
}

// TestCheckResumes compares a check that resumes from an earlier one with a full check.
// While the store only grows, both give the same answer, and only streams that need it
// are folded again. If the store was tampered with, the check says so.
func TestCheckResumes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := grownPlan(t)
		var shard replay.Shard
		if rapid.Bool().Draw(t, "sharded") {
			shard = replay.Shard{Index: rapid.IntRange(1, 2).Draw(t, "shard"), Of: 2}
		}
		g := &growing{versions: map[int]replay.Version{}}
		var kept []byte
		var before []replay.Event // at the time of the earlier check
		for range rapid.IntRange(1, 6).Draw(t, "runs") {
			for range rapid.IntRange(0, 12).Draw(t, "more") {
				g.add(t)
			}
			if len(g.events) == 0 {
				continue
			}
			if rapid.IntRange(0, 3).Draw(t, "sound") == 0 {
				g.tamper(t)
			}
			r := storetest.Memory(g.events)
			upTo := &g.events[rapid.IntRange(0, len(g.events)-1).Draw(t, "upTo")]
			if rapid.Bool().Draw(t, "head") {
				upTo = &g.events[len(g.events)-1]
			}
			want, err := checkUpTo(t, r, shard, plan, upTo)
			if err != nil {
				t.Fatal(err)
			}
			if kept != nil {
				goOn(t, r, plan, upTo, kept, before, g.events, want, shard)
			}
			var b bytes.Buffer
			if err := want.Write(&b); err != nil {
				t.Fatal(err)
			}
			kept, before = b.Bytes(), slices.Clone(g.events)
		}
	})
}

func goOn(t *rapid.T, r replay.Reader, plan check.Plan, upTo *replay.Event, kept []byte, before, now []replay.Event, want *check.Result, shard replay.Shard) {
	from, err := check.ReadResult(bytes.NewReader(kept), plan.Invariants)
	if err != nil {
		t.Fatal(err)
	}
	seen := func(events []replay.Event) (out []replay.Event) {
		for _, e := range events {
			if e.Position <= from.Reach.Position && (shard.IsAll() || shard.Has(e.Stream)) {
				out = append(out, e)
			}
		}
		return out
	}
	equal := gocmp.Equal(seen(before), seen(now), gocmp.AllowUnexported(replay.Moment{}), cmpopts.IgnoreUnexported(replay.Event{}))
	plan.From, plan.Same = from, gocmp.Equal(before, now, gocmp.AllowUnexported(replay.Moment{}), cmpopts.IgnoreUnexported(replay.Event{}))
	got, err := checkUpTo(t, r, shard, plan, upTo)
	if from.Reach.Position > upTo.Position && len(seen(now)) == 0 {
		return // the shard has nothing that could differ
	}
	sound := equal && (from.Reach.Position <= upTo.Position || !slices.ContainsFunc(seen(now), func(e replay.Event) bool { return e.Position > upTo.Position }))
	switch {
	case !sound && !errors.Is(err, check.ErrRewritten):
		t.Fatalf("%v, want that the store was rewritten", err)
	case sound && err != nil:
		t.Fatal(err)
	case sound && from.Reach.Position <= upTo.Position:
		sameAnswer(t, got, want)
		isSparing(t, got, from, now, upTo)
	}
}

// isSparing fails unless only streams that have later events, or that failed, are
// folded.
func isSparing(t *rapid.T, got, from *check.Result, now []replay.Event, upTo *replay.Event) {
	again := map[replay.StreamID]bool{}
	for _, inv := range from.Invariants {
		for _, e := range inv.Errors {
			again[e.Stream] = true
		}
	}
	for _, e := range now {
		if e.Position > from.Reach.Position && e.Position <= upTo.Position {
			again[e.Stream] = true
		}
	}
	if got.Again > int64(len(again)) {
		t.Fatalf("%d streams were folded, of %d", got.Again, len(again))
	}
}

// TestResultRoundTrip writes answers and reads them back, complete and truncated.
func TestResultRoundTrip(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	numbers := rapid.SampledFrom([]int64{0, 1, -1, 300, math.MinInt64, math.MaxInt64})
	times := rapid.SampledFrom([]time.Time{{}, kit.Opened, time.Unix(-1<<40, 7).UTC(), time.Unix(1<<40, 999_999_999).UTC()})
	rapid.Check(t, func(t *rapid.T) {
		c := &check.Result{
			Streams: numbers.Draw(t, "streams"), Events: numbers.Draw(t, "events"),
			Reach: &check.Reach{Position: replay.Position(numbers.Draw(t, "at")), Chain: replay.Chain{1, 2, byte(numbers.Draw(t, "chain"))}},
		}
		var invariants []check.Invariant
		for range rapid.IntRange(0, 3).Draw(t, "invariants") {
			inv := check.InvariantResult{Invariant: check.Invariant{Name: texts.Draw(t, "name")}, Streams: 5}
			invariants = append(invariants, inv.Invariant)
			for range rapid.IntRange(0, 3).Draw(t, "violations") {
				v := check.Violation{
					Stream: replay.StreamID(texts.Draw(t, "stream")), Turns: 2, FromStart: rapid.Bool().Draw(t, "start"), Recovered: rapid.Bool().Draw(t, "recovered"),
					Culprit: &replay.Event{
						Stream: replay.StreamID(texts.Draw(t, "of")), Category: texts.Draw(t, "category"), Version: -4, Position: replay.NoPosition,
						ID: texts.Draw(t, "id"), Type: texts.Draw(t, "type"), Revision: 3, Time: times.Draw(t, "time"), Opaque: texts.Draw(t, "opaque"),
						Meta: replay.Meta{Actor: texts.Draw(t, "actor"), Correlation: "r", Causation: "u"},
					},
				}
				if rapid.Bool().Draw(t, "turned") {
					m := replay.Moment{Stream: texts.Draw(t, "in"), Position: 8, Time: times.Draw(t, "at"), EventID: "i", EventType: "t"}
					m = m.WithVersion(replay.Version(numbers.Draw(t, "version")))
					v.RecoveredAt = &m
				}
				inv.Violations = append(inv.Violations, v)
			}
			for range rapid.IntRange(0, 2).Draw(t, "errors") {
				inv.Errors = append(inv.Errors, check.StreamError{Stream: replay.StreamID(texts.Draw(t, "failed"))})
			}
			c.Invariants = append(c.Invariants, inv)
		}
		var b bytes.Buffer
		if err := c.Write(&b); err != nil {
			t.Fatal(err)
		}
		got, err := check.ReadResult(bytes.NewReader(b.Bytes()), invariants)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(c, got, cmpopts.EquateComparable(replay.Shard{}), gocmp.AllowUnexported(replay.Moment{}), cmpopts.IgnoreUnexported(replay.Event{})); diff != "" {
			t.Fatal(diff)
		}
		cut := rapid.IntRange(0, b.Len()-1).Draw(t, "cut")
		if _, err := check.ReadResult(bytes.NewReader(b.Bytes()[:cut]), invariants); err == nil {
			t.Fatalf("%d of %d bytes are enough", cut, b.Len())
		}
		if _, err := check.ReadResult(bytes.NewReader(append(b.Bytes(), 0)), invariants); err == nil {
			t.Fatal("one more byte is accepted")
		}
		if _, err := check.ReadResult(bytes.NewReader(b.Bytes()), append(invariants, check.Invariant{})); err == nil {
			t.Fatal("it is accepted for other invariants")
		}
	})
}
