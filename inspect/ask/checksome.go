package ask

import (
	"context"

	"asof/inspect/check"
	"asof/replay"
	"asof/replay/workspace"
)

// Some tests the invariants over some streams only, and looks for no causes. The result is
// that of the whole check, as far as these streams go; nil: there are no invariants, or
// none for these streams. Streams of more than most events are not tested: long names those
// that an invariant is about.
func (q CheckStore) Some(ctx context.Context, s *workspace.Store, streams []replay.Stream, most int64) (found *check.Result, long []replay.StreamID, err error) {
	all, err := projectRules(s.Workspace(), q.Projection)
	if err != nil || len(all)+len(q.Invariants) == 0 {
		return nil, nil, err
	}
	run, err := q.run(s)
	if err != nil {
		return nil, nil, err
	}
	var some []replay.StreamID
	for _, one := range streams {
		if one.Events <= most {
			some = append(some, one.ID)
			continue
		}
		switch about, err := run.isAbout(ctx, one); {
		case err != nil:
			return nil, nil, err
		case about:
			long = append(long, one.ID)
		}
	}
	if some == nil {
		return nil, long, nil
	}
	o := check.Options{Since: run.since, Memory: run.memory, SameNotice: sameNotice, Only: some}
	if o.UpTo, err = run.cut(ctx); err != nil {
		return nil, nil, err
	}
	if found, err = check.Run(ctx, run.store, run.rules, o); err == nil {
		found.Lost, err = s.Reader.Lost(ctx)
	}
	return found, long, err
}

// isAbout reports whether an invariant is about a stream.
func (r *checkRun) isAbout(ctx context.Context, s replay.Stream) (bool, error) {
	w, err := r.rules.Open()
	if err != nil {
		return false, err
	}
	defer w.Close()
	sets, err := w.RuleSets(ctx, s.ID, s.Category)
	return len(sets) > 0, err
}
