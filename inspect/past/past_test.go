package past_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/fixtures/testmain"
	"asof/inspect"
	"asof/inspect/bisect"
	"asof/inspect/inspecttest"
	"asof/inspect/why"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }

// keeping keeps states in memory, at random events.
type keeping struct {
	timeline *replay.Timeline
	dice     *rand.Rand
	every    int // about one event in this many
	all      map[replay.Version]replay.Checkpoint
	silent   map[replay.Version]bool // what was touched before is not known
}

func (k *keeping) Of(t *replay.Timeline) bool { return t == k.timeline }

func (k *keeping) Nearest(_ context.Context, v replay.Version) *replay.Checkpoint {
	var best *replay.Checkpoint
	for at, cp := range k.all {
		if at <= v && (best == nil || at > best.Version) {
			best = &cp
		}
	}
	return best
}

func (k *keeping) Before(_ context.Context, v replay.Version) (replay.Stretch, bool) {
	cp, ok := k.all[v]
	return cp.Stretch, ok && !k.silent[v]
}

func (k *keeping) Record(*replay.Checkpoint) replay.Recorder { return k }

func (k *keeping) Folded(take func() replay.Checkpoint) bool {
	if k.dice.IntN(k.every) > 0 {
		return false
	}
	cp := take()
	cp.State, cp.Unhandled = state.Clone(cp.State), maps.Clone(cp.Unhandled)
	k.all[cp.Version] = cp
	return true
}

// kept returns the subject with states kept at random events of its history, of which some
// are lost again.
func kept(t *rapid.T, s replay.Subject, to replay.Moment) replay.Subject {
	k := &keeping{
		timeline: s.Timeline, every: rapid.IntRange(1, 6).Draw(t, "every"), all: map[replay.Version]replay.Checkpoint{}, silent: map[replay.Version]bool{},
		dice: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)),
	}
	s.Snapshots = k
	for range rapid.IntRange(1, 2).Draw(t, "passes") {
		if _, _, err := s.StateAt(context.Background(), to); err != nil {
			t.Fatal(err)
		}
		for v := range k.all {
			switch k.dice.IntN(8) {
			case 0:
				delete(k.all, v)
			case 1:
				k.silent[v] = true
			}
		}
	}
	return s
}

// handler is the beginning of a handler.
var handler = regexp.MustCompile(`\w\(s, e\) +\{`)

// TestKeptStatesChangeNoAnswer asks the same of a history with kept states and without.
func TestKeptStatesChangeNoAnswer(t *testing.T) {
	inspecttest.EachStyle(t, func(t *testing.T, script string) {
		rapid.Check(t, func(t *rapid.T) {
			lines := inspecttest.Histories(25).Draw(t, "history")
			if script != "" && rapid.Bool().Draw(t, "full engine") {
				script = handler.ReplaceAllString(script, "$0 'x'.match(/x/);") // more than the fast engine knows
			}
			plain := inspecttest.SubjectOf(t, lines, script)
			to := rapid.IntRange(1, len(lines)).Draw(t, "to")
			i := inspecttest.Between(plain, rapid.IntRange(0, to).Draw(t, "from"), to)
			cached := kept(t, plain, inspecttest.Between(plain, 0, len(lines)).To)
			sameAnswers(t, plain, cached, i)
			coverStates(t, plain, cached.Snapshots.(*keeping))
		})
	})
}

// coverStates holds what is kept of the events before each state to the states after them.
func coverStates(t *rapid.T, plain replay.Subject, k *keeping) {
	t.Helper()
	check := func(v replay.Version, root state.Value) {
		for _, cp := range k.all {
			if s := cp.Stretch; (s.First || s.After <= v) && v <= s.To && s.Bounds != nil && !s.Bounds.Cover(root) {
				t.Fatalf("the bounds from %d to %d do not cover the state at %d: %s", s.After, s.To, v, state.AppendJSON(nil, root))
			}
		}
	}
	o := replay.FoldOptions{Init: func(root state.Value) { check(-1, root) }}
	for step, err := range plain.Steps(context.Background(), inspecttest.MomentAt(t, plain, replay.Head()), o) {
		if err != nil {
			break
		}
		check(plain.Timeline.Version(step.Event), step.Root)
	}
}

// partsFold keeps a state for each of some partitions, in arrays and under numbers.
const partsFold = `fromAll().partitionBy(e => e.type === 'Unknown' ? null : String(e.data.n)).when({
  $init: () => ({list: [], by: {}}),
  $any(s, e) {
    if (e.data.at > 3) s.list.push({id: e.data.id, n: e.data.n}); else if (s.list[e.data.at]) s.list[e.data.at].n += 1;
    s.by[e.data.id % 7] = e.data.v; if (e.data.at === 0) s.list.shift(); if (e.data.at === 1) delete s.by[e.data.n];
  },
})`

