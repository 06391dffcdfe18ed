package cmd

import (
	"iter"

	"asof/cmd/render"
	"asof/inspect"
	"asof/replay"
)

// logAll lists the whole store. What changed is that of each stream's own state,
// folded by the projection that is for it.
func (a *app) logAll(r replay.Reader, lo inspect.LogOptions, o logOptions) error {
	tl := &replay.Timeline{Name: r.Info().Path, Reader: r, Many: true}
	i, err := a.interval(&target{subject: inspect.Subject{Timeline: tl}}, o.at)
	if err != nil {
		return err
	}
	span, ok := i.Span()
	if !ok {
		return nil
	}
	lo.Span = span
	shard, err := o.shard()
	if err != nil {
		return err
	}
	tl.Reader = replay.Sharded(r, shard) // after the range, which is of the whole store
	if !o.patch && !lo.Filter.Folds() {
		return a.printLog(inspect.Log(a.ctx, inspect.Subject{Timeline: tl}, lo), render.LogOptions{Many: true, Changes: lo.Changes})
	}
	folds := a.eachStream(o.foldFlags)
	defer folds.close()
	if err := a.printLog(inspect.LogAll(a.ctx, tl, folds.forStream, lo), render.LogOptions{Many: true, Changes: lo.Changes}); err != nil {
		return err
	}
	folds.note()
	return nil
}

// printLog prints entries as they come.
func (a *app) printLog(seq iter.Seq2[*inspect.Entry, error], v render.LogOptions) error {
	p := a.out()
	err := p.Log(seq, v)
	if ferr := p.Flush(); err == nil {
		err = ferr
	}
	return err
}
