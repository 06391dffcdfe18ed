package contrast_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"asof/inspect"
	"asof/inspect/check"
	"asof/inspect/contrast"
	"asof/inspect/inspecttest"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// rounds returns the number of seeds for each cause: ASOF_ROUNDS, or a few. The figures of
// the README are those of 20.
func rounds(few int) int {
	if n, err := strconv.Atoi(os.Getenv("ASOF_ROUNDS")); err == nil {
		return n
	}
	return few
}

// firstSeed returns the first seed of the fleets: ASOF_SEED, or 0, whose figures the README has.
func firstSeed() uint64 {
	seed, _ := strconv.ParseUint(os.Getenv("ASOF_SEED"), 10, 64)
	return seed
}

// A fleet is generated streams and where each becomes bad.
type fleet struct {
	rng    *rand.Rand
	events []replay.Event
	bad    map[replay.StreamID]replay.Version
}

// A draftEvent is an event of a fleet before it is written.
type draftEvent struct {
	typ, actor, release, agent string
	revision                   int
	data                       map[string]string // values as JSON
	cause                      bool
}

var started = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// newFleet generates streams. plant changes the events of a stream; an event marked as a
// cause makes the stream bad with probability 0.8, at that event or up to four later. Any
// event makes its state bad with probability noise.
func newFleet(seed uint64, streams int, noise float64, plant func(*rand.Rand, []draftEvent)) *fleet {
	f := &fleet{rng: rand.New(rand.NewPCG(seed, 7)), bad: map[replay.StreamID]replay.Version{}}
	type dated struct {
		replay.Event
		at time.Time
	}
	var all []dated
	for i := range streams {
		id := replay.StreamID(fmt.Sprintf("order-%d", i))
		at := started.Add(time.Duration(f.rng.IntN(40*24*60)) * time.Minute)
		draft := f.draft(at)
		if plant != nil {
			plant(f.rng, draft)
		}
		becomes := 0
		for n, d := range draft {
			if d.cause && becomes == 0 && f.rng.Float64() < 0.8 {
				becomes = min(n+1+f.rng.IntN(5), len(draft))
			}
		}
		for n, d := range draft {
			v := replay.Version(n + 1)
			if _, is := f.bad[id]; !is && (n+1 == becomes || f.rng.Float64() < noise) {
				f.bad[id] = v
			}
			at = at.Add(time.Duration(f.rng.ExpFloat64() * float64(3*time.Hour)))
			all = append(all, dated{replay.Event{
				Stream: id, Category: "order", Version: v, ID: fmt.Sprintf("%s/%d", id, v), Type: d.typ, Revision: d.revision, Time: at,
				Data: object(d.data), Meta: replay.Meta{Actor: d.actor, Raw: object(map[string]string{
					"release": strconv.Quote(d.release), "agent": strconv.Quote(d.agent), "trace": strconv.Quote(fmt.Sprint(f.rng.Uint64())),
				})},
			}, at})
		}
	}
	slices.SortStableFunc(all, func(a, b dated) int { return a.at.Compare(b.at) })
	next := map[replay.StreamID]replay.Version{}
	for i, e := range all {
		next[e.Stream]++
		if e.Version != next[e.Stream] {
			panic("out of order")
		}
		e.Position = replay.Position(i + 1)
		f.events = append(f.events, e.Event)
	}
	return f
}

func object(m map[string]string) []byte {
	v := state.NewObject()
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}) {
		if len(m[k]) > 0 && m[k][0] == '"' {
			s, _ := strconv.Unquote(m[k])
			v.Set(k, state.StringValue(s))
		} else {
			v.Set(k, state.NumberValue(m[k]))
		}
	}
	return state.AppendJSON(nil, v.Value())
}

// releases of the application, by the day since the start.
var releaseDays = []int{0, 6, 13, 14, 21, 30, 37}

func releaseAt(at time.Time) string {
	name := ""
	for i, d := range releaseDays {
		if !at.Before(started.AddDate(0, 0, d)) {
			name = fmt.Sprintf("3.%d.0", i)
		}
	}
	return name
}

