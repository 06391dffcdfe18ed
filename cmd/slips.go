package cmd

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// Slips of the command line that can only mean one thing are taken, and a note shows
// the line as it was read.

var (
	beginsTime = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[@=.])(?:\d{4}-\d\d-\d\d|yesterday|today)$`)
	})
	isClock   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d\d?:\d\d(:\d\d(\.\d+)?)?Z?$`) })
	isCount   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-[1-9]\d*$`) })
	isVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+$`) })
)

// mendWords joins a time that was not quoted, and reads -5 as --limit 5.
func (a *app) mendWords(root *cobra.Command, args []string) []string {
	c, _, err := root.Find(args)
	if err != nil || c == root {
		return args
	}
	var out []string
	for i, word := range args {
		if word == "--" {
			return append(out, args[i:]...)
		}
		last := ""
		if i > 0 {
			last = args[i-1]
		}
		switch {
		case isClock().MatchString(word) && beginsTime().MatchString(last):
			out[len(out)-1] += " " + word
		case isCount().MatchString(word) && c.Flags().Lookup("limit") != nil && !takesNext(c, last):
			out = append(out, "--limit="+word[1:])
		default:
			out = append(out, word)
		}
	}
	return out
}

// takesNext reports whether a word is a flag whose value is the next word.
func takesNext(c *cobra.Command, word string) bool {
	name, long := strings.CutPrefix(word, "--")
	if long {
		f := c.Flag(name)
		return f != nil && f.NoOptDefVal == ""
	}
	if len(word) != 2 || word[0] != '-' {
		return false
	}
	f := c.Flags().ShorthandLookup(word[1:])
	return f != nil && f.NoOptDefVal == ""
}

// rootArgs takes a store where a verb belongs, and refuses all else.
func (a *app) rootArgs(c *cobra.Command, args []string) error {
	if len(args) == 1 && a.globals() == nil && a.isStore(args[0]) {
		return nil
	}
	return a.unknownVerb(c, args)
}

// runRoot describes the store that is named without a verb, or prints the help.
func (a *app) runRoot(c *cobra.Command, args []string) error {
	if len(args) == 1 {
		return a.runInfo(ask.Info{StoreRef: workspace.StoreRef{Store: args[0]}})
	}
	return c.Help()
}

// mends lets a verb that begins with STORE take words that are in the wrong place.
func (a *app) mends(c *cobra.Command) {
	check, run := c.Args, c.RunE
	if check == nil || run == nil || !strings.Contains(c.Use, " STORE") || c.HasParent() && c.Parent().HasParent() {
		return
	}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if name := c.Name(); name == "bisect" && len(args) == 1 && !a.isStore(args[0]) && slices.Contains(gitBisect, args[0]) {
			return usagef("asof bisect STORE STREAM --bad 'state.total < 0' finds it in one go; without --bad it asks",
				"asof bisect needs no %s", args[0])
		}
		mended := a.mendArgs(c, args)
		if err := check(c, mended); err != nil {
			return err
		}
		if !slices.Equal(mended, args) {
			a.note(ask.NoticeRead, "read as "+commandLine(wholeLine(c, mended)))
		}
		return run(c, mended)
	}
}

// wholeLine is the command line of a verb with these words and the flags that were set.
func wholeLine(c *cobra.Command, words []string) []string {
	line := append([]string{"asof", c.Name()}, words...)
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, v := range values {
			if f.Value.Type() == "bool" && v == "true" {
				line = append(line, "--"+f.Name)
			} else {
				line = append(line, "--"+f.Name+"="+v)
			}
		}
	})
	return line
}

// gitBisect are the subcommands of git bisect that asof bisect does not have.
var gitBisect = []string{"start", "good", "bad", "new", "old", "skip", "run", "visualize", "terms"}

// mendArgs puts the words of a verb in their places, where that is certain.
func (a *app) mendArgs(c *cobra.Command, args []string) []string {
	args = slices.Clone(args)
	streams := strings.Contains(c.Use, "STREAM")
	switch {
	case len(args) == 0 || !streams || a.isStore(args[0]):
	case len(args) > 1 && a.isStore(args[1]):
		args[0], args[1] = args[1], args[0]
	default:
		if store := a.onlyStore(); store != "" && a.isStream(store, args[0]) {
			args = slices.Insert(args, 0, store)
		}
	}
	all, _ := c.Flags().GetBool("all")
	switch {
	case c.Name() == "diff" && all && len(args) == 2:
		if from, to, ok := strings.Cut(args[1], ".."); ok && from != "" && to != "" {
			return []string{args[0], from, to}
		}
	case c.Name() == "diff" && len(args) == 4 && isVersion().MatchString(args[2]) && isVersion().MatchString(args[3]):
		return []string{args[0], args[1] + "@" + args[2] + ".." + args[3]}
	case streams && len(args) == 3 && !strings.Contains(c.Use, "PATH") && c.Name() != "diff" && a.isPoint(args[2]):
		return []string{args[0], args[1] + "@" + args[2]}
	}
	return args
}

// isPoint reports whether a word is a point or a range.
func (a *app) isPoint(word string) bool {
	_, err := replay.ParseRange(word, a.work().Env())
	return err == nil
}

// isStore reports whether a word names a store: a file, a connection string, standard
// input or a store of asof.toml.
func (a *app) isStore(word string) bool {
	if at, ok := a.places[word]; word == "-" || ok && at.IsDSN() {
		return true
	}
	if strings.Contains(word, "://") {
		return true
	}
	if _, err := os.Stat(a.path(word)); err == nil {
		return true
	}
	proj, err := a.project()
	if err != nil || proj == nil {
		return false
	}
	_, err = proj.Store(word)
	return err == nil
}

// onlyStore is the store of an asof.toml that names one, or "".
func (a *app) onlyStore() string {
	proj, err := a.project()
	if err != nil || proj == nil || len(proj.Stores) != 1 {
		return ""
	}
	return proj.Stores[0].Name
}

// isStream reports whether a store has what a word names.
func (a *app) isStream(store, word string) bool {
	s, err := a.work().Store(a.ctx, workspace.StoreRef{Store: store})
	if err != nil {
		return false
	}
	defer s.Close() //nolint:errcheck // only read
	if strings.HasPrefix(word, "proj:") {
		return true
	}
	_, err = s.Unfolded(a.ctx, word)
	return err == nil
}
