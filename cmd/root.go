// Package cmd is the command line: one file for each verb. A command parses its
// options, asks package inspect one question and hands the answer to a view.
//
// Nothing below this package touches the terminal, the environment or the home
// folder.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"asof/cmd/pager"
	"asof/cmd/render"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/place"
	"asof/replay/workspace"
)

// IO connects a run to its surroundings: streams, folder, environment and limits.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	Dir      string              // base of relative paths; empty: the current folder
	Env      func(string) string // the environment
	Now      func() time.Time
	Terminal func(io.Writer) (width int, ok bool) // reports whether a stream is a terminal
	Height   func(io.Writer) int                  // lines of a terminal; nil: no pager
	Exit     func(code int)                       // ends the process when a script is stuck

	// Guard runs the whole command line in a child process. It returns how the child
	// ended, or nil if this process must run the command line. It may be nil.
	Guard func() error

	Scripts js.Limits     // limits of scripts
	Pulse   time.Duration // how often a call of mcp that is at work says so; 0: its default
}

// Main runs the program with the arguments and streams of the process.
func Main() int { return program(js.Limits{}, 0) }

// program is Main with the given limits on scripts, and pulse of mcp.
func program(limits js.Limits, pulse time.Duration) int {
	survivePipes()
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	if os.Getenv("GOGC") == "" {
		tuneGC()
	}
	io := IO{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Env: os.Getenv, Now: time.Now, Terminal: terminalSize, Height: terminalHeight, Exit: os.Exit, Scripts: limits, Pulse: pulse,
	}
	args, notes := isGuarded(ownArgs(os.Args[1:], os.Getenv), &io)
	if notes == nil {
		io.Guard = func() error { return guard(args, io.Err) }
		return Run(ctx, args, io)
	}
	defer notes.ended()
	io.Exit = func(code int) { notes.ended(); os.Exit(code) }
	io.Scripts.Note = notes.of
	return Run(ctx, args, io)
}

// app is one run of the program.
type app struct {
	IO
	ctx     context.Context
	typed   []string                  // the command line, without secrets
	places  map[string]place.Location // connection strings of the command line, by their redacted form
	secrets []string                  // found inside other arguments
	hidden  []place.Location          // from the command line; messages omit their secrets
	json    bool
	fields  []string        // of each row of a list
	rows    *wire.Selection // nil: all fields
	whole   bool            // --help, not -h
	noPager bool
	color   string
	tz      string
	config  string // asof.toml; empty: search the parent folders
	keep    cacheFlags

	zone *time.Location
	ran  *cobra.Command

	others outputNotes // what commands print, under --json

	verbose bool // say why no dialect fits

	opens map[*cobra.Command]*storeFlags // how the verbs open a store

	held    heldNotes
	written *counter             // counts the bytes of standard output
	screen  *pager.Screen        // see [app.page]
	space   *workspace.Workspace // see [app.work]
}

// Run runs one command line and returns its exit code.
func Run(ctx context.Context, args []string, io IO) (code int) {
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	a := &app{IO: io, ctx: ctx, written: &counter{Writer: io.Out, gone: gone}}
	a.Out = a.written
	if asksVersion(args) {
		return a.printVersion(wantsJSON(args))
	}
	root := a.command(args)
	a.json = wantsJSON(args)
	root.SetVersionTemplate(versionText(a.json))
	shown, err := a.keepSecrets(args)
	if err != nil {
		return a.finish(root, err)
	}
	a.typed = a.mendWords(root, shown)
	root.SetArgs(a.typed)
	defer a.endPage()
	defer func() {
		if r := recover(); r != nil {
			a.panicked(r)
			code = exitBug
		}
	}()
	ran, err := root.ExecuteContextC(ctx)
	if a.space != nil {
		a.space.Close()
	}
	return a.finish(ran, err)
}

