package cmd

import (
	"errors"
	"slices"
	"strings"

	"asof/cmd/render"
	"asof/inspect/wire"
	"asof/replay/fault"
	"asof/replay/store"
)

// A store of a dialect that asof does not know is answered on one screen: what was looked
// at, the best proposals with the events they read, and the lines that open it so.

func unknownStore(err error) (unknown *store.UnknownDialectError, ok bool) {
	ok = errors.As(err, &unknown) && len(unknown.Matches) == 0
	return unknown, ok
}

// unknownHint returns the hint for a store that no dialect fits: the command line that was
// typed, by a proposed mapping.
func (a *app) unknownHint(unknown *store.UnknownDialectError) string {
	typed := slices.Clone(a.typed)
	i := slices.IndexFunc(typed, a.isStore)
	if i < 0 || len(unknown.Looked)+len(unknown.Proposals) == 0 {
		return ""
	}
	name := typed[i]
	if i == 0 {
		typed = append([]string{"info"}, typed...)
	}
	if mapsAnother(typed[:i]) {
		return a.writeStore(unknown, typed, i)
	}
	var lines []string
	for _, p := range unknown.Openings() {
		flags := []string{"--map", p.Map}
		if p.Table != "" {
			flags = append([]string{"--table", p.Table}, flags...)
		}
		lines = append(lines, "asof "+commandLine(withFlags(typed, flags...)))
	}
	text := ""
	switch len(lines) {
	case 0:
		table := "T"
		text = "if a table contains events, name it and its columns (asof help stores explains how):"
		if len(unknown.Looked) == 1 {
			text, table = "if it contains events, name its columns (asof help stores explains how):", unknown.Looked[0]
		}
		lines = append(lines, "asof info "+render.Quote(name)+" --table "+render.Quote(table)+" --map stream=…,version=…,type=…,data=…")
	case 1:
		text = "if these are the events, open them by that mapping, or let init write it down:"
		lines = append(lines, shownLine("init", []string{name}, nil))
	default:
		text = "open one of them by its mapping:"
	}
	if !a.verbose {
		lines = append(lines, shownLine("info", []string{name}, []string{"--verbose"})+"   # why no dialect fits")
	}
	return choices(text, lines...)
}

// severalHint returns the hint for a store that several dialects fit: the command line that
// was typed, by each of them.
func (a *app) severalHint(err error) string {
	var unknown *store.UnknownDialectError
	if !errors.As(err, &unknown) || len(unknown.Matches) == 0 || !slices.ContainsFunc(a.typed, a.isStore) {
		return ""
	}
	typed := a.typed
	if a.isStore(typed[0]) {
		typed = slices.Insert(slices.Clone(typed), 0, "info")
	}
	var lines []string
	for _, name := range unknown.Matches {
		lines = append(lines, "asof "+commandLine(withFlags(typed, "--dialect", name)))
	}
	return choices("choose one:", lines...)
}

// withFlags returns a command line with more flags, in front of a --.
func withFlags(typed []string, flags ...string) []string {
	end := slices.Index(typed, "--")
	if end < 0 {
		end = len(typed)
	}
	return slices.Insert(slices.Clone(typed), end, flags...)
}

// sourceOf returns the lines that an error points at, and whether these may be cut at the
// width of a terminal.
func (a *app) sourceOf(err error) (source string, cut bool) {
	unknown, ok := unknownStore(err)
	if !ok {
		return sourceOf(err), false
	}
	source = unknown.Shown(a.verbose || a.json)
	if a.verbose {
		source = strings.Join(append(unknown.Details(), source), "\n")
	}
	return source, !a.verbose
}

// failure is an error as it is printed.
func (a *app) failure(verb string, err error) render.Failure {
	f := render.Failure{Verb: verb, Err: errors.New(a.scrub(err.Error())), Hint: a.scrub(a.hint(err))}
	f.Source, f.Cut = a.sourceOf(err)
	f.Source = a.scrub(f.Source)
	return f
}

// failureJSON is an error as JSON has it.
func (a *app) failureJSON(code int, err error) wire.Error {
	source, _ := a.sourceOf(err)
	f := wire.Failure{Code: code, Message: a.scrub(err.Error()), Source: a.scrub(source)}
	whole := a.hint(err)
	hint, next := commandsIn(a.scrub(whole), whole == hintOf(err))
	if f.Next = next; next == nil {
		f.Next = a.commandOf(fault.RemedyOf(err))
	}
	return a.errorJSON(err, f, hint)
}

// commandsIn parts a hint into its text and its command lines, as arguments. A line with a
// place to fill in is no command, and it stays in the text; so does the first line of a
// hint that begins with text, which may be a sentence about asof.
func commandsIn(hint string, textFirst bool) (text string, next [][]string) {
	var rest []string
	for i, line := range strings.Split(hint, "\n") {
		args, ok := render.Words(line)
		if ok && args[0] == "asof" && (i > 0 || !textFirst) && !slices.ContainsFunc(args, isPlace) {
			next = append(next, args)
			continue
		}
		rest = append(rest, line)
	}
	text = strings.TrimSpace(strings.Join(rest, " "))
	if len(rest) == 1 {
		text = strings.TrimSuffix(text, ":")
	}
	return text, next
}

// commandOf returns the command that a remedy has within its text.
func (a *app) commandOf(r fault.Remedy) [][]string {
	if r.Ask == "" || len(r.Set) > 0 || len(r.Drop) > 0 {
		return nil
	}
	args := append([]string{"asof"}, strings.Fields(r.Ask)...)
	for _, arg := range r.On {
		args = append(args, a.scrub(arg))
	}
	return [][]string{args}
}

// isPlace reports whether an argument of a hint stands for one that the user has to write.
func isPlace(arg string) bool {
	return strings.Contains(arg, "…") || slices.Contains([]string{"STORE", "STREAM", "PATH", "POINT", "T"}, arg)
}
