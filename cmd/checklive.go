package cmd

import (
	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/live"
)

// notWithLive are the flags of check that say nothing about live rows.
var notWithLive = []string{
	"good", "bad", "projection", "fold", "array-key", "strict", "shard", "at", "since-position", "memory", "junit", "force",
	"limit", "cursor", "fields", "explain", "releases",
}

// liveQuestion returns the question about live rows.
func (f checkFlags) liveQuestion(c *cobra.Command, store string) (*ask.CheckLive, error) {
	for _, name := range notWithLive {
		if c.Flags().Changed(name) {
			return nil, usagef("leave one of them out", "--live compares rows with their history; it does not go with --%s", name)
		}
	}
	return &ask.CheckLive{StoreRef: f.of(store)}, nil
}

func (a *app) runCheckLive(q ask.CheckLive, allowEmpty bool) error {
	return askOne(a, q.Ask, func(r *live.Result) error {
		rows, tables := r.Findings()
		if allowEmpty {
			tables = 0
		}
		p := a.out()
		p.LiveChecked(r, render.LiveOptions{Next: a.commands(q.Next(r)), AllowEmpty: allowEmpty})
		return withFindings(p.Flush(), rows > 0 || tables > 0)
	})
}