// wantsJSON reports whether the arguments ask for JSON, so that an error of another
// argument is JSON as well.
func wantsJSON(args []string) bool {
	if end := slices.Index(args, "--"); end >= 0 {
		args = args[:end]
	}
	return slices.Contains(args, "--json")
}

// panicked prints what is a bug of asof.
func (a *app) panicked(r any) {
	const next = "run it again with ASOF_DEBUG=1 and report the output; your store was only read"
	message := "this is a bug in asof: " + a.scrub(fmt.Sprint(r))
	if a.json {
		err := errors.New(message)
		a.writeErrJSON(a.errorJSON(err, wire.Failure{Code: exitBug, Message: message}, next))
	} else {
		fmt.Fprintf(a.Err, "asof: %s\n", render.Safe(message))
	}
	if a.Env("ASOF_DEBUG") != "" {
		panic(r)
	}
	if !a.json {
		fmt.Fprintln(a.Err, "hint: "+next)
	}
}

// finish prints the error of a run and returns its exit code.
func (a *app) finish(ran *cobra.Command, err error) int {
	var ended *endedError
	if errors.As(err, &ended) {
		return ended.code
	}
	if err == nil {
		err = a.written.err // from output that is not an answer, such as help
	}
	a.release()
	a.others.end()
	code := exitCode(err)
	gone := errors.Is(context.Cause(a.ctx), errGone)
	switch {
	case code == exitOK, code == exitFindings:
		return code
	case gone && (code == exitInterrupted || code == exitStore || code == exitBug):
		return exitOK // it was ended
	case a.ctx.Err() != nil && !gone:
		err, code = context.Canceled, exitInterrupted
	}
	if code == exitInterrupted {
		if a.paging() {
			return code
		}
		err = errors.New("interrupted")
	}
	if code != exitInterrupted {
		a.noteProjectAbove()
	}
	subject := strings.TrimPrefix(ran.CommandPath(), "asof")
	if a.json {
		a.writeErrJSON(a.failureJSON(code, err))
		return code
	}
	width, _ := a.Terminal(a.Err)
	p := render.New(a.Err, render.Options{Color: a.useColor(a.Err), Width: width, Zone: a.zone})
	p.Error(a.failure(strings.TrimSpace(subject), err))
	_ = p.Flush() // a failure here can't be reported
	return code
}

// about is the help text of the program.
const about = `asof is git's log, diff, blame and bisect for an event store.

It opens the store your event-sourced application already has (a SQLite file,
PostgreSQL, MySQL, NDJSON or CloudEvents), never writes to it, and folds its
events up to any point.

  asof VERB STORE [STREAM[@POINT]] …

STORE   a path, a connection string, a name from asof.toml, or - for standard input
STREAM  a stream or a unique prefix of one, proj:NAME[/PARTITION], or id:ID for
        the stream of that event, at that event
POINT   17 · head · start · head~3 · pos:48210 · id:3f2a · type:OrderPaid ·
        2026-11-20T14:00:00Z · 2026-11-20 · "2 days ago" · "yesterday 14:00"
A..B    the events after point A, up to and including point B

Text longer than the screen goes through $ASOF_PAGER, $PAGER or less, as git's
does; JSON does not.

More: asof help folds, asof help points, asof help stores, asof help json`

