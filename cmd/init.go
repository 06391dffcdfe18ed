package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/scaffold"
)

type initOptions struct {
	ask.Init
	print bool
}

// newInitCmd returns the init command. A nil runF asks the question.
func newInitCmd(a *app, runF func(initOptions) error) *cobra.Command {
	var f storeFlags
	var o initOptions
	if runF == nil {
		runF = a.runInit
	}
	c := &cobra.Command{
		Use:   "init STORE",
		Short: "Write a first asof.toml and its projections",
		Long: `Write asof.toml and a projection for each category of a store, with a handler
for every type of event, a real payload above each as a comment, and invariants
that hold in the store's history. Amounts are added as exact decimals.

Every event is read once. asof inspects the first 200 payloads of each type and
revision, then one in 61. If the store has more than 50,000 events, the handlers
are tried on a part of its streams. A handler that is a guess says so.

An existing file is never overwritten. The payloads are real data: review them
before you share the files.` + exits(),
		Example: "  asof init bank.sqlite\n  asof init bank.sqlite --print\n  asof init events.db --table events --map stream=sid,version=n,type=kind,data=body",
		Args:    args(1, 1, "STORE"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.StoreRef = f.of(args[0])
			return runF(o)
		},
	}
	f.add(a, c)
	fl := c.Flags()
	fl.BoolVar(&o.print, "print", false, "print the files instead of writing them")
	fl.StringVar(&o.Dir, "dir", "", "folder to write to (default: the current one)")
	return c
}

func (a *app) runInit(o initOptions) error {
	if err := o.Check(); err != nil {
		return err
	}
	if !o.print {
		if err := a.mayWrite(a.initFile(o, "asof.toml")); err != nil {
			return err
		}
	}
	return askOne(a, o.Ask, func(d *scaffold.Draft) error {
		if !o.print {
			if err := a.writeProject(o, d); err != nil {
				return err
			}
		}
		p := a.out()
		p.Init(d, o)
		if !o.print && !a.json {
			a.tryProject(p.text, o, d)
		}
		return p.Flush()
	})
}

func (a *app) initFile(o initOptions, name string) output {
	return output{name: filepath.Join(o.Dir, name), next: "look at the new one with --print, or write it to another folder with --dir"}
}

// writeProject writes all files or, if one of them exists, none.
func (a *app) writeProject(o initOptions, d *scaffold.Draft) error {
	files := d.Files()
	for _, f := range files {
		if err := a.mayWrite(a.initFile(o, f.Name)); err != nil {
			return err
		}
	}
	if o.Dir != "" {
		if err := a.notInput(o.Dir); err != nil {
			return err
		}
		if err := os.Mkdir(a.path(o.Dir), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return usagef("name a folder that can be written", "%s: %v", o.Dir, bareError(err))
		}
	}
	for i := range files { // asof.toml last: it names the others
		f := files[(i+1)%len(files)]
		if err := a.writeFile(a.initFile(o, f.Name), []byte(f.Text)); err != nil {
			return err
		}
	}
	return nil
}

// headLines is the number of lines shown of the output of a tried command.
const headLines = 12

// tryProject runs the commands to try next, and shows how their answers begin.
func (a *app) tryProject(p *render.Printer, o initOptions, d *scaffold.Draft) {
	for _, next := range d.Next() {
		var flags []string
		if next[0] == "check" && d.Tried > 1 { // the whole of a large store takes its time
			flags = []string{"--shard", fmt.Sprintf("1/%d", d.Tried)}
		}
		args := argsOf(next[0], next[1:], flags)
		p.Shell("asof " + commandLine(args))
		p.Head(a.tried(o, args), headLines)
	}
	if o.Dir != "" {
		p.Head("\nRun these commands in the folder "+o.Dir+".", headLines)
	}
}

// tried returns the output of a command in the folder of the new project.
func (a *app) tried(o initOptions, args []string) string {
	var out bytes.Buffer
	dir, err := filepath.Abs(a.path(o.Dir))
	if err != nil {
		return err.Error()
	}
	in := a.IO
	in.Out, in.Err, in.Dir, in.Guard = &out, &out, dir, nil
	width, _ := a.Terminal(a.Out)
	in.Terminal = func(io.Writer) (int, bool) { return width, false } // the width of what shows it
	Run(a.ctx, append([]string{"--config", "asof.toml", "--color", "never", "--tz", a.tz}, args...), in)
	return out.String()
}
