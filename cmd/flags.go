package cmd

import (
	"github.com/spf13/pflag"

	"asof/inspect/ask"
)

// addAt adds --at and its alias --as-of for the point. Unlike STREAM@POINT, the flag
// is unambiguous when a stream's name contains an @.
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

// typedCondition returns the flags of a condition, as typed.
func typedCondition(c ask.Condition) []string {
	if c.Bad != "" {
		return []string{"--bad", c.Bad}
	}
	return []string{"--good", c.Good}
}
