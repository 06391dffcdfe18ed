package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
	"asof/inspect/check"
	"asof/inspect/wire"
)

func (a *app) cacheVerifyCommand() *cobra.Command {
	var o checkFlags
	c := &cobra.Command{
		Use:   "verify STORE [STREAM]",
		Short: "Prove what is kept against a full replay",
		Long: `Fold a stream from its first event and compare each state that is kept of it
with what comes out. Without STREAM, fold every stream and compare what is kept
of the last check of the same invariants, or, with one --bad or --good that has
no name, of the last bisect --all of the same. What is of a history that the
store no longer has, or is wrong, is removed. Only a fold that gives something
else each time makes wrong states.` + exits("1    what was kept was wrong", exitNoStream, exitNoFold),
		Example: "  asof cache verify shop.db cart-42\n  asof cache verify shop.db cart-42 --fold cart.js\n  asof cache verify shop.db\n  asof cache verify shop.db --bad 'state.total < 0'",
		Args:    args(1, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.cacheVerifyCheck(args[0], o)
			}
			if o.good != nil || o.bad != nil || o.shard != "" {
				return usagef("leave out the stream, or what is for a check", "--good, --bad or --shard with a stream")
			}
			return a.cacheVerify(args[0], args[1], o.targetFlags)
		},
	}
	o.add(a, c)
	return c
}

func (a *app) cacheVerify(storeName, name string, o targetFlags) error {
	r, err := a.open(storeName, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	t, err := a.target(r, name, o.foldFlags)
	if err != nil {
		return err
	}
	defer t.Close()
	l := t.Lane()
	if l == nil {
		return usagef("asof cache --help says of what", "no states are kept of %s folded by %s", t.Subject.Timeline.Name, t.How.Name)
	}
	out, err := l.Verify(a.ctx)
	if err != nil {
		return err
	}
	p := a.out()
	p.StatesProved(wire.NewStatesProof(t.Subject.Timeline.Name, out.States, out.Stale, out.Wrong))
	if err := p.Flush(); err != nil {
		return err
	}
	if len(out.Wrong) > 0 {
		return findingsError{}
	}
	return nil
}

// cacheVerifyCheck checks a store from the start, up to where the last check, or
// bisect --all, of the same came. That was a bisect --all if one condition is given
// that has no name.
func (a *app) cacheVerifyCheck(storeName string, f checkFlags) error {
	cond := f.unnamed()
	if !cond.Given() {
		q, err := f.question(storeName)
		if err != nil {
			return err
		}
		return askOne(a, ask.KeptCheck{CheckStore: q}.Ask, a.printScanProof)
	}
	how, err := f.one()
	if err != nil {
		return err
	}
	q := ask.BisectAll{StoreRef: f.of(storeName), Folding: how, Condition: cond, Shard: f.shard}
	return askOne(a, ask.KeptBisectAll{BisectAll: q}.Ask, a.printScanProof)
}

// unnamed is the one condition, if it has no name.
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

func (a *app) printScanProof(proof *check.Proof) error {
	p := a.out()
	p.ScanProved(wire.ScanProof{Position: (*int64)(proof.Position), Stale: proof.Stale, Wrong: proof.Wrong})
	if err := p.Flush(); err != nil {
		return err
	}
	if proof.Wrong {
		return findingsError{}
	}
	return nil
}
