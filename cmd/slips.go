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

// Slips of the command line that can only mean one thing are taken. If words had to
// move, a note shows the line as it was read.

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
		case beginsNumber(word) && isClock().MatchString(word) && beginsTime().MatchString(last):
			out[len(out)-1] += " " + word
		case strings.HasPrefix(word, "-") && isCount().MatchString(word) && c.Flags().Lookup("limit") != nil && !takesNext(c, last):
			out = append(out, "--limit="+word[1:])
		default:
			out = append(out, word)
		}
	}
	return out
}

// beginsNumber reports whether a word begins with a digit. It spares most lines a pattern.
func beginsNumber(word string) bool { return word != "" && word[0] >= '0' && word[0] <= '9' }

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
	if err := a.verbBehind(c, args); err != nil {
		return err
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

// mends lets a verb that takes STORE take the only one of asof.toml, and one that takes
// STREAM as well take words that are in the wrong place.
func (a *app) mends(c *cobra.Command) {
	if !strings.Contains(c.Use, " STORE") {
		return
	}
	check, run := c.Args, c.RunE
	c.Args = func(*cobra.Command, []string) error { return nil }
	c.RunE = func(c *cobra.Command, args []string) error {
		mended, moved := args, false
		if len(args) == 0 {
			store := ""
			if c.Name() != "init" {
				store = a.onlyStore()
			}
			if store == "" {
				return a.noStore(c, check(c, args))
			}
			mended, moved = []string{store}, true
		}
		if c.Name() == "query" {
			var found bool
			var err error
			if mended, found, err = a.mendQuery(c, mended); err != nil {
				return err
			}
			moved = moved || found
		}
		if strings.Contains(c.Use, "STREAM") {
			var found bool
			mended, found = a.mendArgs(c, mended)
			moved = moved || found
			if err := a.gitHabit(c, args, mended); err != nil {
				return err
			}
			if err := a.noStream(c, mended); err != nil {
				return err
			}
			if err := a.noPath(c, mended); err != nil {
				return err
			}
		}
		if err := a.tooMany(c, mended, a.misplaced(c, mended, check(c, mended))); err != nil {
			return err
		}
		if moved {
			a.note(ask.NoticeRead, "read as "+wholeLine(c, mended))
		}
		return run(c, mended)
	}
}

// wholeLine returns the command line of a verb with these words and the flags that were
// set.
func wholeLine(c *cobra.Command, words []string) string {
	var flags []string
	c.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, v := range values {
			if f.Value.Type() == "bool" && v == "true" {
				flags = append(flags, "--"+f.Name)
			} else {
				flags = append(flags, "--"+f.Name+"="+v)
			}
		}
	})
	return shownLine(c.Name(), words, flags)
}

// mendArgs puts the words of a verb in their places, where that is certain, and reports
// whether it moved any.
func (a *app) mendArgs(c *cobra.Command, args []string) (mended []string, moved bool) {
	mended = slices.Clone(args)
	switch {
	case a.isStore(mended[0]):
	case len(mended) > 1 && a.isStore(mended[1]) && !a.isFolder(mended[1]):
		mended[0], mended[1], moved = mended[1], mended[0], true
	default:
		if store := a.onlyStore(); store != "" && a.isStream(store, mended[0]) {
			mended, moved = slices.Insert(mended, 0, store), true
		}
	}
	// A point becomes --at: after an @, it could name another stream.
	at, rest := "", mended
	all, _ := c.Flags().GetBool("all")
	isPoint := func(i int) bool {
		bare := strings.TrimPrefix(mended[i], "@")
		if !a.isPoint(bare) || c.Name() == "diff" && bare == mended[i] && !isVersion().MatchString(bare) && a.isStream(mended[0], bare) {
			return false
		}
		mended[i] = bare
		return true
	}
	switch n := len(mended); {
	case c.Name() == "diff" && all && n == 2:
		if from, to, ok := strings.Cut(mended[1], ".."); ok && from != "" && to != "" {
			return []string{mended[0], from, to}, true
		}
	case c.Name() == "diff" && n == 4 && isPoint(2) && isPoint(3):
		at, rest = mended[2]+".."+mended[3], mended[:2]
	case c.Name() == "diff" && n == 3:
		at, rest = a.mendDiff(mended)
	case c.Name() != "diff" && n == 3 && (!strings.Contains(c.Use, "PATH") || strings.HasPrefix(mended[2], "@")) && isPoint(2):
		at, rest = mended[2], mended[:2]
	}
	if f := c.Flags().Lookup("at"); at != "" && f != nil && !f.Changed && c.Flags().Set("at", at) == nil {
		return rest, true
	}
	return mended, moved
}

// mendDiff takes STREAM@A B, and STREAM A..B, where B and A..B are no streams. Without one
// of these, at is "".
func (a *app) mendDiff(words []string) (at string, rest []string) {
	to := strings.TrimPrefix(words[2], "@")
	if !a.isPoint(to) || a.isStream(words[0], words[2]) {
		return "", words
	}
	stream, from := a.cutStream(words[0], words[1])
	switch isRange := strings.Contains(to, ".."); {
	case from == "" && isRange:
		return to, words[:2]
	case from == "" || strings.Contains(from, ".."):
		return "", words
	case isRange && !strings.HasPrefix(to, ".."):
		return "", words
	default:
		return from + ".." + strings.TrimPrefix(to, ".."), []string{words[0], stream}
	}
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

// isFolder reports whether a word names a folder.
func (a *app) isFolder(word string) bool {
	info, err := os.Stat(a.path(word))
	return err == nil && info.IsDir()
}

// onlyStore is the store of an asof.toml that names one, or "".
func (a *app) onlyStore() string {
	proj, err := a.project()
	if err != nil || proj == nil || len(proj.Stores) != 1 {
		return ""
	}
	return proj.Stores[0].Name
}

// cutStream divides STREAM@POINT, as a store that has the stream reads it. Without a point,
// or without the stream, point is "".
func (a *app) cutStream(store, word string) (stream, point string) {
	s, err := a.work().Store(a.ctx, workspace.StoreRef{Store: store})
	if err != nil {
		return word, ""
	}
	defer s.Close() //nolint:errcheck // only read
	t, err := s.Unfolded(a.ctx, word)
	if err != nil || t.At == "" {
		return word, ""
	}
	return strings.TrimSuffix(word, "@"+t.At), t.At
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
