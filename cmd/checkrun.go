package cmd

import (
	"fmt"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/snapshot"
)

// checkRun is a check that the command line asks for.
type checkRun struct {
	reader replay.Reader
	store  *check.Store
	rules  *checkRules
	shard  replay.Shard
	at     string
	since  *replay.Position
	memory int64
}

// newCheck prepares a check of an open store.
func (a *app) newCheck(r replay.Reader, rules []checkRule, f foldFlags, shard replay.Shard) (*checkRun, error) {
	how, err := f.one()
	if err != nil {
		return nil, err
	}
	return &checkRun{
		reader: r, store: check.NewStore(r, shard), shard: shard,
		rules: &checkRules{w: a.work(), how: how, all: rules},
	}, nil
}

// runCheck checks the store, and notes what is to know about the answer.
func (a *app) runCheck(r *checkRun) (*check.Result, error) {
	o, err := a.checkOptions(r)
	if err != nil {
		return nil, err
	}
	if r.since != nil && !r.reader.Info().HasPositions {
		return nil, &replay.UnsupportedError{Dialect: r.reader.Info().Dialect, Lacks: "positions", Next: fault.Try("leave out --since-position")}
	}
	total := int64(-1)
	if m := o.UpTo.Moment; !m.IsStart() && m.Position != replay.NoPosition {
		total = int64(m.Position)
	}
	bar := a.progress("events", total)
	o.Progress = bar.add
	ans, err := check.Run(a.ctx, r.store, r.rules, o)
	bar.done()
	if err != nil {
		return nil, err
	}
	a.notices(ans.Notices)
	if ans.Spilled > 0 {
		a.note("memory", fmt.Sprintf("states were put on disk %d times; give --memory more, or none, to be faster", ans.Spilled))
	}
	return ans, nil
}

// checkOptions resolves the moment of the whole store that is asked about, and finds
// where the answer is kept.
func (a *app) checkOptions(r *checkRun) (o check.Options, err error) {
	o = check.Options{Since: r.since, Memory: r.memory, SameNotice: sameNotice}
	if o.UpTo, err = a.checkCut(r); err != nil {
		return o, err
	}
	if !o.CanKeep() {
		return o, nil
	}
	if scan := a.scanOf(r); scan != nil { // a nil scan is no nil interface
		o.Keep = scan
	}
	return o, nil
}

func sameNotice(a, b replay.Notice) bool { return a.Code == b.Code && js.SameWarning(a.Text, b.Text) }

func (a *app) checkCut(r *checkRun) (replay.Cut, error) {
	if info := r.reader.Info(); !info.HasPositions {
		if r.at != "" {
			return replay.Cut{}, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "positions", Next: fault.Try("leave out --at")}
		}
		return r.store.Everything(), nil
	}
	p := replay.Head()
	if r.at != "" {
		var err error
		if p, err = a.work().Point(r.at); err != nil {
			return replay.Cut{}, err
		}
	}
	cut, notices, err := r.store.Cut(a.ctx, p)
	a.notices(notices)
	if err == nil && cut.Moment.IsStart() && r.at != "" {
		err = usagef("name a later point", "nothing had happened at %q", r.at)
	}
	return cut, err
}

// scanOf is where the answer is kept, or nil.
func (a *app) scanOf(r *checkRun) *snapshot.Scan {
	c := a.work().Cache()
	if c == nil {
		return nil
	}
	question, ok := r.rules.question(a.ctx, r.shard)
	if !ok {
		return nil
	}
	about := snapshot.About{Timeline: r.shard.String()}
	for _, rule := range r.rules.all {
		about.Asked = append(about.Asked, rule.Name)
	}
	return c.Scan(r.reader, question, about)
}
