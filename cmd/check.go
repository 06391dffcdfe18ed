package cmd

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect"
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
	memory    string
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

--at checks the store as it was. --since-position N reports only what turned bad
after position N, where the last run ended. --memory bounds what all states
take; past it, states wait on disk. --shard I/N looks at one of N parts of the
streams, so that N processes can share the work; asof merge-reports joins what
they print with --json.` + exits("1    an invariant is violated, or a stream could not be folded or judged"),
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
	o.targetFlags.add(a, c)
	fl := c.Flags()
	o.shardFlag.add(fl)
	addAt(fl, &o.at)
	fl.StringArrayVar(&o.good, "good", nil, "an invariant, as NAME=EXPR: states are good where the expression holds")
	fl.StringArrayVar(&o.bad, "bad", nil, "an invariant, as NAME=EXPR: states are bad where the expression holds")
	fl.Int64Var(&o.since, "since-position", 0, "report only what turned bad after this position")
	fl.StringVar(&o.junit, "junit", "", "also write the findings to this file, as JUnit XML")
	fl.StringVar(&o.memory, "memory", "", "about how much memory all states may take, such as 500MB (default: no bound)")
	return c
}

func (a *app) check(storeName string, o checkOptions) error {
	memory, err := parseSize(o.memory)
	if err != nil {
		return err
	}
	rules, err := a.checkRules(o)
	if err != nil {
		return err
	}
	shard, err := o.shard()
	if err != nil {
		return err
	}
	r, err := a.open(storeName, o.storeFlags)
	if err != nil {
		return err
	}
	defer r.Close()
	run := checkRun{app: a, reader: r, rules: rules, flags: o.foldFlags, at: o.at, memory: memory, shard: shard}
	if o.hasSince {
		since := replay.Position(o.since)
		run.since = &since
	}
	ans, err := run.check()
	if err != nil {
		return err
	}
	if o.junit != "" {
		if err := a.writeJUnit(o.junit, storeName, ans); err != nil {
			return err
		}
	}
	p := a.out()
	p.Checked(ans, render.CheckOptions{Next: a.checkNext(storeName, ans, o), Since: run.since})
	if err := p.Flush(); err != nil {
		return err
	}
	if violations, errs := ans.Findings(); violations+errs > 0 {
		return findingsError{}
	}
	return nil
}

func (a *app) writeJUnit(path, storeName string, ans *inspect.Checked) (err error) {
	f, err := os.Create(a.path(path))
	if err != nil {
		return usagef("name a file that can be written", "--junit %s: %v", path, errors.Unwrap(err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return render.JUnit(f, storeName, ans)
}

// checkNext are the commands to type next.
func (a *app) checkNext(storeName string, ans *inspect.Checked, o checkOptions) []string {
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

// checkRun is one pass over a store.
type checkRun struct {
	*app
	reader replay.Reader
	rules  []checkRule
	flags  foldFlags
	at     string
	since  *replay.Position
	memory int64
	shard  replay.Shard
}

func (r *checkRun) check() (*inspect.Checked, error) {
	upTo, err := r.upTo()
	if err != nil {
		return nil, err
	}
	if r.since != nil && !r.reader.Info().HasPositions {
		return nil, &replay.UnsupportedError{Dialect: r.reader.Info().Dialect, Lacks: "positions", Next: "leave out --since-position"}
	}
	plan := inspect.CheckPlan{UpTo: upTo, Since: r.since, Memory: r.memory}
	for _, rule := range r.rules {
		plan.Invariants = append(plan.Invariants, rule.Invariant)
	}
	var lanes []*checkLane
	defer func() {
		for _, l := range lanes {
			l.close()
		}
	}()
	for range min(runtime.GOMAXPROCS(0), 8) {
		l, err := r.lane()
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, l)
		plan.Lanes = append(plan.Lanes, l)
		if r.memory > 0 {
			s, err := newSpill()
			if err != nil {
				return nil, err
			}
			defer s.close()
			plan.Spills = append(plan.Spills, s)
		}
	}
	total := int64(-1)
	if !upTo.IsStart() && upTo.Position != replay.NoPosition {
		total = int64(upTo.Position)
	}
	bar := r.progress("events", total)
	plan.Progress = bar.add
	// The moment is that of the whole store, whatever the shard.
	ans, err := inspect.Check(r.ctx, replay.Sharded(r.reader, r.shard), plan)
	bar.done()
	if err != nil {
		return nil, err
	}
	ans.Shard = r.shard
	r.laneNotes(lanes, ans)
	return ans, nil
}

// upTo resolves the moment of the whole store that is asked about.
func (r *checkRun) upTo() (replay.Moment, error) {
	info := r.reader.Info()
	tl := &replay.Timeline{Name: info.Path, Reader: r.reader, Many: true}
	if !info.HasPositions {
		if r.at != "" {
			return replay.Moment{}, &replay.UnsupportedError{Dialect: info.Dialect, Lacks: "positions", Next: "leave out --at"}
		}
		return tl.Start(), nil
	}
	m, err := r.moment(&target{subject: inspect.Subject{Timeline: tl}}, r.at)
	if err == nil && m.IsStart() && r.at != "" {
		return m, usagef("name a later point", "nothing had happened at %q", r.at)
	}
	return m, err
}

// laneNotes says what the reader of the answer should know.
func (r *checkRun) laneNotes(lanes []*checkLane, ans *inspect.Checked) {
	said := map[string]bool{}
	note := func(code, text string) {
		if !said[text] {
			said[text] = true
			r.note(code, text)
		}
	}
	for _, l := range lanes {
		for _, h := range l.folds {
			for _, w := range h.warnings() {
				note("warning", w)
			}
			if h.provisional {
				note("merge", "streams without a projection were folded by merge")
			}
		}
		for _, c := range l.conds {
			if w, ok := c.Predicate.(interface{ Warnings() []string }); ok {
				for _, text := range w.Warnings() {
					note("warning", text)
				}
			}
		}
	}
	if ans.Spilled > 0 {
		note("memory", fmt.Sprintf("states were put on disk %d times; give --memory more, or none, to be faster", ans.Spilled))
	}
}
