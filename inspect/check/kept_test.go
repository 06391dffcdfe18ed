package check_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"asof/inspect/check"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/store/storetest"
)

// memoryKeep caches an answer in memory.
type memoryKeep struct {
	kept         []byte // nil: no answer
	same         bool   // the result of Load
	saved, drops int
}

func (k *memoryKeep) Load(read func(io.Reader, bool) error) bool {
	return k.kept != nil && read(bytes.NewReader(k.kept), k.same) == nil
}

func (k *memoryKeep) Save(write func(io.Writer) error) {
	var b bytes.Buffer
	if err := write(&b); err == nil {
		k.kept = b.Bytes()
		k.saved++
	}
}

func (k *memoryKeep) Drop() {
	k.kept = nil
	k.drops++
}

// isTwo has one invariant: v is not 2.
type isTwo struct{ closed *int }

func (isTwo) Invariants() []check.Invariant {
	return []check.Invariant{{Name: "not two", Text: "v is 2"}}
}

func (r isTwo) Open() (check.WorkerRules, error) {
	rule := check.Rule{Cond: inspecttest.BadWhere(inspecttest.MemberIs("v", "2"))}
	set := &check.RuleSet{Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{rule}}
	return isTwoWorker{inspecttest.OneFold{Category: "s", Set: set}, r.closed, fmt.Sprintf("%s; did you mean v%d?", absent, *r.closed)}, nil
}

type isTwoWorker struct {
	inspecttest.OneFold
	closed *int
	absent string
}

// absent is what each run says, with another name that may be meant.
const absent = "no state has w"

func (w isTwoWorker) Close() { *w.closed++ }
func (w isTwoWorker) Notices() []replay.Notice {
	return []replay.Notice{{Code: "warning", Text: "seen"}, {Code: check.NoticeAbsent, Text: w.absent}}
}

// valued returns the events of three streams, one event per value.
func valued(values ...int) []replay.Event {
	var all []replay.Event
	for i, v := range values {
		all = append(all, replay.Event{
			Stream: replay.StreamID(fmt.Sprintf("s-%d", i%3)), Category: "s", Version: replay.Version(i/3 + 1), Position: replay.Position(i + 1),
			ID: fmt.Sprint("e", i), Type: "Set", Data: fmt.Appendf(nil, `{"v":%d}`, v),
		})
	}
	return all
}

// optionsOf returns the options of a check up to a point, and the store to check.
func optionsOf(t *testing.T, events []replay.Event, upTo replay.Point, keep check.Keep) (*check.Store, check.Options) {
	t.Helper()
	s := check.NewStore(storetest.Memory(events), replay.Shard{})
	cut, _, err := s.Cut(t.Context(), upTo)
	if err != nil {
		t.Fatal(err)
	}
	return s, check.Options{UpTo: cut, Keep: keep}
}

