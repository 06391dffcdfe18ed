package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// verbs returns the commands, in the order in which help lists them.
func (a *app) verbs() []*cobra.Command {
	return []*cobra.Command{
		a.demoCommand(), a.infoCommand(), a.streamsCommand(), a.logCommand(),
		a.showCommand(), a.replayCommand(), a.diffCommand(), a.blameCommand(), a.traceCommand(),
		a.bisectCommand(), a.checkCommand(), a.mergeReportsCommand(), a.shrinkCommand(), a.whatifCommand(), a.auditCommand(),
		a.cacheCommand(),
	}
}

// groups are the parts of the list of verbs, in help.
var groups = []struct {
	id, title string
	verbs     []string
}{
	{"look", "Look at a store:", []string{"demo", "info", "streams", "log", "show"}},
	{"state", "Ask what was:", []string{"replay", "diff", "blame", "trace"}},
	{"find", "Find what went wrong:", []string{"bisect", "check", "merge-reports", "whatif", "shrink"}},
	{"prove", "Prove it:", []string{"audit"}},
}

// group sorts the verbs of help into groups; the rest is about asof itself.
func group(root *cobra.Command) {
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
		for _, c := range root.Commands() {
			if slices.Contains(g.verbs, c.Name()) {
				c.GroupID = g.id
			}
		}
	}
}

// exits is the part of a help text that lists exit codes.
func exits(lines ...string) string {
	all := append([]string{"0    answered"}, lines...)
	all = append(all,
		"2    usage, a bad point or a bad expression",
		"3    the store is missing, unreadable, corrupt or of an unknown dialect")
	return "\n\nExit codes:\n  " + strings.Join(all, "\n  ")
}

const (
	exitNoStream = "4    no such stream, event, point or path"
	exitNoFold   = "5    the projection or an upcaster failed"
)

// args checks the number of arguments and names those that are missing.
func args(least, most int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		next := "asof " + c.Name() + " --help shows how it is used"
		if len(given) < least {
			return usagef(next, "%s is missing", strings.Join(names[len(given):least], " and "))
		}
		if most >= 0 && len(given) > most {
			return usagef(next, "unexpected argument %q", given[most])
		}
		return nil
	}
}

// must panics on a mistake in the program's own flags.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("flags: %v", err))
	}
}