// draft returns an ordinary history.
func (f *fleet) draft(at time.Time) []draftEvent {
	r := f.rng
	customer := fmt.Sprintf("customer-%d", r.IntN(80))
	agent := []string{"App/4.1", "App/4.2", "Firefox/147", "Chrome/150"}[r.IntN(4)]
	one := func(typ string, data map[string]string) draftEvent {
		return draftEvent{typ: typ, actor: customer, release: releaseAt(at), agent: agent, revision: 1, data: data}
	}
	all := []draftEvent{one("Opened", map[string]string{"customer": strconv.Quote(customer), "channel": strconv.Quote([]string{"web", "app", "shop"}[r.IntN(3)])})}
	for range 3 + r.IntN(4) + int(r.ExpFloat64()*8) {
		sku := fmt.Sprintf("%q", fmt.Sprintf("sku-%d", r.IntN(40)))
		qty := strconv.Itoa(1 + r.IntN(6))
		switch r.IntN(10) {
		case 0, 1, 2, 3:
			all = append(all, one("Added", map[string]string{"sku": sku, "qty": qty, "price": fmt.Sprintf("%d.%02d", 1+r.IntN(90), r.IntN(100))}))
		case 4, 5:
			all = append(all, one("Changed", map[string]string{"sku": sku, "qty": qty}))
		case 6:
			all = append(all, one("Removed", map[string]string{"sku": sku}))
		case 7:
			c := one("Couponed", map[string]string{"code": fmt.Sprintf("%q", fmt.Sprintf("C%d", r.IntN(8))), "percent": "10"})
			c.actor = []string{"pricing-a", "pricing-b", "pricing-c", "pricing-d"}[r.IntN(4)]
			all = append(all, c)
		case 8:
			all = append(all, one("Paid", map[string]string{"amount": strconv.Itoa(r.IntN(300))}))
		case 9:
			all = append(all, one("Confirmed", map[string]string{"note": strconv.Quote(fmt.Sprint(r.Uint64()))}))
		}
	}
	return all
}

