package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
)

// checkFlags say what to check.
type checkFlags struct {
	targetFlags
	shard     string
	good, bad []string // NAME=EXPR
}

func (f *checkFlags) add(a *app, c *cobra.Command) {
	f.targetFlags.add(a, c)
	fl := c.Flags()
	addShard(fl, &f.shard)
	fl.StringArrayVar(&f.good, "good", nil, "an invariant, as NAME=EXPR: a state is good if the expression is true")
	fl.StringArrayVar(&f.bad, "bad", nil, "an invariant, as NAME=EXPR: a state is bad if the expression is true")
}

// question returns the question about a store.
func (f checkFlags) question(store string) (q ask.CheckStore, err error) {
	q = ask.CheckStore{StoreRef: f.of(store), Shard: f.shard}
	if q.Folding, err = f.one(); err != nil {
		return q, err
	}
	for _, text := range f.good {
		name, expr, err := readRule("good", text)
		if err != nil {
			return q, err
		}
		q.Invariants = append(q.Invariants, ask.Invariant{Name: name, Condition: ask.Condition{Good: expr}})
	}
	for _, text := range f.bad {
		name, expr, err := readRule("bad", text)
		if err != nil {
			return q, err
		}
		q.Invariants = append(q.Invariants, ask.Invariant{Name: name, Condition: ask.Condition{Bad: expr}})
	}
	return q, nil
}

// checkVerbFlags are the flags of check that cache verify doesn't need.
type checkVerbFlags struct {
	checkFlags
	at, memory string
	since      int64
	page       ask.Page
	live       bool
	explain    explainFlags
}

func (f *checkVerbFlags) add(a *app, c *cobra.Command) {
	f.checkFlags.add(a, c)
	fl := c.Flags()
	f.explain.add(fl)
	addAt(fl, &f.at)
	a.addPage(fl, &f.page, 0, "list at most this many findings")
	fl.Int64Var(&f.since, "since-position", 0, "report only what became bad after this position")
	fl.StringVar(&f.memory, "memory", "", "approximate memory limit for all states, such as 500MB (default: none)")
}

func (f checkVerbFlags) question(store string) (q ask.CheckStore, err error) {
	if q, err = f.checkFlags.question(store); err != nil {
		return q, err
	}
	q.At, q.Page = f.at, f.page
	q.Memory, err = parseSize(f.memory)
	return q, err
}
