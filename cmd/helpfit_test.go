package cmd

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/cmd/render"
)

// everyVerb returns the root, all verbs and their subcommands.
func everyVerb() []*cobra.Command {
	a := &app{ctx: context.Background(), IO: IO{Out: io.Discard, Err: io.Discard}}
	root := a.command(nil)
	root.InitDefaultHelpCmd()
	all := []*cobra.Command{root}
	for i := 0; i < len(all); i++ {
		all = append(all, all[i].Commands()...)
	}
	return all
}

// helpAt returns what a command line prints on a terminal of this width; 0 is a pipe.
func helpAt(t *testing.T, cols int, args ...string) []string {
	t.Helper()
	var out, errs bytes.Buffer
	code := Run(context.Background(), args, IO{
		In: strings.NewReader(""), Out: &out, Err: &errs, Dir: t.TempDir(),
		Env:      func(k string) string { return map[string]string{"TZ": "UTC", "NO_COLOR": "1"}[k] },
		Now:      time.Now,
		Terminal: func(io.Writer) (int, bool) { return cols, cols > 0 },
	})
	if code != exitOK || errs.Len() > 0 {
		t.Fatalf("asof %q exits %d\n%s", args, code, errs.String())
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// TestHelpFits fits -h and --help of every verb to the terminal: -h to a screen of 24
// rows with the prompt below it, and both to its width, without losing a word.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	for _, c := range everyVerb() {
		path := strings.Fields(strings.TrimPrefix(c.CommandPath(), "asof"))
		var words []string // of the whole help at the first width
		for _, cols := range []int{0, 20, 60, 80, 120} {
			most := cols
			if cols == 0 {
				most = 80
			}
			brief := helpAt(t, cols, append(slices.Clone(path), "-h")...)
			whole := helpAt(t, cols, append(slices.Clone(path), "--help")...)
			for _, line := range append(slices.Clone(brief), whole...) {
				if w := render.Columns(line); w > most {
					t.Errorf("%s: %d columns on a terminal of %d: %s", c.CommandPath(), w, most, line)
				}
			}
			if cols == 0 || cols >= 60 {
				if n := len(brief); n > screenRows && (cols != 60 || c.HasParent()) {
					t.Errorf("%s -h: %d rows on a terminal of %d columns", c.CommandPath(), n, most)
				}
				if last := brief[len(brief)-1]; !strings.Contains(last, "--help") {
					t.Errorf("%s -h ends with %q", c.CommandPath(), last)
				}
			}
			if cols > 0 && cols < 80 {
				continue // commands and names are broken
			}
			got := strings.Fields(strings.ReplaceAll(strings.Join(whole, " "), ` \ `, " "))
			if words == nil {
				words = got
			} else if !slices.Equal(words, got) {
				t.Errorf("%s --help: different words at %d columns", c.CommandPath(), cols)
			}
		}
		text := strings.Join(words, " ")
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && !strings.Contains(text, "--"+f.Name) {
				t.Errorf("%s --help lacks --%s", c.CommandPath(), f.Name)
			}
		})
		long, _, _ := strings.Cut(c.Long, "\n\nExit codes:")
		if want := strings.Join(strings.Fields(long), " "); !strings.Contains(text, want) {
			t.Errorf("%s --help lacks its text:\n%s\n%s", c.CommandPath(), want, text)
		}
	}
}

// TestHelpTables holds the tables of flags to the flags that exist.
func TestHelpTables(t *testing.T) {
	used := map[string]bool{}
	for _, c := range everyVerb()[1:] {
		path := verbPath(c)
		names, ok := commonFlags[path]
		if !ok {
			t.Errorf("no common flags of %s", path)
		}
		used[path] = true
		for _, name := range names {
			if c.Flag(name) == nil {
				t.Errorf("%s has no --%s", path, name)
			}
		}
		for _, f := range allFlags(c) {
			for _, key := range []string{f.Name, path + " " + f.Name} {
				if _, ok := valueWords[key]; ok {
					used[key] = true
				}
			}
			if f.NoOptDefVal == "" && f.Value.Type() != "EDIT" && !used[f.Name] && !used[path+" "+f.Name] {
				t.Errorf("%s --%s: no name for its value", path, f.Name)
			}
		}
	}
	for path := range commonFlags {
		if !used[path] {
			t.Errorf("common flags of %s, which is not a verb", path)
		}
	}
	for key := range valueWords {
		if !used[key] {
			t.Errorf("a value name for %s, which is not a flag", key)
		}
	}
}

func allFlags(c *cobra.Command) (all []*pflag.Flag) {
	add := func(f *pflag.Flag) { all = append(all, f) }
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return all
}

// TestOverview lists each verb once, in the order of the groups.
func TestOverview(t *testing.T) {
	t.Parallel()
	short := helpAt(t, 80, "-h")
	for _, args := range [][]string{{}, {"help"}} {
		if got := helpAt(t, 80, args...); !slices.Equal(got, short) {
			t.Errorf("asof %q prints\n%s", args, strings.Join(got, "\n"))
		}
	}
	var names, listed []string
	for _, c := range everyVerb() {
		if c.HasParent() && c.Parent() == c.Root() {
			names = append(names, c.Name())
		}
	}
	for _, g := range groups {
		listed = append(listed, g.verbs...)
	}
	slices.Sort(names)
	if sorted := slices.Sorted(slices.Values(listed)); !slices.Equal(names, sorted) {
		t.Errorf("the groups have %q, and the verbs are %q", sorted, names)
	}
	var shown []string
	for _, line := range short[1 : len(short)-1] {
		shown = append(shown, strings.Fields(line[len("See the state  "):])[0])
	}
	listed = slices.DeleteFunc(listed, func(v string) bool { return slices.Contains(rareVerbs, v) })
	if listed = listed[:len(listed)-1]; !slices.Equal(shown, listed) { // the last line names help
		t.Errorf("asof -h lists %q, want %q", shown, listed)
	}
	whole := helpAt(t, 80, "help", "log")
	if !slices.Equal(whole, helpAt(t, 80, "log", "--help")) || !slices.Equal(whole, helpAt(t, 80, "log", "-h", "--help")) {
		t.Error("asof help log is not asof log --help")
	}
}
