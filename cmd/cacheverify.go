package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/check"
	"asof/inspect/wire"
)

// cacheVerifyOptions hold one question: about the states of a stream, a check or a
// bisection of all streams.
type cacheVerifyOptions struct {
	states    *ask.KeptStates
	check     *ask.KeptCheck
	bisectAll *ask.KeptBisectAll
}

// newCacheVerifyCmd returns the cache verify command. A nil runF asks the question.
func newCacheVerifyCmd(a *app, runF func(cacheVerifyOptions) error) *cobra.Command {
	var f checkFlags
	if runF == nil {
		runF = a.runCacheVerify
	}
	c := &cobra.Command{
		Use:   "verify STORE [STREAM]",
		Short: "Check the cache against a full replay",
		Long: `Fold a stream from its first event and compare each of its cached states with
the result. Without STREAM, fold every stream and compare the cached findings of
the last check of the same invariants or, given one --bad or --good without a
name, of the last bisect --all of that condition. The columns of tables that
query has cached are compared as well. Stale and wrong entries are removed. Only
a fold that is not deterministic produces wrong states.` + exits("1    a cached entry was wrong", exitNoStream, exitNoFold),
		Example: "  asof cache verify shop.db cart-42\n  asof cache verify shop.db cart-42 --fold cart.js\n  asof cache verify shop.db\n  asof cache verify shop.db --bad 'state.total < 0'",
		Args:    args(1, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error {
			o, err := f.kept(args)
			if err != nil {
				return err
			}
			return runF(o)
		},
	}
	f.add(a, c)
	return c
}

// kept returns the question about STORE [STREAM]. Without STREAM, it is about the last
// bisect --all if a single unnamed condition is given, and else about the last check.
func (f checkFlags) kept(args []string) (o cacheVerifyOptions, err error) {
	if len(args) == 2 {
		if f.good != nil || f.bad != nil || f.shard != "" {
			return o, usagef("leave out the stream, or the flags of a check", "--good, --bad or --shard with a stream")
		}
		t, err := pointFlags{targetFlags: f.targetFlags}.timeline(args[0], args[1])
		o.states = &ask.KeptStates{Timeline: t}
		return o, err
	}
	cond := f.unnamed()
	if !cond.Given() {
		q, err := f.question(args[0])
		o.check = &ask.KeptCheck{CheckStore: q}
		return o, err
	}
	how, err := f.one()
	o.bisectAll = &ask.KeptBisectAll{BisectAll: ask.BisectAll{StoreRef: f.of(args[0]), Folding: how, Condition: cond, Shard: f.shard}}
	return o, err
}

func (a *app) runCacheVerify(o cacheVerifyOptions) error {
	switch {
	case o.check != nil:
		return askOne(a, o.check.Ask, func(k *ask.KeptScans) error { return a.printScanProof(k.JSON()) })
	case o.bisectAll != nil:
		return askOne(a, o.bisectAll.Ask, func(proof *check.Proof) error { return a.printScanProof(wire.NewScanProof(proof, nil)) })
	}
	return askOne(a, o.states.Ask, func(proof *wire.StatesProof) error {
		p := a.out()
		p.StatesProved(*proof)
		if err := p.Flush(); err != nil {
			return err
		}
		if len(proof.Wrong) > 0 {
			return findingsError{}
		}
		return nil
	})
}

// unnamed returns the only condition if it has no name.
func (f checkFlags) unnamed() (cond ask.Condition) {
	switch {
	case len(f.bad) == 1 && f.good == nil:
		cond.Bad = f.bad[0]
	case len(f.good) == 1 && f.bad == nil:
		cond.Good = f.good[0]
	}
	if _, _, named := cutRule(cond.Bad + cond.Good); named {
		cond = ask.Condition{}
	}
	return cond
}

func (a *app) printScanProof(proof wire.ScanProof) error {
	p := a.out()
	p.ScanProved(proof)
	if err := p.Flush(); err != nil {
		return err
	}
	if proof.Wrong || slices.ContainsFunc(proof.Tables, func(t wire.TableProof) bool { return t.Wrong }) {
		return findingsError{}
	}
	return nil
}
