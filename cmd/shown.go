package cmd

import (
	"fmt"
	"slices"

	"asof/cmd/render"
	"asof/inspect/ask"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/workspace"
)

// suggest returns a command to try next on a stream of a store, as arguments. It opens
// the store as this run did.
func (a *app) suggest(ref workspace.StoreRef, verb, stream string, flags ...string) []string {
	args := argsOf(verb, []string{ref.Store, stream}, append(flags, a.typedStore(ref)...))
	return append([]string{"asof"}, args...)
}

// commands words the questions to ask next as command lines. Text shows them quoted, and
// JSON as lists of arguments.
func (a *app) commands(next []ask.Next) [][]string {
	var all [][]string
	for _, n := range next {
		all = append(all, a.commandFor(n))
	}
	return all
}

func (a *app) commandFor(n ask.Next) []string {
	about := func(t ask.Timeline, flags ...string) []string {
		return a.suggest(t.StoreRef, n.Verb, t.Stream, append(flags, typedFold(t.Folding)...)...)
	}
	switch q := n.Question.(type) {
	case ask.Show:
		return about(q.Timeline)
	case ask.Blame:
		return about(q.Timeline)
	case ask.Why:
		flags := append(typedFold(q.Folding), a.typedStore(q.StoreRef)...)
		return append([]string{"asof"}, argsOf(n.Verb, []string{q.Store, q.Stream, q.Path}, flags)...)
	case ask.Whatif:
		return about(q.Timeline, append(typedEdits(q.Edits), "--path", q.Path)...)
	case ask.Log:
		if q.Patch {
			return about(q.Timeline, "-p")
		}
		return about(q.Timeline)
	case ask.Diff:
		return a.suggest(q.StoreRef, n.Verb, q.Stream, "--fold", q.Fold, "--fold", q.OtherFold)
	case ask.Bisect:
		return about(q.Timeline, typedCondition(q.Condition)...)
	case ask.CheckStore:
		return append([]string{"asof"}, argsOf(n.Verb, []string{q.Store}, append(typedCheck(q), a.typedStore(q.StoreRef)...))...)
	case ask.Shrink:
		return about(q.Timeline, typedCondition(q.Condition)...)
	}
	panic(fmt.Sprintf("no command line asks a %T", n.Question))
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
func commandLine(args []string) string { return render.CommandLine(args) }

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

// typedEdits returns the flags of edits.
func typedEdits(edits []ask.Edit) []string {
	var args []string
	for _, e := range edits {
		if e.Kind == whatif.Drop {
			args = append(args, "--drop", fmt.Sprint(e.Version))
		}
	}
	return args
}
