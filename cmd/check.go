package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/check"
	"asof/replay"
)

type checkOptions struct {
	targetFlags
	shardFlag
	good, bad []string // NAME=EXPR
	at        string
	since     int64
	hasSince  bool
	junit     string
	force     bool
	memory    string

	allowEmpty bool
}

func (a *app) checkCommand() *cobra.Command {
	var o checkOptions
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
		RunE: func(c *cobra.Command, args []string) error {
			o.hasSince = c.Flags().Changed("since-position")
			return a.check(args[0], o)
		},
	}
	o.add(a, c)
	fl := c.Flags()
	addAt(fl, &o.at)
	fl.Int64Var(&o.since, "since-position", 0, "report only what turned bad after this position")
	fl.StringVar(&o.junit, "junit", "", "also write the findings to this file, as JUnit XML; - is standard output, instead of the text")
	fl.BoolVar(&o.force, "force", false, "let --junit replace a file that is no report of asof")
	fl.BoolVar(&o.allowEmpty, "allow-empty", false, "an invariant that is for no stream is no finding")
	fl.StringVar(&o.memory, "memory", "", "about how much memory all states may take, such as 500MB (default: no bound)")
	return c
}

// add adds the flags that say what is checked.
func (o *checkOptions) add(a *app, c *cobra.Command) {
	o.targetFlags.add(a, c)
	fl := c.Flags()
	o.shardFlag.add(fl)
	fl.StringArrayVar(&o.good, "good", nil, "an invariant, as NAME=EXPR: states are good where the expression holds")
	fl.StringArrayVar(&o.bad, "bad", nil, "an invariant, as NAME=EXPR: states are bad where the expression holds")
}

// checkOf opens the store for a check.
func (a *app) checkOf(storeName string, o checkOptions) (*checkRun, error) {
	rules, err := a.invariants(o)
	if err != nil {
		return nil, err
	}
	shard, err := o.shard()
	if err != nil {
		return nil, err
	}
	r, err := a.open(storeName, o.storeFlags)
	if err != nil {
		return nil, err
	}
	run, err := a.newCheck(r.Reader, rules, o.foldFlags, shard)
	if err != nil {
		_ = r.Close()
		return nil, err
	}
	run.at = o.at
	return run, nil
}

func (a *app) check(storeName string, o checkOptions) error {
	memory, err := parseSize(o.memory)
	if err != nil {
		return err
	}
	run, err := a.checkOf(storeName, o)
	if err != nil {
		return err
	}
	defer run.reader.Close()
	junit := output{name: o.junit, ours: render.IsJUnit, force: o.force, next: "name another file, or give --force to replace it"}
	if o.junit != "" {
		if err := a.mayWrite(junit); err != nil {
			return err
		}
	}
	run.memory = memory
	if o.hasSince {
		since := replay.Position(o.since)
		run.since = &since
	}
	ans, err := a.runCheck(run)
	if err != nil {
		return err
	}
	// A part of the streams, or of the events, may well have none.
	allowEmpty := o.allowEmpty || !run.shard.IsAll() || o.hasSince
	if o.junit != "" {
		if err := a.writeJUnit(junit, storeName, ans, allowEmpty); err != nil {
			return err
		}
	}
	if o.junit != "-" {
		p := a.out()
		p.Checked(ans, render.CheckOptions{Next: a.checkNext(storeName, ans, o), Since: run.since, AllowEmpty: allowEmpty})
		if err := p.Flush(); err != nil {
			return err
		}
	}
	f := ans.Findings()
	if allowEmpty {
		f.Empty = 0
	}
	if f.Any() {
		return findingsError{}
	}
	return nil
}

func (a *app) writeJUnit(o output, storeName string, ans *check.Result, allowEmpty bool) error {
	f, err := a.create(o)
	if err != nil {
		return err
	}
	defer f.discard()
	if err := render.JUnit(f, storeName, ans, allowEmpty); err != nil {
		return err
	}
	return f.keep()
}

// checkNext are the commands to type next.
func (a *app) checkNext(storeName string, ans *check.Result, o checkOptions) []string {
	for i, inv := range ans.Invariants {
		if len(inv.Violations) == 0 {
			continue
		}
		v := inv.Violations[0]
		flag, expr := a.ruleText(i, o)
		return []string{
			"asof " + commandLine([]string{"show", storeName, fmt.Sprintf("%s@%d", v.Stream, v.Culprit.Version)}),
			"asof " + commandLine([]string{"bisect", storeName, string(v.Stream), flag, expr}),
			"asof " + commandLine([]string{"shrink", storeName, string(v.Stream), flag, expr}),
		}
	}
	return nil
}

// parseSize reads a number of bytes such as 500MB; 0 is none given.
func parseSize(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	bad := usagef("write a number with B, KB, MB or GB, such as 500MB", "bad --memory %q", text)
	upper := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(text)), "B")
	shift := 0
	for unit, s := range map[string]int{"K": 10, "KI": 10, "M": 20, "MI": 20, "G": 30, "GI": 30} {
		if rest, ok := strings.CutSuffix(upper, unit); ok {
			upper, shift = rest, s
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(upper), 10, 32)
	if err != nil || n <= 0 {
		return 0, bad
	}
	return n << shift, nil
}
