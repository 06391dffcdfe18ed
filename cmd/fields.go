package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/inspect/wire"
	"asof/replay/fault"
)

// listFlags are the flags that make the answer of a verb a list.
var listFlags = map[string][]string{"replay": {"step", "effects"}, "blame": {"history"}, "diff": {"all"}, "bisect": {"all"}}

// selectFields reads --fields: the members of each row of a list that JSON has.
func (a *app) selectFields(c *cobra.Command) error {
	if !c.Flags().Changed("fields") {
		return nil
	}
	verb := strings.TrimPrefix(c.CommandPath(), "asof ")
	answer := verb
	if flags := listFlags[verb]; flags != nil {
		i := slices.IndexFunc(flags, c.Flags().Changed)
		if i < 0 {
			return usagef("give --"+strings.Join(flags, " or --")+" with it, or leave it out", "--fields is for --%s", strings.Join(flags, " and --"))
		}
		answer += " --" + flags[i]
	}
	if !a.json {
		return usagef("add --json", "--fields is for --json")
	}
	have := wire.RowFields(answer)
	for i, name := range a.fields {
		a.fields[i] = strings.TrimSpace(name)
		if !slices.Contains(have, a.fields[i]) {
			return &usageError{msg: fmt.Sprintf("unknown field %q", a.fields[i]), near: fault.Near(a.fields[i], have, 1), next: "the fields are " + strings.Join(have, ", ")}
		}
	}
	a.rows = wire.Select(answer, a.fields)
	return nil
}