// TestKeptStatesOfPartitions does so for a projection by partition.
func TestKeptStatesOfPartitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := inspecttest.Histories(30).Draw(t, "history")
		plain := inspecttest.SubjectOf(t, lines, partsFold)
		plain.Fold.Partitioned = true
		i := inspecttest.Between(plain, 0, len(lines))
		sameAnswers(t, plain, kept(t, plain, i.To), i)
	})
}

func sameAnswers(t *rapid.T, plain, kept replay.Subject, i replay.Interval) {
	t.Helper()
	ctx := context.Background()
	paths := []string{"", "/nothing"}
	b, err := inspect.Blame(ctx, plain, i, "")
	if err == nil {
		b.Each(func(p inspect.PathBlame) bool {
			paths = append(paths, p.Path)
			if up := strings.LastIndexByte(p.Path, '/'); up > 0 {
				paths = append(paths, p.Path[:up])
			}
			return true
		})
	}
	one := rapid.SampledFrom(paths).Draw(t, "path")
	for _, path := range []string{"", one} {
		same(t, "blame "+path, func(s replay.Subject) any {
			b, err := inspect.Blame(ctx, s, i, path)
			if err != nil {
				return err.Error()
			}
			var all []string
			spots(b.Root(), func(s inspect.Spot) {
				all = append(all, fmt.Sprint(name(s.By()), s.How(), name(s.Last()), s.Last() == s.By()))
			})
			return []any{wire.NewBlamed(b), all}
		}, plain, kept)
	}
	same(t, "why "+one, func(s replay.Subject) any {
		a, err := why.Ask(ctx, s, i.To, one, why.Options{Depth: 2})
		if err != nil {
			return err.Error()
		}
		return wire.NewWhy(a)
	}, plain, kept)
	sameLogs(t, plain, kept, i)
	bad := rapid.SampledFrom([]string{
		"state.p === 2", "state.list && state.list.length > 2", "!!state.q", "(state.list || []).some(x => x && x.n > 3)",
		"Object.keys(state).length > 4", "event && event.version === 5", "JSON.stringify(state).length % 3 === 0", "state.p.m.x[0] === 1",
		"state.list.map(x => x.n ?? x).indexOf(2) >= 0", "Object.values(state.deep).includes(1)", "'p' in state", "state.hasOwnProperty('q')",
		"state.p > 1", "state.p < 2 || state.q >= 2", "!(state.p <= 3)", "state.p === state.q", "typeof state.p === 'number'", "state.list?.length > 1 && state.p > 0",
		"(state.p ?? 1) * 2 > 3", "(state.list ?? state.tags)?.length >= 3", "state.deep?.a == null", "state.q === null || state.p === undefined",
		"state.p >= 2 ? state.q >= 2 : state.list?.length > 2", "state.q == null ? state.p >= 3 : state.q >= 2", "state.n > 3 ? state.v === 2 : state.at > 4", "state.n > 3",
		"Array.isArray(state.tags) && state.tags.includes('p')", "[...state.tags].length > 3", "state.list.at(-1)?.n === 1",
		"Object.entries(state).find(([k, v]) => v === 2) !== undefined", "`${state.tags}`.length > 5", "state.p == state.q",
		"(({p, ...rest}) => rest.q !== undefined)(state)", "structuredClone(state.list).length === 1", "state.list.slice(1).length > 0 && !state.p",
		"(() => { for (const k in state) if (k === 'q') return true; return false })()", "state.deep.a?.b[1]?.n === 1 || state.totl",
	}).Draw(t, "bad")
	same(t, "bisect "+bad, func(s replay.Subject) any {
		p, err := js.CompilePredicate(bad, "bad", js.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := bisect.Run(ctx, s, inspect.Condition{Text: bad, Predicate: p}, bisect.Options{From: i.From, To: i.To, Explain: true})
		if err != nil {
			return err.Error()
		}
		return []any{wire.NewBisected(r), r.Tests, r.FlipCount, r.Flips}
	}, plain, kept)
}

func same(t *rapid.T, what string, ask func(replay.Subject) any, plain, kept replay.Subject) {
	t.Helper()
	var out [2]string
	for i, s := range []replay.Subject{plain, kept} {
		text, err := json.MarshalIndent(ask(s), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out[i] = string(text)
	}
	if out[0] != out[1] {
		t.Fatalf("%s: %s\nwith kept states: %s", what, out[0], out[1])
	}
}

func name(o *inspect.Origin) string {
	switch {
	case o == nil:
		return "init"
	case o.Event == nil:
		return fmt.Sprint("before ", o.Before())
	}
	return fmt.Sprint(o.Moment.Version(), " ", o.Event.Type, " ", o.Event.ID)
}

func spots(s inspect.Spot, f func(inspect.Spot)) {
	f(s)
	n := s.Value.Node()
	if n == nil {
		return
	}
	for i := range n.Elems() {
		spots(s.Elem(i), f)
	}
	n.Each(func(key string, _ state.Value) bool {
		spots(s.Member(key), f)
		return true
	})
}
