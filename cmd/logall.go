package cmd

import (
	"iter"
	"slices"
	"strings"

	"asof/cmd/render"
	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// logAll lists the whole store. What changed is that of each stream's own state,
// folded by the projection that is for it.
func (a *app) logAll(s *workspace.Store, lo inspect.LogOptions, o logOptions) error {
	all := s.Whole()
	i, err := all.Interval(a.ctx, o.at)
	if err != nil {
		return err
	}
	span, ok := i.Span()
	if !ok {
		a.note("empty", "no event is in that range")
		return nil
	}
	lo.Span = span
	shard, err := o.shard()
	if err != nil {
		return err
	}
	whole := replay.NewWhole(replay.Sharded(s.Reader, shard))
	cut := replay.HeadCut(i.To)
	if o.at != "" { // the range is of the whole store, whatever the shard
		cuts, _, err := whole.Cuts(a.ctx, all.Timeline, replay.AtVersion(*i.To.Version))
		if err != nil {
			return err
		}
		cut = cuts[0]
	}
	tl := all.Timeline
	tl.Reader = whole.Reader
	if !o.patch && !lo.Filter.Folds() {
		return a.printLog(inspect.Log(a.ctx, replay.Subject{Timeline: tl}, lo), render.LogOptions{Many: true, Changes: lo.Changes}, tl, lo.Filter)
	}
	account := replay.Account{}
	lo.Folded = &account.Tally
	folds, err := a.eachStream(o.foldFlags)
	if err != nil {
		return err
	}
	defer folds.Close()
	if err := a.printLog(inspect.LogAll(a.ctx, whole, folds.For(a.ctx), cut, lo), render.LogOptions{Many: true, Changes: lo.Changes}, tl, lo.Filter); err != nil {
		return err
	}
	folds.NoteWarnings()
	a.notices(append(whole.Notices(), account.Notices()...))
	return nil
}

// printLog prints entries as they come. A log that lists nothing says so, and
// names the types that may have been meant.
func (a *app) printLog(seq iter.Seq2[*inspect.Entry, error], v render.LogOptions, tl *replay.Timeline, f inspect.Filter) error {
	p, listed, types := a.out(), 0, f.Types
	var shown inspect.Untimed
	err := p.Log(func(yield func(*inspect.Entry, error) bool) {
		for e, err := range seq {
			if err == nil {
				listed++
				shown.Add(e.Event)
			}
			if !yield(e, err) {
				return
			}
		}
	}, v)
	if ferr := p.Flush(); err == nil {
		err = ferr
	}
	if err == nil {
		err = a.untimed(tl.Reader, shown, *f.Untimed, listed)
	}
	if err != nil || listed > 0 {
		return err
	}
	text := "no event fits"
	if len(types) > 0 {
		near, err := a.nearTypes(tl, types)
		if err != nil {
			return err
		}
		if len(near) > 0 {
			text += "; did you mean --type " + strings.Join(near, " or ") + "?"
		}
	}
	a.note("empty", text)
	return nil
}

// nearTypes returns types that the timeline has, for those that it has not.
func (a *app) nearTypes(tl *replay.Timeline, types []string) ([]string, error) {
	var have []string
	skip := replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime
	for e, err := range tl.List(a.ctx, replay.Listing{Skip: skip}) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(have, e.Type) {
			have = append(have, e.Type)
		}
	}
	var near []string
	for _, t := range types {
		if !slices.Contains(have, t) {
			near = append(near, fault.Near(t, have, 1)...)
		}
	}
	return near, nil
}
