package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"asof/replay/fault"
)

// flagError returns the error for an invalid flag and suggests the nearest one.
func (a *app) flagError(c *cobra.Command, err error) error {
	next := c.CommandPath() + " --help lists the flags"
	var (
		unknown *pflag.NotExistError
		alone   *pflag.ValueRequiredError
		bad     *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	switch {
	case errors.As(err, &unknown):
		return a.unknownFlag(c, unknown, next)
	case errors.As(err, &alone):
		takes := takesWhat(alone.GetFlag())
		if takes == "" {
			takes = "a value"
		}
		return usagef(next, "--%s takes %s", alone.GetFlag().Name, takes)
	case errors.As(err, &bad):
		return badValue(bad, next)
	case errors.As(err, &syntax):
		return usagef(next, "bad flag %q", syntax.GetSpecifiedFlag())
	}
	return &usageError{msg: err.Error(), next: next}
}

// unknownFlag returns the error for a flag that the verb doesn't have.
func (a *app) unknownFlag(c *cobra.Command, e *pflag.NotExistError, next string) error {
	if c == c.Root() && len(a.typed) > 0 && !strings.HasPrefix(a.typed[0], "-") {
		return a.rootArgs(c, a.typed) // its verb is unknown, and so are the verb's flags
	}
	if err := a.dashed(c); err != nil {
		return err
	}
	name := e.GetSpecifiedName()
	if e.GetSpecifiedShortnames() != "" {
		if len(name) == 1 && name[0] >= '0' && name[0] <= '9' && c.Flags().Lookup("limit") == nil {
			next = "put arguments that begin with a hyphen after --; head~3 is the third event before the last"
		}
		return usagef(next, "unknown flag -%s", name)
	}
	if err := a.byInvariant(c, name); err != nil {
		return err
	}
	unknown := &usageError{msg: "unknown flag --" + name, next: next}
	if r, ok := otherFlag(c, name, a.typed); ok {
		unknown.fix = r
	} else if near := fault.Near(name, flagNames(c), 2); len(near) > 0 {
		slices.SortStableFunc(near, func(a, b string) int { return common(b, name) - common(a, name) })
		for i := range near {
			near[i] = "--" + near[i]
		}
		unknown.fix = fault.Remedy{For: "--" + name, Near: near}
	}
	return unknown
}

// takesWhat names the kind of value that a flag takes, or returns "" for any text.
func takesWhat(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int64":
		return "a whole number"
	case "bool":
		return "true or false"
	case "duration":
		return "a duration"
	case "stringToString":
		return "NAME=VALUE"
	}
	return ""
}

// badValue returns the error for a flag's value of the wrong type.
func badValue(e *pflag.InvalidValueError, next string) error {
	f := e.GetFlag()
	if f.Value.Type() == "duration" {
		next = "write a number with a unit, such as 30s or 5m"
	}
	if takes := takesWhat(f); takes != "" {
		return usagef(next, "--%s takes %s, not %q", f.Name, takes, e.GetValue())
	}
	var known fault.Error
	if errors.As(e.Unwrap(), &known) {
		return fmt.Errorf("--%s: %w", f.Name, known)
	}
	return usagef(next, "bad --%s %q: %v", f.Name, e.GetValue(), e.Unwrap())
}

// common returns the length of the common beginning of two names.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
