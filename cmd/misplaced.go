package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/replay/fault"
	"asof/replay/state"
)

// Words that are not where asof expects them, and that could mean several things. Each
// is answered with the lines that were probably meant.

// An unexpectedError is a word more than a verb takes.
type unexpectedError struct {
	usageError
	word string
}

// choices returns the hint that shows command lines below a text.
func choices(text string, lines ...string) string {
	return strings.TrimPrefix(text+"\n"+strings.Join(lines, "\n"), "\n")
}

// misplaced adds to the error of a verb's words the lines that they probably mean.
func (a *app) misplaced(c *cobra.Command, words []string, err error) error {
	var extra *unexpectedError
	if all, _ := c.Flags().GetBool("all"); !all && c.Name() == "diff" && len(words) == 3 && a.isStore(words[0]) && a.isPoint(words[2]) && !a.isStream(words[0], words[2]) {
		point := strings.TrimPrefix(words[2], "@")
		if len(point) >= 4 && strings.EqualFold(point[:4], "head") {
			point = strings.ToLower(point)
		}
		if stream, rng := a.cutStream(words[0], words[1]); rng != "" {
			from, _, _ := strings.Cut(rng, "..")
			lines := []string{wholeLine(c, []string{words[0], words[1]}), wholeLine(c, []string{words[0], stream + "@" + from + ".." + point[strings.LastIndex(".."+point, ".."):]})}
			return usagef(choices("leave it out, or write it as the end of the range:", lines...), "%q is one point too many: a diff is between two", words[2])
		}
		at := words[1] + "@" + point
		lines := []string{wholeLine(c, []string{words[0], at + "..head"}), wholeLine(c, []string{words[0], at})}
		return usagef(choices("compare it to the head, or show what that event changed:", lines...), "a diff needs two points, and %q is one", words[2])
	}
	if errors.As(err, &extra) && c.Flags().Lookup("path") != nil && !c.Flags().Changed("path") {
		if _, bad := state.ParsePath(extra.word); bad == nil {
			extra.fix = fault.Remedy{For: extra.word, Near: []string{"--path=" + extra.word}}
		}
	}
	return err
}

// dashed answers a stream that begins with a hyphen, and so looks like a flag, or returns
// nil.
func (a *app) dashed(c *cobra.Command) error {
	i := slices.IndexFunc(a.typed, a.isStore)
	if !strings.Contains(c.Use, "STREAM") || i < 0 || slices.Contains(a.typed, "--") {
		return nil
	}
	for j, w := range a.typed {
		if len(w) < 2 || w[0] != '-' || !a.isStream(a.typed[i], w) {
			continue
		}
		words, flags := []string{a.typed[i], w}, []string(nil)
		for k, word := range a.typed {
			switch isFlag := word[:min(1, len(word))] == "-" || k > 0 && takesNext(c, a.typed[k-1]); {
			case word == c.Name() || k == i || k == j:
			case isFlag:
				flags = append(flags, word)
			default: // a point or a path
				words = append(words, word)
			}
		}
		return usagef(choices("write it after a --:", shownLine(c.Name(), words, flags)), "the stream %s begins with a hyphen, as a flag does", render.Quote(w))
	}
	return nil
}

// verbBehind answers a command line that begins with a store, and names a verb or a
// stream after it.
func (a *app) verbBehind(root *cobra.Command, words []string) error {
	if len(words) < 2 || a.globals() != nil || !a.isStore(words[0]) {
		return nil
	}
	isVerb := func(w string) bool {
		return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == w })
	}
	i := slices.Index(a.typed, words[0])
	if isVerb(words[1]) && i >= 0 && i+1 < len(a.typed) && a.typed[i+1] == words[1] {
		typed := slices.Clone(a.typed)
		typed[i], typed[i+1] = typed[i+1], typed[i]
		return usagef("asof "+commandLine(typed), "the verb comes before the store")
	}
	return usagef(choices("name the verb:", shownLine("log", words[:2], nil), shownLine("replay", words[:2], nil)),
		"no verb before the store %q", words[0])
}

// gitBisect are the subcommands of git bisect that asof bisect does not have.
var gitBisect = []string{"start", "good", "bad", "new", "old", "skip", "run", "visualize", "terms"}

// gitHabit answers the subcommands of git bisect.
func (a *app) gitHabit(c *cobra.Command, args, mended []string) error {
	if c.Name() != "bisect" {
		return nil
	}
	i := slices.IndexFunc(args, func(w string) bool { return slices.Contains(gitBisect, w) })
	if i < 0 || a.isStore(args[i]) || len(mended) > 1 && a.isStream(mended[0], mended[1]) && mended[1] == args[i] {
		return nil
	}
	store, stream := a.onlyStore(), ""
	var rest []string
	for j, w := range args {
		switch {
		case j == i:
		case a.isStore(w) && !a.isFolder(w):
			store = w
		case stream == "" && (args[i] != "run" || j < i) && store != "" && a.isStream(store, w):
			stream = w
		default:
			rest = append(rest, w)
		}
	}
	if store == "" {
		store = "STORE"
	}
	if stream == "" {
		stream = "STREAM"
	}
	words := []string{store, stream}
	switch {
	case args[i] == "run" && len(rest) > 0:
		return usagef(shownLine("bisect", words, []string{"--run", commandLine(rest)}), "there is no asof bisect run")
	case args[i] == "visualize":
		return usagef("asof bisect log", "there is no asof bisect visualize")
	}
	return usagef(choices("it asks good or bad on its own, and nothing if an expression decides:",
		shownLine("bisect", words, nil), shownLine("bisect", words, []string{"--bad", "state.total < 0"})),
		"there is no asof bisect %s", args[i])
}

// takesHelp lets VERB help print the help of the verb.
func (a *app) takesHelp(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.takesHelp(sub)
	}
	check, run := c.Args, c.RunE
	if run == nil {
		return
	}
	asked := func(args []string) bool { return len(args) == 1 && args[0] == "help" && !a.isStore(args[0]) }
	c.Args = func(c *cobra.Command, args []string) error {
		if check == nil || asked(args) {
			return nil
		}
		return check(c, args)
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if asked(args) {
			return c.Help()
		}
		return run(c, args)
	}
}
