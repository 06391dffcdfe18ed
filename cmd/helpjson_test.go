package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/inspect/wire"
	"asof/replay/fault"
)

// TestHelpJSONIsTheCommandTree compares asof help --json with the commands: every verb
// and flag is there once, with its words.
func TestHelpJSONIsTheCommandTree(t *testing.T) {
	t.Parallel()
	out, stderr, code := run(t, t.TempDir(), nil, "help", "--json")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var h wire.Help
	if err := json.Unmarshal([]byte(out), &h); err != nil {
		t.Fatal(err)
	}
	verbs := map[string]wire.HelpVerb{}
	for _, v := range h.Verbs {
		if _, twice := verbs[v.Name]; twice || v.Short == "" || v.Use == "" {
			t.Errorf("verb %q: duplicate, or not described", v.Name)
		}
		verbs[v.Name] = v
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		name := strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), "asof"))
		v, ok := verbs[name]
		if !ok {
			t.Errorf("%q is missing", name)
		}
		delete(verbs, name)
		flags := map[string]wire.HelpFlag{}
		for _, f := range append(v.Flags, h.Verbs[0].Flags...) {
			flags[f.Name] = f
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if got := flags[f.Name]; !f.Hidden && (got.Usage != f.Usage || got.Type != f.Value.Type()) {
				t.Errorf("%s --%s: %+v", name, f.Name, got)
			}
		})
		if c.Runnable() && c.HasParent() && c.Name() != "help" && len(v.Exits) == 0 {
			t.Errorf("%s has no exit codes", name)
		}
		for _, sub := range c.Commands() {
			if !sub.Hidden {
				walk(sub)
			}
		}
	}
	root := (&app{}).command(nil)
	root.InitDefaultHelpCmd()
	walk(root)
	for name := range verbs {
		t.Errorf("%q is not a command", name)
	}
	if len(h.Errors) != len(fault.Kinds) || len(h.Topics) != len(topicNames) || len(h.Answers) != len(wire.Contract) {
		t.Errorf("%d errors, %d topics, %d answers", len(h.Errors), len(h.Topics), len(h.Answers))
	}
	for _, args := range [][]string{{"help", "log", "--json"}, {"log", "--help", "--json"}, {"help", "points", "--json"}} {
		if out, _, code := run(t, t.TempDir(), nil, args...); code != exitOK || !json.Valid([]byte(out)) {
			t.Errorf("%q: exit %d, %s", args, code, out)
		}
	}
}
