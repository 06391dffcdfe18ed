package cmd

import "asof/inspect/ask"

// runBisectRun searches with a command. It prints the result of each test at once.
func (a *app) runBisectRun(o bisectOptions) error {
	keep := sessionFile{app: a}
	q := ask.BisectRun{Search: o.Search, Command: o.command, Timeout: o.timeout.String(), Verify: o.verify, Marked: keep.save}
	ans, err := q.Ask(a.ctx, a.work())
	if err != nil {
		return err
	}
	return a.bisected(o)(ans)
}
