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
var listFlags = map[string]string{"replay": "step", "blame": "history", "diff": "all", "bisect": "all"}

// selectFields reads --fields: the members of each row of a list that JSON has.
func (a *app) selectFields(c *cobra.Command) error {
	if !c.Flags().Changed("fields") {
		return nil
	}
	verb := strings.TrimPrefix(c.CommandPath(), "asof ")
	answer := verb
	if flag := listFlags[verb]; flag != "" {
		answer += " --" + flag
		if !c.Flags().Changed(flag) {
			return usagef("give --"+flag+" with it, or leave it out", "--fields is for --%s", flag)
		}
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