// command returns the program with the verbs that a command line needs; with all for none.
func (a *app) command(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:                   "asof VERB STORE [STREAM[@POINT]]",
		Short:                 "Find out from an event store what was, what changed, who set it and which event broke it",
		Long:                  about,
		Example:               "  asof demo\n  asof log asof-demo.db cart-42\n  asof replay asof-demo.db cart-42@17",
		DisableFlagsInUseLine: true,

		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		Args:          a.rootArgs,
		RunE:          a.runRoot,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			a.ran = c
			if err := a.globals(); err != nil {
				return err
			}
			if err := a.selectFields(c); err != nil {
				return err
			}
			if err := a.runGuarded(c); err != nil {
				return err
			}
			a.page()
			return nil
		},
	}
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetIn(a.In)
	root.SetFlagErrorFunc(a.flagError)
	f := root.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "print JSON: one object, or one per line for lists")
	f.StringVar(&a.color, "color", "auto", "use color: auto, always or never")
	f.StringVar(&a.tz, "tz", "", "time zone for input and output, such as UTC or Europe/Berlin (default: local)")
	f.StringVar(&a.config, "config", "", "project file (default: asof.toml in this folder or a parent)")
	f.BoolVar(&a.noPager, "no-pager", false, "print long text directly, without $ASOF_PAGER, $PAGER or less")
	a.keep.add(root)
	a.helps(root)
	root.AddCommand(a.verbsFor(args)...)
	for _, c := range root.Commands() {
		a.completesFlags(c)
		a.mends(c)
		a.takesHelp(c)
	}
	must(root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp)))
	must(root.RegisterFlagCompletionFunc("tz", cobra.FixedCompletions(someZones, cobra.ShellCompDirectiveNoFileComp)))
	root.SetHelpCommand(a.helpCommand())
	return root
}

// globals checks the flags that all verbs share.
func (a *app) globals() error {
	switch a.color {
	case "auto", "always", "never":
	default:
		return usagef("write auto, always or never", "bad --color %q", a.color)
	}
	name := a.tz
	if name == "" {
		name = a.Env("TZ")
	}
	if name == "" {
		a.zone = workspace.LocalZone()
		return nil
	}
	zone, err := workspace.LoadZone(name)
	if err != nil {
		if a.tz == "" { // date(1) takes it for UTC
			a.zone = time.UTC
			return nil
		}
		return &usageError{msg: fmt.Sprintf("unknown time zone %q", a.tz), fix: workspace.ZoneRemedy(a.tz)}
	}
	a.zone = zone
	return nil
}

// work returns the workspace of the run. It opens it on first use, after the flags are
// parsed.
func (a *app) work() *workspace.Workspace {
	if a.space != nil {
		return a.space
	}
	h := workspace.Host{
		Dir: a.Dir, Getenv: a.Env, Now: a.Now, Zone: a.zone, Stdin: a.In,
		Note:   func(n replay.Notice) { a.notice(n) },
		Option: func(name string) string { return "--" + name },
		Locate: func(name string) (place.Location, bool) {
			at, ok := a.places[name]
			return at, ok
		},
		Work:    func(what string, total int64) workspace.Meter { return a.progress(what, total) },
		Scripts: a.Scripts,
		Stderr:  a.outputOfOthers(),
	}
	// Only the end of the process stops a script that is stuck in a built-in operation.
	h.Scripts.Stuck = func(err error) {
		code := a.finish(a.ran, err)
		a.endPage()
		a.Exit(code)
	}
	h.Files = hostFiles{a}
	o := workspace.Options{Config: a.config, NoCache: a.keep.off, CacheDir: a.keep.dir, Release: version()}
	a.space = workspace.New(h, o).Begin(nil)
	return a.space
}

// useColor reports whether output to w is colored (https://no-color.org,
// https://bixense.com/clicolors).
func (a *app) useColor(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	if a.Env("NO_COLOR") != "" {
		return false
	}
	if v := a.Env("CLICOLOR_FORCE"); v != "" && v != "0" {
		return true
	}
	_, term := a.Terminal(w)
	return term && a.Env("TERM") != "dumb"
}

func (a *app) unknownVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, v := range c.Commands() {
		if v.IsAvailableCommand() {
			names = append(names, v.Name())
		}
	}
	near := fault.Near(args[0], names, 2)
	if same := otherVerbs[strings.ToLower(args[0])]; same != "" && c == c.Root() {
		near = []string{same}
	}
	next := fault.Try(c.CommandPath() + " --help lists the verbs")
	if len(near) > 0 {
		next = fault.Remedy{For: args[0], Near: near}
	}
	return &usageError{msg: fmt.Sprintf("unknown verb %q", args[0]), fix: next}
}
