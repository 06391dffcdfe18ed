package cmd

import (
	"github.com/spf13/cobra"

	"asof/replay/project"
	"asof/replay/workspace"
)

// storeFlags say how to open a store, where asof can't tell by itself.
type storeFlags struct{ workspace.StoreRef }

func (f *storeFlags) add(a *app, c *cobra.Command) {
	a.completes(c, f)
	fl := c.Flags()
	fl.StringVar(&f.Dialect, "dialect", "", "the store's dialect, when it can't be told")
	fl.StringVar(&f.Table, "table", "", "the table or view that holds the events, with --map")
	fl.Var((*mapFlag)(&f.Map), "map", "what the columns are: stream=…,version=…,type=…,data=…,time=…[:UNIT]")
	fl.StringVar(&f.Context, "context", "", "the application, where one store holds several")
	fl.StringVar(&f.Clock, "clock", "", "which of two times an event has: recorded or valid (default: recorded)")
	fl.BoolVar(&f.Copy, "copy", false, "read a private copy, so that no writer has to wait while it is read")
	fl.StringVar(&f.TimeZone, "time-zone", "", "zone of the store's times that have none (default: UTC)")
	fl.StringVar(&f.KeyFile, "key-file", "", "file with the AES key of the payloads (default: CIPHER_KEY)")
}

// of names the store.
func (f storeFlags) of(name string) workspace.StoreRef {
	f.Store = name
	return f.StoreRef
}

// open opens the store that the command line names.
func (a *app) open(name string, f storeFlags) (*workspace.Store, error) {
	return a.work().Store(a.ctx, f.of(name))
}

// path is a path that the user named.
func (a *app) path(p string) string { return a.work().Path(p) }

// project returns the project of asof.toml, or nil where there is none.
func (a *app) project() (*project.Project, error) { return a.work().Project() }
