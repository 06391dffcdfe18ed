package cmd

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// ownPages are verbs whose --limit has no cursor, and how the rest is asked for.
var ownPages = map[string]string{
	"query": "OFFSET of its SELECT, and its columns",
	"drift": "a larger limit: the counts cover all",
}

// TestListsArePaged: a verb that bounds a list has a cursor for the rest, and selects
// fields.
func TestListsArePaged(t *testing.T) {
	lists := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		verb := strings.TrimPrefix(c.CommandPath(), "asof ")
		var has, lacks []string
		for _, name := range []string{"limit", "cursor", "fields"} {
			if c.LocalFlags().Lookup(name) != nil {
				has = append(has, name)
			} else {
				lacks = append(lacks, name)
			}
		}
		switch _, own := ownPages[verb]; {
		case own && (len(has) != 1 || has[0] != "limit"):
			t.Errorf("%s is not an exception any more: it has %v", verb, has)
		case !own && len(has) > 0 && len(lacks) > 0:
			t.Errorf("%s has %v and lacks %v", verb, has, lacks)
		case len(has) == 3:
			lists++
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).command(nil))
	if lists < 9 {
		t.Errorf("only %d verbs have pages", lists)
	}
}
