package cmd

import (
	"asof/inspect"
	"asof/replay"
)

// diffAll compares the states of all streams at two moments.
func (a *app) diffAll(args []string, o diffOptions) error {
	if o.stat || o.format != "" || o.storeB != "" || o.at != "" || len(o.folds) > 1 {
		return usagef("asof diff STORE --all A B", "--all counts by itself and takes two points, such as 2026-01-22 and now")
	}
	var points [2]replay.Point
	for i, text := range args[1:] {
		var err error
		if points[i], err = replay.ParsePoint(text, a.env()); err != nil {
			return err
		}
	}
	r, err := a.open(args[0], o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	whole := replay.NewWhole(r.Reader)
	cuts, notices, err := whole.Cuts(a.ctx, r.Timeline(), points[:]...)
	a.notices(notices)
	if err != nil {
		return err
	}
	if from, to := cuts[0].Moment, cuts[1].Moment; !from.IsStart() && (to.IsStart() || *to.Version < *from.Version) {
		return usagef("asof diff "+args[0]+" --all "+args[2]+" "+args[1], "%q is after %q", args[1], args[2])
	}
	folds, err := a.eachStream(o.foldFlags)
	if err != nil {
		return err
	}
	defer folds.Close()
	ans, err := inspect.DiffAll(a.ctx, whole, folds.For(a.ctx), cuts[0], cuts[1], o.limit)
	if err != nil {
		return err
	}
	account := replay.Account{Tally: ans.Tally}
	a.notices(append(whole.Notices(), account.Notices()...))
	p := a.out()
	p.AllDiffed(ans)
	if err := p.Flush(); err != nil {
		return err
	}
	folds.NoteWarnings()
	if o.exitCode && ans.Changed > 0 {
		return findingsError{}
	}
	return nil
}
