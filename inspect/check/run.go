package check

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"asof/replay"
)

// A Store is the subject of a check: all streams of a store, or those of a shard.
type Store struct {
	all   *replay.Timeline
	whole *replay.Whole // of the shard
	shard replay.Shard
}

// NewStore returns the streams of a reader that belong to a shard.
func NewStore(r replay.Reader, shard replay.Shard) *Store {
	return &Store{
		all:   &replay.Timeline{Name: r.Info().Path, Reader: r, Many: true},
		whole: replay.NewWhole(replay.Sharded(r, shard)), shard: shard,
	}
}

// Cut resolves a point of the whole store, whatever the shard.
func (s *Store) Cut(ctx context.Context, p replay.Point) (replay.Cut, []replay.Notice, error) {
	cuts, notices, err := s.whole.Cuts(ctx, s.all, p)
	if err != nil {
		return replay.Cut{}, notices, err
	}
	return cuts[0], notices, nil
}

// Everything is the cut of a store without positions: all of it.
func (s *Store) Everything() replay.Cut { return replay.Cut{Moment: s.all.Start()} }

// Rules are the invariants of a check and the folds they need.
type Rules interface {
	Invariants() []Invariant

	// Open returns the rules of one worker.
	Open() (WorkerRules, error)
}

// WorkerRules are the rules of one worker.
type WorkerRules interface {
	Folds

	// Notices returns remarks of the folds and expressions.
	Notices() []replay.Notice

	Close()
}

// Options limit a check, and say where its answer is cached.
type Options struct {
	UpTo     replay.Cut
	Since    *replay.Position // report only what became bad after it; nil: everything
	Keep     Keep             // nil: do not cache
	Memory   int64            // see [Plan]
	Progress func(events int64)
	Only     []replay.StreamID   // see [Plan]
	Watches  func(n int) []Watch // see [Plan]

	// SameNotice reports whether two notices are equivalent; nil: if they are equal.
	SameNotice func(a, b replay.Notice) bool
}

// CanKeep reports whether an answer can be cached: it must depend on nothing but the
// question and the events, and cover all of them.
func (o Options) CanKeep() bool {
	return o.Since == nil && o.Watches == nil && !o.UpTo.Moment.IsStart() && o.UpTo.ByPosition()
}

// maxWorkers is the maximum number of workers.
const maxWorkers = 8

// Run tests invariants over every stream of a store. It resumes from the cached answer
// to the same question: only streams with new events, and streams that failed, are
// folded again. The answer equals that of a full check.
func Run(ctx context.Context, s *Store, rules Rules, o Options) (*Result, error) {
	k := kept{keep: o.Keep, invariants: rules.Invariants()}
	if !o.CanKeep() {
		k.keep = nil
	}
	if err := k.load(ctx, s.all, o.UpTo); err != nil {
		return nil, err
	}
	ans, err := s.pass(ctx, rules, o, &k)
	if errors.Is(err, ErrRewritten) {
		k.drop()
		ans, err = s.pass(ctx, rules, o, &k)
	}
	if err != nil {
		return nil, err
	}
	k.save(ans, o.addNotices)
	ans.Notices = k.withNotices(ans)
	return ans, nil
}

// pass reads the store once.
func (s *Store) pass(ctx context.Context, rules Rules, o Options, k *kept) (*Result, error) {
	plan := Plan{
		Invariants: k.invariants, UpTo: o.UpTo, Since: o.Since, Memory: o.Memory, Progress: o.Progress, Only: o.Only, Watches: o.Watches,
		Keep: k.keep != nil && !k.newer, From: k.from, Same: k.same,
	}
	var opened []WorkerRules
	defer func() {
		for _, w := range opened {
			w.Close()
		}
	}()
	for range min(runtime.GOMAXPROCS(0), maxWorkers) {
		w, err := rules.Open()
		if err != nil {
			return nil, err
		}
		opened = append(opened, w)
		plan.Workers = append(plan.Workers, w)
		if o.Memory > 0 {
			f, err := newSpillFile()
			if err != nil {
				return nil, err
			}
			defer f.close()
			plan.Spills = append(plan.Spills, f)
		}
	}
	ans, err := Pass(ctx, s.whole, plan)
	if err != nil {
		return nil, err
	}
	ans.Shard = s.shard
	for _, w := range opened {
		ans.Notices = o.addNotices(ans.Notices, w.Notices()...)
	}
	ans.Notices = append(append(ans.Notices, s.whole.Notices()...), ans.basis()...)
	return ans, nil
}

// addNotices adds the notices that are not in the list yet.
func (o Options) addNotices(all []replay.Notice, more ...replay.Notice) []replay.Notice {
	same := o.SameNotice
	if same == nil {
		same = func(a, b replay.Notice) bool { return a == b }
	}
	for _, n := range more {
		if !slices.ContainsFunc(all, func(x replay.Notice) bool { return same(x, n) }) {
			all = append(all, n)
		}
	}
	return all
}
