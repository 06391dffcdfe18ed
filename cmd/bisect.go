package cmd

import (
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

With --exit-code, the exit code is 1 unless every state is good; --json
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
	fl.BoolVar(&o.exitCode, "exit-code", false, "exit with 1 unless every state is good")
	c.AddCommand(a.bisectSubcommands()...)
	return c
}
