package cmd

import (
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"asof/inspect/wire"
)

// endings are the signals that end a run: it puts the terminal back and removes what it
// did not finish. A terminal that goes away ends it too, except under nohup.
func endings() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
}

// terminalSize returns the width of the terminal that w writes to, if it is one.
func terminalSize(w io.Writer) (int, bool) {
	f, ok := terminalOf(w)
	if !ok {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

// terminalOf returns the terminal that w writes to, if it is one.
func terminalOf(w io.Writer) (*os.File, bool) {
	for c, ok := w.(*counter); ok; c, ok = w.(*counter) {
		w = c.Writer
	}
	if s, ok := w.(interface{ Terminal() *os.File }); ok {
		return s.Terminal(), true
	}
	f, ok := w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// terminalHeight returns the lines of the terminal that w writes to.
func terminalHeight(w io.Writer) int {
	if f, ok := terminalOf(w); ok {
		if _, height, err := term.GetSize(int(f.Fd())); err == nil && height > 0 {
			return height
		}
	}
	return 24
}

// number is the release in development. A module version takes precedence.
const number = "0.1.0"

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return number
}

// asksVersion reports whether a command line asks for the version, and for nothing else.
func asksVersion(args []string) bool {
	return slices.Contains(args, "--version") && !slices.ContainsFunc(args, func(arg string) bool { return arg != "--version" && arg != "--json" })
}

// versionText is the answer to a question for the version.
func versionText(json bool) string {
	if json {
		return string(wire.Append(nil, wire.Version{Version: version()})) + "\n"
	}
	return "asof " + version() + "\n"
}

// printVersion prints the version without the rest of the command line, which takes longer
// to build.
func (a *app) printVersion(json bool) int {
	_, err := io.WriteString(a.Out, versionText(json))
	if err == nil {
		return exitOK
	}
	root := a.command(nil)
	a.json = json
	return a.finish(root, err)
}

func flagNames(c *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	c.Flags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return names
}
