package cmd

import "github.com/spf13/pflag"

// addAt adds the flag for the point, which is never ambiguous where a stream's
// name holds an @. --as-of is another name for it.
func addAt(fl *pflag.FlagSet, at *string) {
	fl.StringVar(at, "at", "", "the point or range, instead of behind an @")
	fl.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "as-of" {
			name = "at"
		}
		return pflag.NormalizedName(name)
	})
}
