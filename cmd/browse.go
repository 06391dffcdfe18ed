package cmd

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"asof/cmd/browse"
	"asof/replay/workspace"
)

// newBrowseCmd returns the browse command. A nil runF shows the screen.
func newBrowseCmd(a *app, runF func(browse.Options) error) *cobra.Command {
	var f targetFlags
	if runF == nil {
		runF = a.runBrowse
	}
	c := &cobra.Command{
		Use:   "browse STORE [STREAM[@POINT]]",
		Short: "Step through a store on the full screen",
		Long: `Show the streams of a store, or the events of one stream next to the state, on
the full screen. What an event changed is marked, and each line of the state
has the version of the event that last set it. ? lists all keys.

  ← →      the previous or next event
  :        any point, such as head~3
  { }      the previous or next event that changed the chosen path
  b w t    the history of the path, why it has its value, cause and effect
  m D      mark an event, then show the difference from there
  B x      the first event that made an expression true; what if it had not
  y        copy the command that prints what is shown; q quits

Nothing is written. If the store changes meanwhile, the screen says so; R
reloads it. For a screen reader, asof log -p prints the same as text.` + exits(exitNoStream, exitNoFold),
		Example: "  asof browse shop.db\n  asof browse shop.db cart-42@17\n  asof browse shop.db cart-42 --fold folds/cart.js",
		Args:    args(1, 2, "STORE"),
		RunE: func(_ *cobra.Command, args []string) (err error) {
			o := browse.Options{Ref: f.of(args[0])}
			if o.How, err = f.one(); err != nil {
				return err
			}
			if len(args) == 2 {
				o.Stream = args[1]
			}
			return runF(o)
		},
	}
	f.add(a, c)
	return c
}

func (a *app) runBrowse(o browse.Options) error {
	if a.json {
		return notJSON("a screen", "asof log STORE STREAM -p --json prints the same as JSON")
	}
	if o.Ref.Store == "-" {
		return usagef("name a file", "browse reads its keys from standard input")
	}
	out, isTerminal := terminalOf(a.Out)
	in, isFile := a.In.(*os.File)
	if !isTerminal || !isFile || !term.IsTerminal(int(in.Fd())) || a.Env("TERM") == "dumb" {
		next := shownLine("streams", []string{o.Ref.Store}, nil)
		if o.Stream != "" {
			next = shownLine("log", []string{o.Ref.Store, o.Stream}, []string{"-p"})
		}
		return usagef(next+" prints the same as text", "browse needs a terminal")
	}
	a.unpaged()
	w := a.served(false, nil)
	defer w.Close()
	if err := browsable(a.ctx, w, o); err != nil {
		return err
	}
	o.Color, o.Zone, o.Hint = a.useColor(a.Out), a.zone, hintOf
	o.Command = func(verb string, words, options []string) string {
		flags := append(options, a.typedStore(o.Ref)...)
		if verb != "streams" && verb != "info" && verb != "trace" {
			flags = append(flags, typedFold(o.How)...)
		}
		return shownLine(verb, append([]string{o.Ref.Store}, words...), flags)
	}
	return browse.Run(a.ctx, w, o, browse.Terminal{In: in, Out: out, Env: os.Environ()})
}

// browsable returns the error of a store that can't be opened, or of a stream or a point
// that is not in it, so that it is said without a screen.
func browsable(ctx context.Context, w *workspace.Workspace, o browse.Options) error {
	return w.Begin(nil).Read(ctx, o.Ref, func(s *workspace.Store) error {
		if o.Stream == "" {
			return nil
		}
		t, err := s.Target(ctx, o.Stream, o.How)
		if err != nil {
			return err
		}
		defer t.Close()
		_, err = t.Moment(ctx, "")
		return err
	})
}
