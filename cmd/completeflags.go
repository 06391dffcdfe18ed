package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/project"
	"asof/replay/store"
	"asof/replay/workspace"
)

// someZones are the time zones offered for --tz, out of hundreds.
var someZones = []string{
	"UTC", "Local", "America/Chicago", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo",
	"Asia/Kolkata", "Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
	"Europe/Berlin", "Europe/London", "Europe/Paris",
}

// completesFlags registers completion for the flags of a verb and its subcommands:
// flags with a fixed set of values, and flags whose values come from the store.
func (a *app) completesFlags(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.completesFlags(sub)
	}
	fixed := map[string][]string{
		"sort":      {"id", "events", "first", "last"},
		"output":    {"patch", "merge-patch", "side-by-side"},
		"time-zone": someZones,
		"clock":     {store.ClockRecorded, store.ClockValid},
	}
	for name, values := range fixed {
		if c.Flags().Lookup(name) != nil {
			must(c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
		}
	}
	if c.Flags().Lookup("dialect") != nil {
		// The list is made when it is asked for: making it takes a millisecond.
		must(c.RegisterFlagCompletionFunc("dialect", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return store.Dialects(), cobra.ShellCompDirectiveNoFileComp
		}))
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
	a.completesFromStore(c, "at", a.completeAt)
	a.completesFromStore(c, "type", a.completeType)
	a.completesFromStore(c, "category", a.completeCategory)
	a.completesPath(c)
}

// completesPath registers completion of --path with paths of the state.
func (a *app) completesPath(c *cobra.Command) {
	f, ok := a.opens[c]
	if !ok || c.Flags().Lookup("path") == nil {
		return
	}
	must(c.RegisterFlagCompletionFunc("path", func(c *cobra.Command, given []string, word string) ([]string, cobra.ShellCompDirective) {
		defer a.hurry()()
		if len(given) < 2 || a.globals() != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, err := a.open(given[0], *f)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer s.Close()
		found, after := a.completePath(c, s, given, word)
		return typeable(found), after
	}))
}

func projectionNames(p *project.Project) []string {
	var names []string
	for _, j := range p.Projections {
		names = append(names, j.Name)
	}
	return names
}

// completesFromStore registers completion of a flag with what list finds in the store
// on the command line.
func (a *app) completesFromStore(c *cobra.Command, flag string, list func(s *workspace.Store, given []string, word string) []string) {
	f, ok := a.opens[c]
	if !ok || c.Flags().Lookup(flag) == nil {
		return
	}
	must(c.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, given []string, word string) ([]string, cobra.ShellCompDirective) {
		defer a.hurry()()
		if len(given) == 0 || a.globals() != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		r, err := a.open(given[0], *f)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer r.Close()
		found := typeable(list(r, given, word))
		return found, spaceAfter(found)
	}))
}

// completeAt offers points of the stream on the command line.
func (a *app) completeAt(s *workspace.Store, given []string, word string) []string {
	stream := ""
	if len(given) > 1 {
		stream = given[1]
	}
	return a.points(s, stream, word)
}

// completeType offers event types of the stream on the command line, or of the store.
func (a *app) completeType(s *workspace.Store, given []string, word string) []string {
	q := replay.Query{}
	if len(given) > 1 && !strings.HasPrefix(given[1], "proj:") {
		stream, _, _ := cutPoint(given[1])
		q.Streams = []replay.StreamID{replay.StreamID(stream)}
	}
	return inList(word, a.among(s.Reader, q, func(e *replay.Event) string { return e.Type }))
}

func (a *app) completeCategory(s *workspace.Store, _ []string, word string) []string {
	return inList(word, a.among(s.Reader, replay.Query{}, func(e *replay.Event) string { return e.Category }))
}

// inList completes the last value of a comma-separated list.
func inList(word string, values []string) []string {
	before, last := "", word
	if i := strings.LastIndexByte(word, ','); i >= 0 {
		before, last = word[:i+1], word[i+1:]
	}
	var out []string
	for _, v := range values {
		if strings.HasPrefix(v, last) {
			out = append(out, before+v)
		}
	}
	return out
}

// among returns the distinct names that name returns for the first events, sorted.
func (a *app) among(r replay.Reader, q replay.Query, name func(*replay.Event) string) []string {
	q.Limit, q.Skip = mostRead, replay.FieldData|replay.FieldID|replay.FieldMeta|replay.FieldTime
	var out []string
	seen := map[string]bool{}
	for e, err := range r.Events(a.ctx, q) {
		if err != nil || len(out) == mostCompleted {
			break
		}
		if v := name(e); v != "" && !seen[v] {
			v = strings.Clone(v)
			seen[v] = true
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}
