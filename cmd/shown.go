package cmd

import (
	"fmt"
	"slices"
	"strings"

	"asof/cmd/render"
	"asof/replay"
	"asof/replay/workspace"
)

// suggest returns a command to try next on a stream of a store. It opens the store as
// this run did.
func (a *app) suggest(ref workspace.StoreRef, verb, stream string, flags ...string) string {
	return shownLine(verb, []string{ref.Store, stream}, append(flags, a.typedStore(ref)...))
}

// shownLine returns a command line of asof, quoted for a shell.
func shownLine(verb string, words, flags []string) string {
	return "asof " + commandLine(argsOf(verb, words, flags))
}

// argsOf returns the arguments of a command line. Words that begin with a hyphen come
// after --.
func argsOf(verb string, words, flags []string) []string {
	if slices.ContainsFunc(words, func(w string) bool { return len(w) > 1 && w[0] == '-' }) {
		return slices.Concat([]string{verb}, flags, []string{"--"}, words)
	}
	return slices.Concat([]string{verb}, words, flags)
}

// commandLine returns arguments quoted for a shell.
func commandLine(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = render.Quote(arg)
	}
	return strings.Join(quoted, " ")
}

// address returns an event as STREAM@VERSION.
func address[S ~string](stream S, v replay.Version) string { return fmt.Sprintf("%s@%d", stream, v) }

// typedStore returns the flags that say how to open a store and where its settings are,
// as typed.
func (a *app) typedStore(r workspace.StoreRef) []string {
	var args []string
	for _, f := range []struct{ name, value string }{
		{"dialect", r.Dialect},
		{"table", r.Table},
		{"query", r.Query},
		{"map", (*mapFlag)(&r.Map).String()},
		{"context", r.Context},
		{"clock", r.Clock},
		{"time-zone", r.TimeZone},
		{"key-file", r.KeyFile},
		{"config", a.config},
	} {
		if f.value != "" {
			args = append(args, "--"+f.name, f.value)
		}
	}
	return args
}

// typedFold returns the flags that select a fold, as typed.
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
