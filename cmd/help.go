package cmd

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/cmd/render"
)

// -h fits one screen: usage, examples and the common flags. --help is the whole help.

// screenRows is the height of the screen that -h fits, less the line of the prompt.
const screenRows = 23

// mostExamples is how many examples -h shows.
const mostExamples = 5

// A helpFlag is the Value of -h or --help.
type helpFlag struct {
	asked, whole *bool
	long         bool // --help
}

func (f helpFlag) Type() string { return "bool" }

// String returns whether help was asked for: cobra reads it.
func (f helpFlag) String() string { return strconv.FormatBool(f.asked != nil && *f.asked) }

// Set asks for help. It implements [pflag.Value].
func (f helpFlag) Set(string) error {
	*f.asked = true
	*f.whole = *f.whole || f.long
	return nil
}

// helps adds -h and --help to all verbs.
func (a *app) helps(root *cobra.Command) {
	var asked bool
	fl := root.PersistentFlags()
	long := fl.VarPF(helpFlag{&asked, &a.whole, true}, "help", "", "print the full help; -h prints a short one")
	short := fl.VarPF(helpFlag{&asked, &a.whole, false}, "short-help", "h", "print the short help")
	long.NoOptDefVal, short.NoOptDefVal = "true", "true"
	long.DefValue, short.Hidden = "", true
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		if a.json {
			_ = a.writeHelpJSON(c) // the counter of standard output keeps an error
			return
		}
		_ = a.globals() // the help of a wrong line is still help
		a.page()
		a.printHelp(c)
	})
}

// printHelp prints the help of a verb. The counter of standard output keeps an error.
func (a *app) printHelp(c *cobra.Command) {
	h := briefHelp(c)
	if a.whole {
		h = wholeHelp(c)
	}
	p := a.out().text
	p.Help(h)
	_ = p.Flush()
}

// rareVerbs are those that only the whole help of asof lists, so that the brief one fits.
// None is the first of its group; the help of check names merge-reports, and that of query
// materialize; bisect and check suggest shrink under what they find.
var rareVerbs = []string{"materialize", "merge-reports", "shrink", "cache", "completion"}

// briefHelp is the help of -h.
func briefHelp(c *cobra.Command) render.Help {
	h := render.Help{Rows: screenRows}
	if !c.HasParent() {
		labels, rows := overview(c)
		labels, rows = labels[:len(labels)-1], rows[:len(rows)-1] // help: the last line names it
		for _, rare := range rareVerbs {
			i := slices.IndexFunc(rows, func(r [2]string) bool { return r[0] == rare })
			labels, rows = slices.Delete(labels, i, i+1), slices.Delete(rows, i, i+1)
		}
		h.Parts = []render.HelpPart{
			{Text: "Usage: " + c.Use + " …"},
			{Table: rows, Labels: labels, Tight: true},
			{Text: "Topics: asof help " + strings.Join(topicNames, "|") + "; more: asof VERB --help", Tight: true},
		}
		return h
	}
	examples := exampleLines(c)
	h.Parts = []render.HelpPart{
		{Text: c.Short + "\n\nUsage: " + usageOf(c)},
		{Commands: examples[:min(len(examples), mostExamples)]},
		{Table: verbRows(c.Commands())},
		{Table: flagRows(c, commonFlags[verbPath(c)]), Spare: true},
		{Text: "More: " + c.CommandPath() + " --help"},
	}
	return h
}

// wholeHelp is the help of --help.
func wholeHelp(c *cobra.Command) render.Help {
	long, codes, _ := strings.Cut(c.Long, "\n\nExit codes:\n")
	if long == "" {
		long = c.Short + "."
	}
	h := render.Help{Parts: []render.HelpPart{
		{Text: long},
		{Title: "Usage:", Text: "  " + usageOf(c)},
	}}
	add := func(p render.HelpPart) { h.Parts = append(h.Parts, p) }
	if len(c.Example) > 0 {
		add(render.HelpPart{Title: "Examples:", Commands: exampleLines(c)})
	}
	if !c.HasParent() {
		labels, rows := overview(c)
		add(render.HelpPart{Title: "Verbs:", Table: rows, Labels: labels})
	} else if subs := verbRows(c.Commands()); len(subs) > 0 {
		add(render.HelpPart{Title: "Verbs:", Table: subs})
	}
	own, store, all := sortedFlags(c)
	add(render.HelpPart{Title: "Flags:", Table: flagRows(c, own)})
	add(render.HelpPart{Title: "Opening the store:", Table: flagRows(c, store)})
	add(render.HelpPart{Title: "Flags of every verb:", Table: flagRows(c, all)})
	if codes != "" {
		add(render.HelpPart{Title: "Exit codes:", Text: codes})
	}
	return h
}

