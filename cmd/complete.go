package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/fold"
)

// Completion of stores, streams and points, for bash, zsh and fish. It never
// fails: what can't be opened completes to nothing.

// mostCompleted bounds what is offered, and so what is read while one types.
const mostCompleted = 200

// completes makes the verb complete STORE first and then streams.
func (a *app) completes(c *cobra.Command, f *storeFlags) {
	c.ValidArgsFunction = func(_ *cobra.Command, given []string, word string) ([]string, cobra.ShellCompDirective) {
		if a.globals() != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if len(given) == 0 {
			return a.completeStore(word)
		}
		r, err := a.open(given[0], *f)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer r.Close()
		if stream, point, ok := cutPoint(word); ok {
			return a.completePoint(r, stream, point), cobra.ShellCompDirectiveNoFileComp
		}
		return a.completeStream(r, word), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// completeStore offers the stores of asof.toml beside the files that the shell
// offers.
func (a *app) completeStore(word string) ([]string, cobra.ShellCompDirective) {
	proj, err := a.project()
	if err != nil || proj == nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, s := range proj.Stores {
		if strings.HasPrefix(s.Name, word) {
			names = append(names, s.Name+"\t"+s.Path)
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

func (a *app) completeStream(r replay.Reader, word string) []string {
	var out []string
	if rest, ok := strings.CutPrefix(word, "proj:"); ok {
		proj, err := a.project()
		if err != nil || proj == nil {
			return nil
		}
		for _, p := range proj.Projections {
			if strings.HasPrefix(p.Name, rest) {
				out = append(out, "proj:"+p.Name)
			}
		}
		return out
	}
	for s, err := range r.Streams(a.ctx, replay.StreamQuery{Prefix: word, Limit: mostCompleted}) {
		if err != nil {
			break
		}
		out = append(out, string(s.ID)+"\t"+s.Category)
	}
	return out
}

func cutPoint(word string) (stream, point string, ok bool) {
	i := strings.LastIndexByte(word, '@')
	if i <= 0 {
		return word, "", false
	}
	return word[:i], word[i+1:], true
}

// completePoint offers the kinds of points, and behind "type:" the types of the
// stream's events.
func (a *app) completePoint(r replay.Reader, stream, word string) []string {
	from, last := "", word
	if i := strings.LastIndex(word, ".."); i >= 0 {
		from, last = word[:i+2], word[i+2:]
	}
	points := []string{"head", "start", "now", "today", "yesterday", "type:", "id:", "pos:"}
	if strings.HasPrefix(last, "type:") {
		points = nil
		for e, err := range r.Events(a.ctx, replay.Query{
			Streams: []replay.StreamID{replay.StreamID(stream)},
			Skip:    replay.FieldData | replay.FieldID | replay.FieldMeta | replay.FieldTime,
		}) {
			if err != nil {
				break
			}
			if p := "type:" + e.Type; !slices.Contains(points, p) {
				points = append(points, p)
			}
		}
	}
	var out []string
	for _, p := range points {
		if strings.HasPrefix(p, last) {
			out = append(out, stream+"@"+from+p)
		}
	}
	return out
}

// completesFlags offers values for the flags that have a known few.
func (a *app) completesFlags(c *cobra.Command) {
	fixed := map[string][]string{
		"sort":   {"id", "events", "first", "last"},
		"output": {"patch", "merge-patch", "side-by-side"},
	}
	for name, values := range fixed {
		if c.Flags().Lookup(name) != nil {
			must(c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
		}
	}
	if c.Flags().Lookup("projection") != nil {
		must(c.RegisterFlagCompletionFunc("projection", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			proj, err := a.project()
			if err != nil || proj == nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return projectionNames(proj), cobra.ShellCompDirectiveNoFileComp
		}))
	}
}

func projectionNames(p *fold.Project) []string {
	var names []string
	for _, j := range p.Projections {
		names = append(names, j.Name)
	}
	return names
}
