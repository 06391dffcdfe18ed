package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/why"
)

type whyOptions struct {
	ask.Why
	all    bool
	format string
}

// newWhyCmd returns the why command. A nil runF asks the question.
func newWhyCmd(a *app, runF func(whyOptions) error) *cobra.Command {
	var o whyOptions
	var f pointFlags
	if runF == nil {
		runF = a.runWhy
	}
	c := &cobra.Command{
		Use:   "why STORE STREAM[@POINT] PATH",
		Short: "Show where a value comes from",
		Long: `Show the event that set the value at PATH, and what its handler read: parts of
the state, each with the event that set it, and parts of the event itself.

why restores each input to its value before the event that set it, runs the
handler again for that one event, and compares the results. Inputs without an
effect are left out; --all lists them. An input that had no value before is
removed; if the handler fails without it, it becomes empty, and a number or a
time becomes another one. ← marks an input that another event set and that had
another value before.

The chain goes back as long as only one input was set by another event.
--depth N goes back N events, along every input that matters. A path that an
event removed is followed as well.

Merge and exec: folds do not report what they read, so only the fields of the
event are known.

-o mermaid or -o dot prints the graph for other tools; --json has it as nodes
and edges.` + exits(exitNoStream, exitNoFold),
		Example: `  asof why shop.db cart-42@28 /total
  asof why shop.db cart-42 '/items[sku=tea]/qty' --all
  asof why shop.db cart-42@28 /total --depth 3
  asof why shop.db cart-42@28 /total -o dot | dot -Tsvg > why.svg`,
		Args: args(3, 3, "STORE", "STREAM", "PATH"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			if o.Timeline, err = f.timeline(args[0], args[1]); err != nil {
				return err
			}
			o.Path = args[2]
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.IntVar(&o.Depth, "depth", 0, "go back this many events; 0: until more than one input was set by an event")
	fl.BoolVar(&o.all, "all", false, "also list inputs without an effect")
	fl.StringVarP(&o.format, "output", "o", "", "mermaid or dot (Graphviz)")
	return c
}

func (a *app) runWhy(o whyOptions) error {
	form := render.GraphForm(o.format)
	switch {
	case !slices.Contains([]render.GraphForm{render.GraphTree, render.GraphMermaid, render.GraphDot}, form):
		return usagef("write mermaid or dot", "bad --output %q", o.format)
	case a.json && form != render.GraphTree:
		return notJSON("-o "+o.format, "leave out one of them")
	}
	return askOne(a, o.Ask, func(ans *why.Answer) error {
		p := a.out()
		p.Why(ans, render.WhyOptions{All: o.all, Form: form, Next: a.commands(o.Next(ans))})
		return p.Flush()
	})
}
