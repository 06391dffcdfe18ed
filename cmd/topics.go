package cmd

import (
	"embed"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/wire"
	"asof/replay/fault"
)

//go:embed topics/*.txt
var topicTexts embed.FS

// topicNames are the help topics that are not verbs.
var topicNames = []string{"folds", "points", "paths", "stores", "json"}

// topic returns the text of a help topic.
func topic(name string) string {
	text, err := topicTexts.ReadFile("topics/" + name + ".txt")
	must(err)
	return string(text)
}

// helpCommand explains verbs and topics.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [VERB|" + strings.Join(topicNames, "|") + "]", Short: "Explain a verb or a topic",
		ValidArgs: topicNames,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && slices.Contains(topicNames, args[0]) {
				if a.json {
					return a.printJSON(wire.HelpTopic{Name: args[0], Text: topic(args[0])})
				}
				_, err := a.Out.Write([]byte(topic(args[0])))
				return err
			}
			verb, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return a.noTopic(c.Root(), args)
			}
			a.whole = verb.HasParent()
			return verb.Help()
		},
	}
}

// noTopic returns the error for an unknown help topic.
func (a *app) noTopic(root *cobra.Command, args []string) error {
	if len(args) == 1 {
		if near := fault.Near(args[0], topicNames, 1); len(near) > 0 {
			return usageNear([]string{"asof help " + near[0]}, "", "no help topic %q", args[0])
		}
	}
	return a.unknownVerb(root, args)
}
