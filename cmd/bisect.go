package cmd

import (
	"cmp"
	"time"

	"github.com/spf13/cobra"

	"asof/inspect/ask"
)

type bisectOptions struct {
	ask.Search               // asks the user, unless one of the next three tests is given
	cond       ask.Condition // states are bad
	otherFold  string        // folds to another state
	command    string        // judges
	timeout    time.Duration
	verify     bool
	all        *ask.BisectAll // instead of a timeline
	exitCode   bool
}

// bisectFlags are the flags from which question makes a question.
type bisectFlags struct {
	pointFlags
	cond    ask.Condition
	all     bool
	page    ask.Page
	explain explainFlags
}

// newBisectCmd returns the bisect command. A nil runF asks the question.
func newBisectCmd(a *app, runF func(bisectOptions) error) *cobra.Command {
	var o bisectOptions
	var f bisectFlags
	if runF == nil {
		runF = a.runBisect
	}
	c := &cobra.Command{
		Use:   "bisect STORE (STREAM[@RANGE] | --all)",
		Short: "Find the first event that made the state bad",
		Long: `Find the first bad event: the first one that turns a good state into a bad one.

With --bad or --good, an expression is tested after every event of the range in
one forward fold. The answer is exact: every later change between good and bad
is reported, including recoveries. --all searches every stream of the store and
resumes where the last such run ended, as asof check does. With --explain it
also finds what sets the bad streams apart; see asof check --help.

With --run, a shell command is the test. It gets the state on standard input and
in the file $ASOF_STATE. Exit code 0 means good, 125 skip, any other code up to
127 bad; 128 and above ends the search. About log2 n states are tested, on the
assumption that bad stays bad; --verify also tests the neighbors of the answer.

With neither, asof shows states and asks. Your answers are saved: the same
command resumes the search, "asof bisect log" prints it, "asof bisect replay
FILE" reads it from a file, and "asof bisect reset" forgets it.

With two --fold flags, find the first event after which the two states differ.

With --exit-code, the exit code is 1 unless no state is bad; --json
distinguishes found, always_bad and inconclusive.` + exits("1    with --exit-code: found, bad from the start, or inconclusive", exitNoStream, "5    the projection, an upcaster, the expression or the command failed"),
		Example: `  asof bisect shop.db cart-42 --bad 'state.total < 0'
  asof bisect shop.db cart-42 --good 'state.items.every(i => i.qty > 0)' --from 10 --to head
  asof bisect shop.db cart-42 --run './check.sh'
  asof bisect shop.db cart-42
  asof bisect shop.db --all --bad 'state.total < 0'
  asof bisect shop.db cart-42 --fold old.js --fold new.js`,
		Args: args(1, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := f.question(a, &o, args); err != nil {
				return err
			}
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.StringVar(&o.From, "from", "", "start of the range; the state there is assumed good (default: start)")
	fl.StringVar(&o.To, "to", "", "end of the range (default: head)")
	fl.StringVar(&o.command, "run", "", "test states with this shell command, as git bisect run does")
	fl.DurationVar(&o.timeout, "timeout", time.Minute, "time limit for one run of the command")
	fl.StringVar(&o.TermOld, "term-old", "", "word for good")
	fl.StringVar(&o.TermNew, "term-new", "", "word for bad")
	fl.BoolVar(&o.verify, "verify", false, "with --run, also test the neighbors of the answer")
	fl.BoolVar(&o.exitCode, "exit-code", false, "exit with 1 unless no state is bad")
	c.AddCommand(a.bisectSubcommands()...)
	return c
}

// add adds the flags, and those of a timeline.
func (f *bisectFlags) add(a *app, c *cobra.Command) {
	f.pointFlags.add(a, c)
	fl := c.Flags()
	addCondition(fl, &f.cond)
	fl.BoolVar(&f.all, "all", false, "search every stream of the store")
	f.explain.add(fl)
	a.addPage(fl, &f.page, 0, "with --all, list at most this many streams")
}

// question sets the question about STORE, or about STORE and STREAM.
func (f bisectFlags) question(a *app, o *bisectOptions, args []string) (err error) {
	if err := f.check(*o, len(args) == 2); err != nil {
		return err
	}
	if f.all {
		o.all = &ask.BisectAll{StoreRef: f.of(args[0]), Condition: f.cond, At: cmp.Or(o.To, f.at), Page: f.page}
		if o.all.Folding, err = f.one(); err == nil {
			o.all.Explaining, err = f.explain.question(a)
		}
		return err
	}
	o.cond = f.cond
	if len(f.folds) == 2 {
		if _, err := f.by(f.folds[1]); err != nil {
			return err
		}
		o.otherFold, f.folds = f.folds[1], f.folds[:1]
	}
	o.Timeline, err = f.timeline(args[0], args[1])
	return err
}

// check returns an error for flags that can't be combined.
func (f bisectFlags) check(o bisectOptions, stream bool) error {
	tests := 0
	for _, given := range []bool{f.cond.Given(), o.command != "", len(f.folds) > 1} {
		if given {
			tests++
		}
	}
	switch {
	case f.all && stream:
		return usagef("name a stream or give --all", "both a stream and --all")
	case !f.all && !stream:
		return usagef("name a stream, or give --all for the whole store", "STREAM is missing")
	case !f.all && f.page != (ask.Page{}):
		return usagef("give --all with them, or leave them out", "--limit and --cursor are for --all")
	case !f.all && f.explain != (explainFlags{}):
		return usagef("give --all with them, or leave them out", "--explain and --releases are for --all")
	case tests > 1:
		return usagef("give one test: --bad, --good, --run or two --fold", "more than one test")
	case f.all && !f.cond.Given():
		return usagef("give --bad or --good", "--all needs an expression")
	case len(f.folds) > 2:
		return usagef("compare two", "%d folds", len(f.folds))
	case f.at != "" && (o.From != "" || o.To != ""):
		return usagef("write --from A --to B or --at A..B", "both --at and --from or --to")
	case f.all && o.From != "":
		return usagef("leave it out: --all begins at the first event", "--all with --from")
	case o.timeout <= 0:
		return usagef("write a duration such as 30s", "bad --timeout %v", o.timeout)
	}
	return nil
}
