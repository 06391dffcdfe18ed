package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// The help lists commands in the order of use, not of the alphabet.
func init() { cobra.EnableCommandSorting = false }

// A verb is a command of the program by its name.
type verb struct {
	name    string
	command func(*app) *cobra.Command
}

// verbs returns the commands in the order of the help.
func verbs() []verb {
	return []verb{
		{"demo", (*app).demoCommand},
		{"init", running(newInitCmd)},
		{"info", running(newInfoCmd)},
		{"streams", running(newStreamsCmd)},
		{"log", running(newLogCmd)},
		{"browse", running(newBrowseCmd)},
		{"show", running(newShowCmd)},
		{"replay", running(newReplayCmd)},
		{"diff", running(newDiffCmd)},
		{"blame", running(newBlameCmd)},
		{"trace", running(newTraceCmd)},
		{"query", running(newQueryCmd)},
		{"materialize", running(newMaterializeCmd)},
		{"why", running(newWhyCmd)},
		{"bisect", running(newBisectCmd)},
		{"check", running(newCheckCmd)},
		{"drift", running(newDriftCmd)},
		{"merge-reports", running(newMergeReportsCmd)},
		{"mine", running(newMineCmd)},
		{"whatif", running(newWhatifCmd)},
		{"shrink", running(newShrinkCmd)},
		{"report", running(newReportCmd)},
		{"audit", (*app).auditCommand},
		{"mcp", running(newMCPCmd)},
		{"cache", (*app).cacheCommand},
		{"completion", (*app).completionCommand},
	}
}

// running returns the constructor of a command that runs, rather than one that hands its
// options to a test.
func running[O any](build func(*app, func(O) error) *cobra.Command) func(*app) *cobra.Command {
	return func(a *app) *cobra.Command { return build(a, nil) }
}

// verbsFor returns the commands that a command line needs: the verb that it begins with,
// or all. To build them all takes a tenth of the time of a small answer.
func (a *app) verbsFor(args []string) []*cobra.Command {
	needed := verbs()
	if i := slices.IndexFunc(needed, func(v verb) bool { return len(args) > 0 && v.name == args[0] }); i >= 0 && args[0] != "completion" {
		needed = needed[i : i+1]
	}
	all := make([]*cobra.Command, len(needed))
	for i, v := range needed {
		all[i] = v.command(a)
	}
	return all
}

// groups are the headings of the verbs in the help: what one does, in the order of use.
var groups = []struct {
	title string
	verbs []string
}{
	{"Start", []string{"demo", "init"}},
	{"Look around", []string{"browse", "info", "streams", "log", "show"}},
	{"See the state", []string{"replay", "diff", "blame", "trace", "query", "materialize"}},
	{"Find the bug", []string{"why", "bisect", "check", "drift", "merge-reports", "mine", "whatif", "shrink"}},
	{"Share, prove", []string{"report", "audit"}},
	{"asof itself", []string{"mcp", "cache", "completion", "help"}},
}

// groupOf returns the heading of a verb; empty for the program.
func groupOf(c *cobra.Command) string {
	for c.HasParent() && c.Parent().HasParent() {
		c = c.Parent()
	}
	for _, g := range groups {
		if slices.Contains(g.verbs, c.Name()) {
			return g.title
		}
	}
	return ""
}

// exits returns the exit codes section of a help text: the shared codes and the verb's
// own lines.
func exits(lines ...string) string {
	return exitList(append([]string{
		"0    answered",
		"2    usage, a bad point or a bad expression",
		"3    the store is missing, unreadable, corrupt or of an unknown dialect",
	}, lines...)...)
}

// exitList lists exit codes in ascending order. Any verb can be interrupted.
func exitList(all ...string) string {
	if !slices.ContainsFunc(all, func(l string) bool { return exitOf(l) == exitInterrupted }) {
		all = append(all, "130  interrupted")
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(exitOf(a), exitOf(b)) })
	return "\n\nExit codes:\n  " + strings.Join(all, "\n  ")
}

// exitOf returns the exit code at the start of a help line.
func exitOf(line string) int {
	code, _, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(code)
	must(err)
	return n
}

const (
	exitNoStream = "4    no such stream, event, point or path"
	exitNoFold   = "5    the projection or an upcaster failed"
)

// args checks the number of arguments and names the missing ones.
func args(least, limit int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		next := c.CommandPath() + " --help shows the usage"
		if len(given) < least {
			missing, is := names[len(given):least], "is"
			if len(missing) > 1 {
				is = "are"
			}
			return usagef(next, "%s %s missing", strings.Join(missing, " and "), is)
		}
		if limit >= 0 && len(given) > limit {
			return &unexpectedError{usageError{msg: fmt.Sprintf("unexpected argument %q", given[limit]), next: next}, given[limit]}
		}
		return nil
	}
}

// must panics on a programming error in the definition of flags.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("flags: %v", err))
	}
}
