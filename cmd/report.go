package cmd

import (
	"github.com/spf13/cobra"

	"asof/inspect/ask"
)

// newReportCmd returns the report command. A nil runF asks the question.
func newReportCmd(a *app, runF func(ask.Report) error) *cobra.Command {
	var q ask.Report
	var f pointFlags
	if runF == nil {
		runF = a.runReport
	}
	c := &cobra.Command{
		Use:   "report STORE STREAM[@RANGE] -o page.html",
		Short: "Write the history of a stream as a page to send",
		Long: `Write one HTML file to attach to a ticket: every event with what it changed, the
state at each, who set each value, the history of a value, and what differs
between two points. It opens with a double click and needs no server and no
network. Without scripts it is a plain page with the same history.

--bad or --good puts the first bad event on top, with the source of the wrong
value and the state without the event. --culprit does so for the invariants of
asof.toml. --note adds your own words, in Markdown.

--redact withholds a value from every event before it is folded, as in asof
audit export, and wherever else it is in the events, the note or a name. Values
of fewer than four characters are withheld only at their path.

An existing file is replaced if it is a page of asof report; --force replaces
any other file. The same input gives the same bytes.` + exits(exitNoStream, "5    the projection, an upcaster or the expression failed"),
		Example: `  asof report shop.db cart-42 -o cart-42.html
  asof report shop.db cart-42 --bad 'state.total < 0' --note ticket.md -o cart-42.html
  asof report shop.db cart-42@20..31 --culprit --redact '/data/**/email' -o cart-42.html`,
		Args: args(2, 2, "STORE", "STREAM"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if q.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			return runF(q)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.StringVarP(&q.Out, "out", "o", "", "file for the page; - is standard output")
	addCondition(fl, &q.Condition)
	fl.BoolVar(&q.Culprit, "culprit", false, "find the first event that breaks an invariant of asof.toml")
	fl.StringVar(&q.Note, "note", "", "file with your own words for the top of the page, in Markdown")
	fl.StringArrayVar(&q.Redact, "redact", nil, "withhold the value at this path of every event, such as '/data/email'")
	fl.BoolVar(&q.Force, "force", false, "replace an existing file that is not a page of asof")
	return c
}

func (a *app) runReport(q ask.Report) error {
	if a.json && q.Out == "-" {
		return notJSON("the page", "name a file with --out")
	}
	return askOne(a, q.Ask, func(r *ask.Reported) error {
		a.survivorsWithheld(r.Survivors)
		if q.Out == "-" {
			return nil // the page is the answer
		}
		p := a.out()
		p.Reported(r)
		return p.Flush()
	})
}