// overview lists all verbs in the order of use, labeled by what one does with them.
func overview(root *cobra.Command) (labels []string, rows [][2]string) {
	for _, g := range groups {
		for i, row := range verbRows(verbsOf(root, g.verbs)) {
			label := ""
			if i == 0 {
				label = g.title
			}
			labels, rows = append(labels, label), append(rows, row)
		}
	}
	return labels, rows
}

// verbsOf returns the named subcommands, in this order.
func verbsOf(root *cobra.Command, names []string) []*cobra.Command {
	var out []*cobra.Command
	for _, name := range names {
		for _, c := range root.Commands() {
			if c.Name() == name {
				out = append(out, c)
			}
		}
	}
	return out
}

func verbRows(cs []*cobra.Command) [][2]string {
	var rows [][2]string
	for _, c := range cs {
		if c.IsAvailableCommand() || c.Name() == "help" {
			rows = append(rows, [2]string{c.Name(), c.Short})
		}
	}
	return rows
}

// usageOf returns the usage line of a verb.
func usageOf(c *cobra.Command) string {
	if !c.HasParent() {
		return c.Use
	}
	use := c.Use
	if use == c.Name() && c.HasAvailableSubCommands() {
		use += " VERB"
	}
	return c.Parent().CommandPath() + " " + use + " [flags]"
}

// verbPath returns a verb without the name of the program, such as "audit export".
func verbPath(c *cobra.Command) string { return strings.TrimPrefix(c.CommandPath(), "asof ") }

func exampleLines(c *cobra.Command) []string {
	var lines []string
	for line := range strings.SplitSeq(c.Example, "\n") {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return lines
}

// openFlags are the flags that say how to open a store; see storeFlags.
var openFlags = []string{"dialect", "table", "query", "map", "context", "clock", "copy", "time-zone", "key-file"}

// sortedFlags returns the flags of a verb, the common ones first, then those that open
// the store, then those of every verb.
func sortedFlags(c *cobra.Command) (own, store, all []string) {
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		switch {
		case f.Hidden:
		case slices.Contains(openFlags, f.Name):
			store = append(store, f.Name)
		default:
			own = append(own, f.Name)
		}
	})
	common := commonFlags[verbPath(c)]
	rank := func(name string) int {
		if i := slices.Index(common, name); i >= 0 {
			return i
		}
		return len(common)
	}
	slices.SortStableFunc(own, func(x, y string) int { return cmp.Compare(rank(x), rank(y)) })
	slices.SortFunc(store, func(x, y string) int {
		return cmp.Compare(slices.Index(openFlags, x), slices.Index(openFlags, y))
	})
	every := map[string]bool{}
	c.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) { every[f.Name] = !f.Hidden })
	for _, name := range slices.Sorted(maps.Keys(every)) {
		if every[name] {
			all = append(all, name)
		}
	}
	return own, store, all
}

// flagRows returns the rows of a table of flags.
func flagRows(c *cobra.Command, names []string) [][2]string {
	var rows [][2]string
	for _, name := range names {
		f := c.Flag(name)
		if f == nil {
			continue
		}
		short := "    "
		if f.Shorthand != "" {
			short = "-" + f.Shorthand + ", "
		} else if name == "help" {
			short = "-h, "
		}
		text := short + "--" + name
		if value := valueOf(c, f); value != "" {
			text += " " + value
		}
		rows = append(rows, [2]string{text, f.Usage + defaultOf(f)})
	}
	return rows
}

// defaultOf returns the default of a flag unless it is none.
func defaultOf(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "0", "false", "[]", "0s":
		return ""
	}
	if strings.Contains(f.Usage, "(default") {
		return ""
	}
	return " (default: " + f.DefValue + ")"
}

// valueOf returns the word for the value of a flag, or "" if it takes none.
func valueOf(c *cobra.Command, f *pflag.Flag) string {
	if f.NoOptDefVal != "" {
		return ""
	}
	if w, ok := valueWords[verbPath(c)+" "+f.Name]; ok {
		return w
	}
	return cmp.Or(valueWords[f.Name], strings.ToUpper(f.Value.Type()))
}
