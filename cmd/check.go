package cmd

import (
	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/replay"
)

type checkOptions struct {
	ask.CheckStore
	live       *ask.CheckLive // instead of the invariants, with --live
	junit      output         // JUnit report; an empty name writes none
	allowEmpty bool
}

// checkHelp describes the verb.
func checkHelp() string {
	return `Test the invariants of asof.toml and of --good and --bad after every event of
every stream, in one pass over the store. Each violation names the stream, the
first bad event and its time, and whether the stream recovered.

Invariants of asof.toml apply to the streams of their projection. Invariants of
the command line apply to every stream, or with --projection to the streams of
that projection. They test the states of single streams, even if the projection
reads several. A stream that cannot be folded is reported; the others are still
checked.

If a stream has unreadable payloads, its invariants are not known to hold. Rows
without a stream or a version may be events of any stream: with such rows, no
invariant is known to hold; --query can leave them out. An invariant that
applies to no stream was not tested. All three are findings; --allow-empty
accepts the last.

Findings are cached. While the store only grows, the next check resumes from
them: streams with new events, and streams that failed, are folded again, and
the answer equals that of a full check. asof cache --help lists what is never
cached; --no-cache folds everything.

--at checks the store as it was. --since-position N reports only what became bad
after position N. --memory limits the memory of all states; the rest spill to
disk. --shard I/N checks one of N parts of the streams, so that N processes can
share the work; asof merge-reports merges their --json output.

--explain compares the bad streams, up to their first bad event, with good ones
over as many events: types and revisions, actors, members and values of payload
and metadata, changed paths, order, gaps, hours. It lists what sets the bad
ones apart, with the odds and the chance that anything tried would look as good,
or says that nothing does. It claims nothing about fewer than three bad streams.
--releases groups the first bad events by the release that was live.

--live tests no invariant. It compares the last recorded state of each row of a
history of rows with the row now in the database, and lists the rows that were
changed, inserted or deleted without a version. A table that was not compared is
a finding too; --allow-empty accepts it. Columns that only one side has are
listed.` + exits("1    an invariant is violated, applies to no stream, or is not known to hold:\n     a stream could not be folded, tested or read, or rows have no stream;\n     with --live, a row differs from its history, or a table was not compared")
}

// newCheckCmd returns the check command. A nil runF asks the question.
func newCheckCmd(a *app, runF func(checkOptions) error) *cobra.Command {
	o := checkOptions{junit: output{ours: render.IsJUnit, next: "name another file, or give --force to replace it"}}
	var f checkVerbFlags
	if runF == nil {
		runF = a.runCheck
	}
	c := &cobra.Command{
		Use:   "check STORE",
		Short: "Test invariants over every stream",
		Long:  checkHelp(),
		Example: `  asof check shop.db
  asof check shop.db --good 'never negative=state.total >= 0'
  asof check shop.db --projection cart --bad 'too much=state.items.length > 100'
  asof check shop.db --at 2026-03-01 --junit report.xml
  asof check shop.db --explain --releases git:../shop
  asof check shop.db --since-position 48210 --memory 500MB
  asof check app.db --live`,
		Args: args(1, 1, "STORE"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if f.live {
				if o.live, err = f.liveQuestion(c, args[0]); err != nil {
					return err
				}
				return runF(o)
			}
			if o.CheckStore, err = f.question(args[0]); err != nil {
				return err
			}
			if o.Explaining, err = f.explain.question(a); err != nil {
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
	fl.StringVar(&o.junit.name, "junit", "", "also write the findings to this file as JUnit XML; - replaces the text on standard output")
	fl.BoolVar(&o.junit.force, "force", false, "let --junit replace a file that is not an asof report")
	fl.BoolVar(&o.allowEmpty, "allow-empty", false, "accept an invariant that applies to no stream, or a table that was not compared")
	fl.BoolVar(&f.live, "live", false, "compare a history of rows with the current rows")
	return c
}

func (a *app) runCheck(o checkOptions) error {
	if o.live != nil {
		return a.runCheckLive(*o.live, o.allowEmpty)
	}
	if a.json && o.junit.name == "-" {
		return notJSON("a JUnit report", "name a file with --junit: the answer is printed as well")
	}
	if o.junit.name != "" {
		o.Ready = func() error { return a.mayWrite(o.junit) } // fail before the long work
	}
	return askOne(a, o.Ask, func(ans *ask.Checked) error { return a.printChecked(ans, o) })
}
