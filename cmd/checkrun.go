package cmd

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
)

// checkRun is one check of a store: of all its events, or of those since the last.
type checkRun struct {
	*app
	reader replay.Reader
	whole  *replay.Whole // of the shard
	rules  []checkRule
	flags  foldFlags
	at     string
	since  *replay.Position
	memory int64
	shard  replay.Shard
}

func (r *checkRun) check() (*check.Result, error) {
	upTo, err := r.upTo()
	if err != nil {
		return nil, err
	}
	if r.since != nil && !r.reader.Info().HasPositions {
		return nil, &replay.UnsupportedError{Dialect: r.reader.Info().Dialect, Lacks: "positions", Next: fault.Try("leave out --since-position")}
	}
	kept := r.kept(upTo)
	if err := kept.load(upTo); err != nil {
		return nil, err
	}
	ans, notes, err := r.pass(upTo, kept)
	if errors.Is(err, check.ErrRewritten) {
		kept.drop()
		ans, notes, err = r.pass(upTo, kept)
	}
	if err != nil {
		return nil, err
	}
	notes = kept.save(ans, notes)
	r.notices(notes)
	kept.note(ans)
	if ans.Spilled > 0 {
		r.note("memory", fmt.Sprintf("states were put on disk %d times; give --memory more, or none, to be faster", ans.Spilled))
	}
	return ans, nil
}

// pass reads the store once. It returns what the reader of the answer should know
// of how streams were folded, too.
func (r *checkRun) pass(upTo replay.Cut, kept *keptCheck) (*check.Result, []replay.Notice, error) {
	plan := check.Plan{Invariants: r.invariants(), UpTo: upTo, Since: r.since, Memory: r.memory}
	kept.plan(&plan)
	var lanes []*checkLane
	defer func() {
		for _, l := range lanes {
			l.close()
		}
	}()
	for range min(runtime.GOMAXPROCS(0), 8) {
		l, err := r.lane()
		if err != nil {
			return nil, nil, err
		}
		lanes = append(lanes, l)
		plan.Workers = append(plan.Workers, l)
		if r.memory > 0 {
			s, err := newSpill()
			if err != nil {
				return nil, nil, err
			}
			defer s.close()
			plan.Spills = append(plan.Spills, s)
		}
	}
	total := int64(-1)
	if m := upTo.Moment; !m.IsStart() && m.Position != replay.NoPosition {
		total = int64(m.Position)
	}
	bar := r.progress("events", total)
	plan.Progress = bar.add
	ans, err := check.Run(r.ctx, r.whole, plan)
	bar.done()
	if err != nil {
		return nil, nil, err
	}
	ans.Shard = r.shard
	return ans, append(append(laneNotes(lanes), r.whole.Notices()...), ans.Notices()...), nil
}

func (r *checkRun) invariants() []check.Invariant {
	var all []check.Invariant
	for _, rule := range r.rules {
		all = append(all, rule.Invariant)
	}
	return all
}

// everything is the whole store as a timeline.
func (r *checkRun) everything() *replay.Timeline {
	return &replay.Timeline{Name: r.reader.Info().Path, Reader: r.reader, Many: true}
}

// upTo resolves the moment of the whole store that is asked about, whatever the
// shard.
func (r *checkRun) upTo() (replay.Cut, error) {
	r.whole = replay.NewWhole(replay.Sharded(r.reader, r.shard))
	info := r.reader.Info()
	if !info.HasPositions {
		if r.at != "" {
			return replay.Cut{}, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "positions", Next: fault.Try("leave out --at")}
		}
		return replay.Cut{Moment: r.everything().Start()}, nil
	}
	p := replay.Head()
	if r.at != "" {
		var err error
		if p, err = r.work().Point(r.at); err != nil {
			return replay.Cut{}, err
		}
	}
	cuts, notices, err := r.whole.Cuts(r.ctx, r.everything(), p)
	r.notices(notices)
	if err != nil {
		return replay.Cut{}, err
	}
	if cuts[0].Moment.IsStart() && r.at != "" {
		return cuts[0], usagef("name a later point", "nothing had happened at %q", r.at)
	}
	return cuts[0], nil
}

// laneNotes are what the reader of the answer should know, each thing once.
func laneNotes(lanes []*checkLane) []replay.Notice {
	var all []replay.Notice
	note := func(code, text string) {
		all = addNotes(all, replay.Notice{Code: replay.NoticeCode(code), Text: text})
	}
	for _, l := range lanes {
		for _, h := range l.folds {
			for _, w := range h.Warnings() {
				note("warning", w)
			}
			if h.Guessed {
				note("merge", "streams without a projection were folded by merge")
			}
		}
		for _, c := range l.conds {
			if w, ok := c.Predicate.(replay.Warner); ok {
				for _, text := range w.Warnings() {
					note("warning", text)
				}
			}
		}
	}
	return all
}

// addNotes adds what is not said already.
func addNotes(all []replay.Notice, more ...replay.Notice) []replay.Notice {
	for _, n := range more {
		said := func(o replay.Notice) bool { return o.Code == n.Code && js.SameWarning(o.Text, n.Text) }
		if !slices.ContainsFunc(all, said) {
			all = append(all, n)
		}
	}
	return all
}
