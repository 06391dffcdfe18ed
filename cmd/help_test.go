package cmd

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// TestHelp holds every verb to a help text: a first line in the imperative
// without a full stop, an example of its own, its exit codes, and a place in the
// README.
func TestHelp(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{ctx: context.Background()}
	var check func(c *cobra.Command, path string)
	check = func(c *cobra.Command, path string) {
		path += " " + c.Name()
		if c.HasSubCommands() {
			for _, sub := range c.Commands() {
				check(sub, path)
			}
			return
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || c.Short[:1] != strings.ToUpper(c.Short[:1]) {
			t.Errorf("%s: bad first line %q", path, c.Short)
		}
		if !strings.Contains(c.Long, "\n\nExit codes:\n  0 ") {
			t.Errorf("%s: help lists no exit codes", path)
		}
		codes := exitCodes(c.Long)
		if !slices.IsSorted(codes) || !slices.Contains(codes, exitInterrupted) {
			t.Errorf("%s: help lists the exit codes %v", path, codes)
		}
		for line := range strings.Lines(c.Long) {
			if strings.HasPrefix(line, "  ") {
				continue
			}
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%s: a line of help is %d columns wide: %s", path, n, line)
			}
		}
		if !strings.Contains(c.Example, "asof"+path[len(" asof"):]) {
			t.Errorf("%s: no own example", path)
		}
		for line := range strings.Lines(c.Example) {
			if !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: an example is not indented: %s", path, line)
			}
		}
		if !strings.Contains(string(readme), "`"+c.Name()) && !strings.Contains(string(readme), path[len(" "):]) {
			t.Errorf("%s: the README does not name it", path)
		}
	}
	for _, c := range a.verbsFor(nil) {
		check(c, " asof")
	}
}

// exitCodes returns the codes that a help text lists.
func exitCodes(long string) []int {
	_, list, _ := strings.Cut(long, "\n\nExit codes:\n")
	var codes []int
	for line := range strings.Lines(list) {
		if word := strings.Fields(line); len(word) > 0 {
			if n, err := strconv.Atoi(word[0]); err == nil {
				codes = append(codes, n)
			}
		}
	}
	return codes
}