// TestRunContinues checks a store that grows, stays unchanged, is checked at an earlier
// point, is rewritten and is truncated. A cached answer never changes the result.
func TestRunContinues(t *testing.T) {
	var k memoryKeep
	for _, tt := range []struct {
		name   string
		events []replay.Event
		upTo   replay.Point
		same   bool
		again  int64 // streams folded again
		notice string
		saved  bool
		drops  int
	}{
		{"at first", valued(1, 1, 2, 1), replay.Head(), false, 0, "", true, 0},
		{"grown", valued(1, 1, 2, 1, 2), replay.Head(), false, 1, "resumed from position 4, where the last run ended: 1 stream was folded again", true, 0},
		{"known to be the same", valued(1, 1, 2, 1, 2), replay.Head(), true, 0, "no stream was folded again", false, 0},
		{"in the past", valued(1, 1, 2, 1, 2), replay.AtPosition(3), false, 0, "", false, 0},
		{"rewritten", valued(2, 1, 2, 1, 2, 1), replay.Head(), false, 0, "no longer has the events", true, 1},
		{"cut short", valued(2, 1), replay.Head(), false, 0, "no longer has the events", true, 1},
	} {
		k.same, k.saved, k.drops = tt.same, 0, 0
		before := len(tt.events)
		closed := before
		s, o := optionsOf(t, tt.events, tt.upTo, &k)
		got, err := check.Run(t.Context(), s, isTwo{&closed}, o)
		if err != nil {
			t.Fatal(err)
		}
		s, o = optionsOf(t, tt.events, tt.upTo, nil)
		want, err := check.Run(t.Context(), s, isTwo{&closed}, o)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := found(got), found(want); a != b || got.Streams != want.Streams || got.Events != want.Events {
			t.Errorf("%s: found %s in %d streams, want %s in %d", tt.name, a, got.Streams, b, want.Streams)
		}
		if got.Again != tt.again || (k.saved > 0) != tt.saved || k.drops != tt.drops {
			t.Errorf("%s: %d streams folded again, saved %d times, dropped %d times", tt.name, got.Again, k.saved, k.drops)
		}
		if !slices.ContainsFunc(got.Notices, func(n replay.Notice) bool { return strings.Contains(n.Text, tt.notice) }) {
			t.Errorf("%s: the notices are %v", tt.name, got.Notices)
		}
		if n := slices.Index(got.Notices, replay.Notice{Code: "warning", Text: "seen"}); n < 0 || slices.Contains(got.Notices[n+1:], got.Notices[n]) {
			t.Errorf("%s: a warning is not printed exactly once: %v", tt.name, got.Notices)
		}
		said := 0
		for _, n := range got.Notices {
			if n.Code == check.NoticeAbsent && strings.HasPrefix(n.Text, absent) {
				said++
			}
		}
		if said != 1 {
			t.Errorf("%s: what is absent is said %d times: %v", tt.name, said, got.Notices)
		}
		if closed == before {
			t.Errorf("%s: no worker was closed", tt.name)
		}
	}
}

// found returns the violations of an answer.
func found(r *check.Result) string {
	var all []string
	for _, v := range r.Invariants[0].Violations {
		all = append(all, fmt.Sprintf("%s@%d %d %v", v.Stream, v.Culprit.Version, v.Turns, v.Recovered))
	}
	return strings.Join(all, ", ")
}

// TestVerify compares cached answers with full checks.
func TestVerify(t *testing.T) {
	closed := 0
	rules := isTwo{&closed}
	events := valued(1, 1, 2, 1, 2)
	for _, tt := range []struct {
		name   string
		now    []replay.Event
		tamper func(kept []byte) []byte
		want   check.Proof // except for the position
		drops  int
	}{
		{"the same", events, nil, check.Proof{}, 0},
		{"grown", valued(1, 1, 2, 1, 2, 2), nil, check.Proof{}, 0},
		{"rewritten", valued(1, 1, 2, 1, 1), nil, check.Proof{Stale: true}, 1},
		{"cut short", valued(1, 1), nil, check.Proof{Stale: true}, 1},
		{"of a fold that gave something else", events, func(kept []byte) []byte { return bytes.Replace(kept, []byte("s-2"), []byte("s-1"), 1) }, check.Proof{Wrong: true}, 1},
	} {
		var k memoryKeep
		s, o := optionsOf(t, events, replay.Head(), &k)
		if _, err := check.Run(t.Context(), s, rules, o); err != nil {
			t.Fatal(err)
		}
		if tt.tamper != nil {
			k.kept = tt.tamper(k.kept)
		}
		s, o = optionsOf(t, tt.now, replay.Head(), &k)
		proof, err := check.Verify(t.Context(), s, rules, o)
		if err != nil {
			t.Fatal(err)
		}
		if proof.Position == nil || *proof.Position != 5 || proof.Stale != tt.want.Stale || proof.Wrong != tt.want.Wrong || k.drops != tt.drops {
			t.Errorf("%s: %+v, dropped %d times", tt.name, proof, k.drops)
		}
	}
	s, o := optionsOf(t, events, replay.Head(), &memoryKeep{})
	if proof, err := check.Verify(t.Context(), s, rules, o); err != nil || proof != (check.Proof{}) {
		t.Errorf("of nothing: %+v, %v", proof, err)
	}
}
