package cmd

import (
	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/check"
	"asof/replay"
)

type checkOptions struct {
	ask.CheckStore
	junit      output // where the report is written; no name: nowhere
	allowEmpty bool
}

// checkFlags say what is checked.
type checkFlags struct {
	targetFlags
	shard     string
	good, bad []string // NAME=EXPR
}

func (f *checkFlags) add(a *app, c *cobra.Command) {
	f.targetFlags.add(a, c)
	fl := c.Flags()
	addShard(fl, &f.shard)
	fl.StringArrayVar(&f.good, "good", nil, "an invariant, as NAME=EXPR: states are good where the expression holds")
	fl.StringArrayVar(&f.bad, "bad", nil, "an invariant, as NAME=EXPR: states are bad where the expression holds")
}

// newCheckCmd parses a question for runF, or else asks it.
func newCheckCmd(a *app, runF func(checkOptions) error) *cobra.Command {
	o := checkOptions{junit: output{ours: render.IsJUnit, next: "name another file, or give --force to replace it"}}
	var f checkVerbFlags
	if runF == nil {
		runF = a.runCheck
	}
	c := &cobra.Command{
		Use:   "check STORE",
		Short: "Test invariants over every stream",
		Long: `Test the invariants of asof.toml, and those given by --good and --bad, after
every event of every stream, in one pass over the store. For each violation it
names the stream and the event that brought it in, since when it is so, and
whether the stream recovered.

The invariants of asof.toml are for the streams of their projection. Those of
the command line are for every stream, or with --projection for the streams of
that one. States are those of single streams, whatever else a projection would
take in. A stream that can't be folded is reported and does not stop the rest.

Where payloads can't be read, it is not known whether an invariant holds, and an
invariant that is for no stream was not tested. Both are findings, the second
unless --allow-empty.

What was found is kept in your cache folder. While the store only grows, the
next check of the same goes on from there: streams with new events, and those
that failed, are folded again, and the answer is that of a whole check. --help
of asof cache says of what nothing is kept; --no-cache folds everything.

--at checks the store as it was. --since-position N reports only what turned bad
after position N. --memory bounds what all states take; past it, states wait on
disk. --shard I/N looks at one of N parts of the streams, so that N processes
can share the work; asof merge-reports joins what they print with --json.` + exits("1    an invariant is violated, is for no stream, or is not known to hold: a stream\n     could not be folded, judged or read"),
		Example: `  asof check shop.db
  asof check shop.db --good 'never negative=state.total >= 0'
  asof check shop.db --projection cart --bad 'too much=state.items.length > 100'
  asof check shop.db --at 2026-03-01 --junit report.xml
  asof check shop.db --since-position 48210 --memory 500MB`,
		Args: args(1, 1, "STORE"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if o.CheckStore, err = f.question(args[0]); err != nil {
				return err
			}
			if c.Flags().Changed("since-position") {
				o.Since = (*replay.Position)(&f.since)
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.StringVar(&o.junit.name, "junit", "", "also write the findings to this file, as JUnit XML; - is standard output, instead of the text")
	fl.BoolVar(&o.junit.force, "force", false, "let --junit replace a file that is no report of asof")
	fl.BoolVar(&o.allowEmpty, "allow-empty", false, "an invariant that is for no stream is no finding")
	return c
}

// checkVerbFlags say what is checked, as far as the proof of a kept check has no need
// of it.
type checkVerbFlags struct {
	checkFlags
	at, memory string
	since      int64
}

func (f *checkVerbFlags) add(a *app, c *cobra.Command) {
	f.checkFlags.add(a, c)
	fl := c.Flags()
	addAt(fl, &f.at)
	fl.Int64Var(&f.since, "since-position", 0, "report only what turned bad after this position")
	fl.StringVar(&f.memory, "memory", "", "about how much memory all states may take, such as 500MB (default: no bound)")
}

func (f checkVerbFlags) question(store string) (q ask.CheckStore, err error) {
	if q, err = f.checkFlags.question(store); err != nil {
		return q, err
	}
	q.At = f.at
	q.Memory, err = parseSize(f.memory)
	return q, err
}

// question is the question about a store.
func (f checkFlags) question(store string) (q ask.CheckStore, err error) {
	q = ask.CheckStore{StoreRef: f.of(store), Shard: f.shard}
	if q.Folding, err = f.one(); err != nil {
		return q, err
	}
	for _, text := range f.good {
		name, expr, ok := cutRule(text)
		if !ok {
			return q, usagef("write it as --good 'never negative=state.total >= 0'", "bad --good %q: it has no name", text)
		}
		q.Invariants = append(q.Invariants, ask.Invariant{Name: name, Condition: ask.Condition{Good: expr}})
	}
	for _, text := range f.bad {
		name, expr, ok := cutRule(text)
		if !ok {
			return q, usagef("write it as --bad 'negative=state.total < 0'", "bad --bad %q: it has no name", text)
		}
		q.Invariants = append(q.Invariants, ask.Invariant{Name: name, Condition: ask.Condition{Bad: expr}})
	}
	return q, nil
}

func (a *app) runCheck(o checkOptions) error {
	if o.junit.name != "" {
		o.Ready = func() error { return a.mayWrite(o.junit) } // say so before the work
	}
	return askOne(a, o.Ask, func(ans *check.Result) error { return a.printChecked(ans, o) })
}
