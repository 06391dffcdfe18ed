package cmd

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/inspect/wire"
	"asof/replay/fault"
)

// helpJSON is all of the help, from the commands themselves.
func helpJSON(root *cobra.Command) wire.Help {
	h := wire.Help{Version: root.Version, Answers: wire.AllFields()}
	eachVerb(root, func(c *cobra.Command) { h.Verbs = append(h.Verbs, verbJSON(c)) })
	for _, name := range topicNames {
		h.Topics = append(h.Topics, wire.HelpTopic{Name: name, Text: topic(name)})
	}
	for _, k := range fault.Kinds {
		h.Errors = append(h.Errors, wire.HelpError{Kind: string(k.Kind), Meaning: k.About})
	}
	return h
}

// eachVerb visits a command and those below it that the help shows.
func eachVerb(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			eachVerb(sub, visit)
		}
	}
}

// verbJSON describes a verb with the flags that are its own; those of all verbs are with
// the program.
func verbJSON(c *cobra.Command) wire.HelpVerb {
	long, codes, _ := strings.Cut(c.Long, "\n\nExit codes:\n")
	v := wire.HelpVerb{
		Name: strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), "asof"), " "), Use: c.UseLine(), Short: c.Short, Long: long,
		Flags: []wire.HelpFlag{}, Exits: []wire.HelpExit{},
	}
	for line := range strings.Lines(c.Example) {
		if line = strings.TrimSpace(line); line != "" {
			v.Examples = append(v.Examples, line)
		}
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || c.HasParent() && c.Root().PersistentFlags().Lookup(f.Name) == f {
			return
		}
		v.Flags = append(v.Flags, wire.NewHelpFlag(wire.HelpFlag{Name: f.Name, Type: f.Value.Type(), Usage: f.Usage}, f.Shorthand, f.DefValue))
	})
	for line := range strings.Lines(codes) {
		line = strings.TrimSpace(line)
		_, meaning, _ := strings.Cut(line, " ")
		if line[0] < '0' || line[0] > '9' { // the rest of the line before
			v.Exits[len(v.Exits)-1].Meaning += " " + line
			continue
		}
		v.Exits = append(v.Exits, wire.HelpExit{Code: exitOf(line), Meaning: strings.TrimSpace(meaning)})
	}
	return wire.NewHelpVerb(v, groupOf(c))
}

// writeHelpJSON prints the help as JSON: of a verb, or of all.
func (a *app) writeHelpJSON(c *cobra.Command) error {
	if c.HasParent() {
		return a.printJSON(verbJSON(c))
	}
	return a.printJSON(helpJSON(c))
}