// study checks a fleet and explains what it finds.
func (f *fleet) study(t *testing.T, o contrast.Options, workers int) *contrast.Explained {
	t.Helper()
	s := contrast.New(o)
	run := func(only []replay.StreamID, watches func(int) []check.Watch) *check.Result {
		plan := check.Plan{Invariants: []check.Invariant{{Name: "is bad", Text: "bad"}}, Only: only, Watches: watches}
		for range workers {
			plan.Workers = append(plan.Workers, inspecttest.OneFold{Category: "order", Set: &check.RuleSet{
				Fold: replay.Fold{Reducer: fold.Merge()}, Rules: []check.Rule{{Cond: inspect.Condition{Predicate: inspecttest.Judge(
					func(_ state.Value, e *replay.Event) (bool, error) {
						if e == nil {
							return false, nil
						}
						at, is := f.bad[e.Stream]
						return is && e.Version >= at, nil
					})}}},
			}})
		}
		ans, err := check.Pass(context.Background(), replay.NewWhole(storetest.Memory(f.events)), plan)
		if err != nil {
			t.Fatal(err)
		}
		return ans
	}
	x, err := s.Explain(context.Background(), run(nil, s.Watches), func(_ context.Context, streams []replay.StreamID, watches func(int) []check.Watch) error {
		run(streams, watches)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return x[0]
}

// plants are the causes, each with its feature.
var plants = []struct {
	name  string
	is    func(contrast.Feature) bool
	plant func(*rand.Rand, []draftEvent)
}{
	{
		"a revision",
		func(f contrast.Feature) bool {
			return f == contrast.Feature{Kind: contrast.Revision, Type: "Changed", Value: "2"}
		},
		func(r *rand.Rand, es []draftEvent) {
			old := r.IntN(10) > 0
			for i := range es {
				if es[i].typ == "Changed" && !old {
					es[i].revision, es[i].cause = 2, true
				}
				if es[i].typ == "Added" && r.IntN(10) == 0 { // a decoy: another type has one too
					es[i].revision = 2
				}
			}
		},
	},
	{
		"a service",
		func(f contrast.Feature) bool {
			return f == contrast.Feature{Kind: contrast.Actor, Type: "Couponed", Value: "pricing-c"}
		},
		func(r *rand.Rand, es []draftEvent) {
			for i := range es {
				es[i].cause = es[i].actor == "pricing-c"
			}
		},
	},
	{
		"a value",
		func(f contrast.Feature) bool {
			return f == contrast.Feature{Kind: contrast.Value, Type: "Couponed", Path: "/code", Value: `"C5"`}
		},
		func(r *rand.Rand, es []draftEvent) {
			for i := range es {
				if es[i].typ != "Couponed" {
					continue
				}
				es[i].cause = es[i].data["code"] == `"C5"`
				if es[i].cause || es[i].data["code"] == `"C6"` || r.IntN(6) == 0 { // a decoy that is always there, and elsewhere
					es[i].data["campaign"] = `"spring"`
				}
			}
		},
	},
	{
		"an order",
		func(f contrast.Feature) bool {
			return f == contrast.Feature{Kind: contrast.Next, Type: "Paid", Value: "Removed"}
		},
		func(r *rand.Rand, es []draftEvent) {
			for i := 1; i < len(es); i++ {
				es[i].cause = es[i].typ == "Removed" && es[i-1].typ == "Paid"
			}
			if i := 1 + r.IntN(len(es)-1); i > 1 && r.IntN(15) == 0 {
				es[i-1].typ, es[i-1].data = "Paid", map[string]string{"amount": strconv.Itoa(r.IntN(300))}
				es[i].typ, es[i].data, es[i].cause = "Removed", map[string]string{"sku": `"sku-1"`}, true
			}
		},
	},
	{
		"a release",
		func(f contrast.Feature) bool {
			return f.Kind == contrast.Metadata && f.Path == "/release" && f.Value == `"3.2.0"`
		},
		func(r *rand.Rand, es []draftEvent) {
			for i := range es {
				es[i].cause = es[i].release == "3.2.0"
			}
		},
	},
}

// first reports whether a feature is the first finding, or has exactly the same streams.
func first(x *contrast.Explained, is func(contrast.Feature) bool) bool {
	if len(x.Findings) == 0 {
		return false
	}
	f := x.Findings[0]
	return is(f.Feature) || slices.ContainsFunc(f.Same, is) || slices.ContainsFunc(f.Always, is)
}

// TestPlanted plants causes in fleets with noise and decoys. The cause is found first in 95
// of 100.
func TestPlanted(t *testing.T) {
	found, all := 0, 0
	for _, p := range plants {
		of := rounds(5)
		n := 0
		for seed := range of {
			x := newFleet(firstSeed()+uint64(seed), 400, 0.004, p.plant).study(t, contrast.Options{}, 2)
			if first(x, p.is) {
				n++
				continue
			}
			t.Logf("%s, seed %d: %d bad, %d good, %d tried", p.name, seed, x.Bad, x.Good, x.Tried)
			for _, f := range x.Findings {
				t.Logf("  %s: %d %d, p %.2g", f.Text(), f.Bad, f.Good, f.P)
			}
		}
		t.Logf("%s: %d of %d", p.name, n, of)
		found, all = found+n, all+of
	}
	t.Logf("found first in %d of %d", found, all)
	if found*100 < 95*all-100 { // one miss is luck
		t.Errorf("found %d of %d", found, all)
	}
}

// TestNothingPlanted claims nothing of fleets in which any event may make its state bad.
func TestNothingPlanted(t *testing.T) {
	claimed, all := 0, 5*rounds(5)
	for seed := range all {
		x := newFleet(firstSeed()+uint64(1000+seed), 400, []float64{0.003, 0.01, 0.05}[seed%3], nil).study(t, contrast.Options{}, 2)
		if !x.Compared() {
			t.Fatalf("seed %d: nothing was compared", seed)
		}
		if len(x.Findings) > 0 {
			claimed++
			f := x.Findings[0]
			t.Logf("seed %d: %s, %d of %d, %d of %d, p %.2g", seed, f.Text(), f.Bad, x.Bad, f.Good, x.Good, f.P)
		}
	}
	t.Logf("claimed in %d of %d", claimed, all)
	if claimed*100 > 5*all+100 { // one is luck
		t.Errorf("claimed in %d of %d", claimed, all)
	}
}
