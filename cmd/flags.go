package cmd

import (
	"github.com/spf13/pflag"

	"asof/inspect/ask"
	"asof/replay/workspace"
)

// addAt adds the flag for the point, which is never ambiguous where a stream's
// name holds an @. --as-of is another name for it.
func addAt(fl *pflag.FlagSet, at *string) {
	fl.StringVar(at, "at", "", "the point or range, instead of after an @")
	fl.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "as-of" {
			name = "at"
		}
		return pflag.NormalizedName(name)
	})
}

// addCondition adds the flags that say which states are bad.
func addCondition(fl *pflag.FlagSet, c *ask.Condition) {
	fl.StringVar(&c.Bad, "bad", "", "a state is bad if this JavaScript expression over state and event is true")
	fl.StringVar(&c.Good, "good", "", "a state is good if this JavaScript expression is true, otherwise bad")
}

// typedFold is how to fold, as it is typed.
func typedFold(how workspace.Folding) []string {
	var args []string
	if how.Fold != "" {
		args = append(args, "--fold", how.Fold)
	}
	if how.Projection != "" {
		args = append(args, "--projection", how.Projection)
	}
	return args
}

// typedCondition is a condition as it is typed.
func typedCondition(c ask.Condition) []string {
	if c.Bad != "" {
		return []string{"--bad", c.Bad}
	}
	return []string{"--good", c.Good}
}
