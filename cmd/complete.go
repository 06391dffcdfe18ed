package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"asof/cmd/render"
	"asof/replay"
	"asof/replay/project"
	"asof/replay/workspace"
)

// Completion of stores, streams and points works in bash, zsh and fish. It never
// fails: a store that can't be opened has no completions.

// Limits on what is offered and read while the user types.
const (
	mostCompleted = 200    // offers
	mostRead      = 20_000 // events
)

// completes registers completion of STORE, then of streams, for the verb.
func (a *app) completes(c *cobra.Command, f *storeFlags) {
	if a.opens == nil {
		a.opens = map[*cobra.Command]*storeFlags{}
	}
	a.opens[c] = f
	c.ValidArgsFunction = func(_ *cobra.Command, given []string, word string) ([]string, cobra.ShellCompDirective) {
		defer a.hurry()()
		if a.globals() != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		if len(given) == 0 {
			return a.completeStore(word)
		}
		path := len(given) == 2 && strings.Contains(c.Use, "PATH")
		stream := len(given) == 1 && (strings.Contains(c.Use, "STREAM") || strings.Contains(c.Use, "PREFIX"))
		if !path && !stream && c.Name() != "diff" { // which takes two streams
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		r, err := a.open(given[0], *f)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer r.Close()
		if path {
			found, after := a.completePath(c, r, given, word)
			return typeable(found), after
		}
		if stream, point, ok := cutPoint(word); ok {
			points := prefixed(stream+"@", a.points(r, stream, point))
			return a.operands(points), spaceAfter(points)
		}
		return a.operands(a.completeStream(r, word)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// mostTime is how long the user waits for a completion.
const mostTime = time.Second

// hurry bounds the work of a completion, and keeps it from printing anything and from
// running a command that the project names. It returns a function that ends the work.
func (a *app) hurry() (done func()) {
	env := a.Env
	a.Env = func(name string) string {
		if name == "ASOF_ALLOW_EXEC" {
			return ""
		}
		return env(name)
	}
	a.Err = io.Discard
	a.Scripts.Time = mostTime / 2
	ctx, cancel := context.WithTimeout(a.ctx, mostTime)
	a.ctx = ctx
	return cancel
}

// completeStore offers the stores of asof.toml. The shell adds file names.
func (a *app) completeStore(word string) ([]string, cobra.ShellCompDirective) {
	proj, err := a.project()
	if err != nil || proj == nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, s := range proj.Stores {
		if strings.HasPrefix(s.Name, word) {
			names = append(names, s.Name+"\t"+render.Safe(s.Location.String()))
		}
	}
	return names, cobra.ShellCompDirectiveDefault
}

func (a *app) completeStream(s *workspace.Store, word string) []string {
	var out []string
	if rest, ok := strings.CutPrefix(word, "proj:"); ok {
		proj, err := a.project()
		if err != nil || proj == nil {
			return nil
		}
		if name, part, ok := strings.Cut(rest, "/"); ok {
			return a.completePartition(s, proj, name, part)
		}
		for _, p := range proj.Projections {
			if strings.HasPrefix(p.Name, rest) {
				out = append(out, "proj:"+p.Name)
			}
		}
		return out
	}
	for one, err := range s.Reader.Streams(a.ctx, replay.StreamQuery{Prefix: word, Limit: mostCompleted, IDsOnly: true}) {
		if err != nil {
			break
		}
		if one, ok, err := s.Stream(a.ctx, one.ID); err == nil && ok { // its category, without counting its events
			out = append(out, offer(string(one.ID), one.Category))
		}
	}
	return out
}

// offer returns a word of a store with its description. A word with a tab or a line break,
// which end it for a shell, has the offer "", which is dropped.
func offer(word, description string) string {
	if strings.ContainsAny(word, "\t\n\r") {
		return ""
	}
	return word + "\t" + description
}

// typeable drops offers that a shell can't insert: with control characters, which a
// store's names may hold, or with blanks at an end, which are lost. It escapes the
// descriptions.
func typeable(offers []string) []string {
	var out []string
	for _, one := range offers {
		word, description, ok := strings.Cut(one, "\t")
		if word == "" || render.Safe(word) != word || strings.TrimSpace(word) != word {
			continue
		} else if ok {
			one = word + "\t" + render.Safe(description)
		}
		out = append(out, one)
	}
	return out
}

// operands are the typeable offers that can stand where the cursor is: those with a hyphen
// in front only after --.
func (a *app) operands(offers []string) []string {
	offers = typeable(offers)
	if slices.Contains(a.typed, "--") {
		return offers
	}
	return slices.DeleteFunc(offers, func(o string) bool { return o[0] == '-' })
}

func cutPoint(word string) (stream, point string, ok bool) {
	i := strings.LastIndexByte(word, '@')
	if i <= 0 {
		return word, "", false
	}
	return word[:i], word[i+1:], true
}

// points offers versions and the kinds of points, and after "type:" or "id:" the types or
// ids of the stream's events.
func (a *app) points(s *workspace.Store, stream, word string) []string {
	r := s.Reader
	from, last := "", word
	if i := strings.LastIndex(word, ".."); i >= 0 {
		from, last = word[:i+2], word[i+2:]
	}
	points := []string{"head", "start", "now", "today", "yesterday", "type:", "id:", "pos:"}
	q := replay.Query{Streams: []replay.StreamID{replay.StreamID(stream)}}
	if strings.HasPrefix(last, "type:") {
		points = prefixed("type:", a.among(r, q, func(e *replay.Event) string { return e.Type }))
	}
	if id, ok := strings.CutPrefix(last, "id:"); ok {
		q.IDPrefix = id
		points = prefixed("id:", a.ids(r, q))
	}
	out := prefixed(from, a.versions(s, stream, last))
	for _, p := range points {
		if strings.HasPrefix(p, last) {
			out = append(out, from+p)
		}
	}
	return out
}

// spaceAfter returns the directive that adds a space after the word, unless an offer
// ends in a colon and so needs more text.
func spaceAfter(points []string) cobra.ShellCompDirective {
	ordered := cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if slices.ContainsFunc(points, func(p string) bool { return strings.HasSuffix(p, ":") }) {
		return ordered | cobra.ShellCompDirectiveNoSpace
	}
	return ordered
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + n
	}
	return out
}

// ids returns the ids of the first events, each described by version and type.
func (a *app) ids(r replay.Reader, q replay.Query) []string {
	q.Limit, q.Skip = mostCompleted, replay.FieldData|replay.FieldMeta|replay.FieldTime
	var out []string
	for e, err := range r.Events(a.ctx, q) {
		if err != nil {
			break
		}
		if e.ID != "" {
			out = append(out, offer(e.ID, fmt.Sprintf("%d %s", e.Version, e.Type)))
		}
	}
	return out
}

// completePartition offers the partitions for "NAME/PARTITION" found in the first
// events of the projection. It skips projections that run a command.
func (a *app) completePartition(s *workspace.Store, proj *project.Project, name, word string) []string {
	p, err := proj.Projection(name)
	if err != nil || p.Kind == project.KindCommand {
		return nil
	}
	t, err := s.Target(a.ctx, "proj:"+name, workspace.Folding{})
	if err != nil {
		return nil
	}
	defer t.Close()
	if !t.How.Partitioned {
		return nil
	}
	partOf, err := a.work().PartitionOf(p)
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	for e, err := range t.Subject.Timeline.List(a.ctx, replay.Listing{Limit: mostRead}) {
		if err != nil || len(seen) == mostCompleted {
			break
		}
		if part, ok, err := partOf(e); err == nil && ok && strings.HasPrefix(part, word) {
			seen[strings.Clone(part)] = true
		}
	}
	return prefixed("proj:"+name+"/", slices.Sorted(maps.Keys(seen)))
}
