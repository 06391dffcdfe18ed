package cmd

import (
	"github.com/spf13/cobra"

	"asof/replay/project"
	"asof/replay/workspace"
)

// storeFlags say how to open a store that asof can't recognize.
type storeFlags struct{ workspace.StoreRef }

func (f *storeFlags) add(a *app, c *cobra.Command) {
	f.addButTable(a, c)
	c.Flags().StringVar(&f.Table, "table", "", "the table or view with the events; needs --map")
}

// addButTable adds the flags for a verb that calls another table --table: --query or
// asof.toml names the events.
func (f *storeFlags) addButTable(a *app, c *cobra.Command) {
	f.addUnmapped(a, c)
	fl := c.Flags()
	fl.Lookup("query").Usage += " or --map"
	fl.Var((*mapFlag)(&f.Map), "map", "what the columns hold: stream=…,version=…,type=…,data=…,time=…[:UNIT]")
}

// addUnmapped adds the flags for a verb that has another --map as well: a mapping stands in
// asof.toml.
func (f *storeFlags) addUnmapped(a *app, c *cobra.Command) {
	a.completes(c, f)
	fl := c.Flags()
	fl.StringVar(&f.Dialect, "dialect", "", "the store's dialect, if it cannot be detected")
	fl.StringVar(&f.Query, "query", "", "a SELECT whose rows are the events, by column names")
	fl.StringVar(&f.Context, "context", "", "the application, if the store holds several")
	fl.StringVar(&f.Clock, "clock", "", "which time of an event to use: recorded or valid (default: recorded)")
	fl.BoolVar(&f.Copy, "copy", false, "read a private copy, so that writers never wait")
	fl.StringVar(&f.TimeZone, "time-zone", "", "time zone of stored times without one (default: UTC)")
	fl.StringVar(&f.KeyFile, "key-file", "", "file with the AES key of the payloads (default: $CIPHER_KEY)")
}

// of returns the reference to the named store with these flags.
func (f storeFlags) of(name string) workspace.StoreRef {
	f.Store = name
	return f.StoreRef
}

// open opens the store that the command line names.
func (a *app) open(name string, f storeFlags) (*workspace.Store, error) {
	return a.work().Store(a.ctx, f.of(name))
}

// path returns a path from the command line, resolved against the current folder.
func (a *app) path(p string) string { return a.work().Path(p) }

// project returns the project of asof.toml, or nil if there is none.
func (a *app) project() (*project.Project, error) { return a.work().Project() }
