package cmd

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"asof/fixtures/demo"
	"asof/inspect/wire"
)

type demoOptions struct {
	dir    string
	events int
	force  bool
	tour   bool
}

func (a *app) demoCommand() *cobra.Command {
	o := demoOptions{}
	c := &cobra.Command{
		Use:   "demo [FOLDER]",
		Short: "Write a sample store with a planted bug",
		Long: fmt.Sprintf(`Write %s, the event store of a shop whose cart-42 owes its
customer money, along with %s and its projections. Print the commands
that find out why. %s has a second bug, which no stream shows.

--tour runs the commands one by one, from an empty folder to the cause of the
bug; on a terminal, Enter shows the next step and q quits. --events N writes
about N events, for benchmarks. The same arguments write the same bytes. An
existing file that differs is overwritten only with --force.`, demo.Store, demo.Toml, demo.ReturnsStore) + exits(),
		Example: "  asof demo\n  asof demo --tour\n  asof demo big --events 1000000",
		Args:    args(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.dir = args[0]
			}
			return a.demo(o)
		},
	}
	fl := c.Flags()
	fl.IntVar(&o.events, "events", demo.Events, "approximate number of events")
	fl.BoolVar(&o.force, "force", false, "overwrite the files of an earlier demo")
	fl.BoolVar(&o.tour, "tour", false, "run the commands one by one and show their output")
	return c
}

func (a *app) demo(o demoOptions) error {
	if a.json && o.tour {
		return notJSON("the tour", "leave out --tour: the answer lists its commands")
	}
	if o.events < 1 {
		return usagef("write a number of events, such as 3500", "bad --events %d", o.events)
	}
	dir := a.path(o.dir)
	outputs := []output{a.demoFile(dir, demo.Store, "", o.force)}
	texts := [][2]string{
		{demo.Toml, demo.Config},
		{demo.CartFile, demo.CartFold},
		{demo.SalesFile, demo.SalesFold},
	}
	for _, t := range texts {
		outputs = append(outputs, a.demoFile(dir, t[0], t[1], o.force))
	}
	for _, f := range outputs[1:] {
		if err := a.mayWrite(f); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Clean(dir), 0o777); err != nil {
		return usagef("name a folder that can be written", "%s: %v", cmp.Or(o.dir, "."), bareError(err))
	}
	if err := a.demoStore(outputs[0], demo.Shop(o.events)); err != nil {
		return err
	}
	for i, t := range texts {
		path := filepath.Join(dir, t[0])
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := a.writeFile(outputs[i+1], []byte(t[1])); err != nil {
			return err
		}
	}
	if err := a.demoStore(a.demoFile(dir, demo.ReturnsStore, "", o.force), demo.Returns()); err != nil {
		return err
	}
	return a.guide(o, dir)
}

// guideJSON prints the guide for programs.
func (a *app) guideJSON(dir string) error {
	guide := wire.Guide{Folder: cmp.Or(dir, "."), Store: demo.Store}
	for _, s := range tour() {
		guide.Steps = append(guide.Steps, wire.GuideStep{Why: s.why, Args: s.args})
	}
	return a.printJSON(&guide)
}
