package ask

import (
	"context"
	"fmt"

	"asof/inspect/check"
	"asof/inspect/contrast"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/snapshot"
	"asof/replay/workspace"
)

// checkRun is a check of an open store.
type checkRun struct {
	of     *workspace.Store
	store  *check.Store
	rules  *checkRules
	shard  replay.Shard
	at     string
	since  *replay.Position
	memory int64
	study  *contrast.Study // watches the check; nil: nothing is explained
	upTo   replay.Cut      // of the check, once it has run
}

// newCheckRun prepares a check by rules.
func newCheckRun(s *workspace.Store, rules []checkRule, how workspace.Folding, shard string) (*checkRun, error) {
	part, err := ParseShard(shard)
	if err != nil {
		return nil, err
	}
	return &checkRun{
		of: s, store: check.NewStore(s.Reader, part), shard: part,
		rules: &checkRules{w: s.Workspace(), how: how, all: rules},
	}, nil
}

// run checks the store, and adds notices about the answer. What is lost is in the answer.
func (r *checkRun) run(ctx context.Context) (*check.Result, error) {
	w := r.of.Workspace()
	o, err := r.options(ctx)
	if err != nil {
		return nil, err
	}
	if info := r.of.Info(); r.since != nil && !info.Has("positions") {
		return nil, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "positions", Next: fault.Remedy{}.Without("since-position")}
	}
	ans, err := r.metered(ctx, o)
	if err == nil {
		ans.Lost, err = r.of.Reader.Lost(ctx)
	}
	if err != nil {
		return nil, err
	}
	w.Notices(ans.Notices)
	if ans.Spilled > 0 {
		w.Note("memory", fmt.Sprintf("states were spilled to disk %s; raise or remove %s to be faster",
			replay.Counted(ans.Spilled, "time", "times"), w.Option("memory")))
	}
	return ans, nil
}

// findCauses finds the causes of the violations that are listed. Those of a shard are left
// out, so that merged reports do not depend on the number of shards.
func (r *checkRun) findCauses(ctx context.Context, listed *check.Result) error {
	if !r.shard.IsAll() {
		return nil
	}
	return check.FindCauses(ctx, r.store, r.rules, listed)
}

// metered checks the store and reports progress.
func (r *checkRun) metered(ctx context.Context, o check.Options) (*check.Result, error) {
	total := int64(-1)
	if m := o.UpTo.Moment; !m.IsStart() && m.Position != replay.NoPosition {
		total = int64(m.Position)
	}
	meter := r.of.Workspace().Work("events", total)
	defer meter.Done()
	o.Progress = meter.Add
	if r.study != nil {
		o.Watches, r.upTo = r.study.Watches, o.UpTo
	}
	return check.Run(ctx, r.store, r.rules, o)
}

// verify compares the cached answer with a full check.
func (r *checkRun) verify(ctx context.Context) (*check.Proof, error) {
	o, err := r.options(ctx)
	if err != nil {
		return nil, err
	}
	if o.Keep == nil {
		return nil, workspace.Usage(fault.Try("see its help for what is cached").By("cache").With("help"), "no check of %s with these invariants is cached", r.of.Ref.Store)
	}
	proof, err := check.Verify(ctx, r.store, r.rules, o)
	if err != nil {
		return nil, err
	}
	return &proof, nil
}

// options resolves the moment of the question, and finds the cached answer.
func (r *checkRun) options(ctx context.Context) (o check.Options, err error) {
	o = check.Options{Since: r.since, Memory: r.memory, SameNotice: sameNotice}
	if o.UpTo, err = r.cut(ctx); err != nil {
		return o, err
	}
	if !o.CanKeep() || r.study != nil {
		return o, nil
	}
	if scan := r.scan(ctx); scan != nil { // a nil *snapshot.Scan is not a nil interface
		o.Keep = scan
	}
	return o, nil
}

func sameNotice(a, b replay.Notice) bool { return a.Code == b.Code && js.SameWarning(a.Text, b.Text) }

// cut resolves the moment of the question.
func (r *checkRun) cut(ctx context.Context) (replay.Cut, error) {
	w := r.of.Workspace()
	if info := r.of.Info(); !info.Has("positions") {
		if r.at != "" {
			return replay.Cut{}, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "positions", Next: fault.Remedy{}.Without("at")}
		}
		return r.store.Everything(), nil
	}
	p := replay.Head()
	if r.at != "" {
		var err error
		if p, err = w.Point(r.at); err != nil {
			return replay.Cut{}, err
		}
	}
	cut, notices, err := r.store.Cut(ctx, p)
	w.Notices(notices)
	if err == nil && cut.Moment.IsStart() && r.at != "" {
		err = workspace.Usagef("name a later point", "there are no events up to %q", r.at)
	}
	return cut, err
}

// scan returns the cache entry for the answer, or nil.
func (r *checkRun) scan(ctx context.Context) *snapshot.Scan {
	c := r.of.Workspace().Cache()
	if c == nil {
		return nil
	}
	question, ok := r.rules.question(ctx, r.shard)
	if !ok {
		return nil
	}
	about := snapshot.About{Timeline: r.shard.String()}
	for _, rule := range r.rules.all {
		about.Asked = append(about.Asked, rule.Name)
	}
	return c.Scan(r.of.Reader, question, about)
}
