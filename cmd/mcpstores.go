package cmd

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"asof/cmd/mcp"
	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/place"
	"asof/replay/workspace"
)

// served returns the workspace of a program that answers many questions: one of agents,
// who name no commands, or a screen.
func (a *app) served(agents bool, withhold *audit.Redaction) *workspace.Workspace {
	h := workspace.Host{
		Dir: a.Dir, Getenv: a.Env, Now: a.Now, Zone: a.zone, Scripts: a.Scripts, NoCommands: agents,
		Locate: func(name string) (place.Location, bool) {
			at, ok := a.places[name]
			return at, ok
		},
	}
	o := workspace.Options{Config: a.config, NoCache: a.keep.off, CacheDir: a.keep.dir, Release: version(), KeepIndexes: true}
	if withhold != nil {
		h.Reader, o.NoCache = withhold.Reader, true
	}
	return workspace.New(h, o)
}

// redaction withholds the values at paths of events; nil: there are none.
func redaction(paths []string) (*audit.Redaction, error) {
	if len(paths) == 0 {
		return nil, nil //nolint:nilnil // nothing is withheld
	}
	return audit.NewRedaction(paths, "", "")
}

// storesToServe gives each store a name: that of asof.toml, or the last part of its
// location. Without any, they are those of asof.toml.
func (a *app) storesToServe(w *workspace.Workspace, stores []mcp.Store) ([]mcp.Store, error) {
	proj, err := w.Project()
	if err != nil {
		return nil, err
	}
	if len(stores) == 0 && proj != nil {
		for _, s := range proj.Stores {
			stores = append(stores, mcp.Store{Ref: workspace.StoreRef{Store: s.Name}, Args: append([]string{s.Name}, a.typedStore(workspace.StoreRef{})...)})
		}
	}
	if len(stores) == 0 {
		return nil, usagef("name a store, or write [stores] in asof.toml", "there is no store to serve")
	}
	seen := map[string]int{}
	for i := range stores {
		name, _, _ := strings.Cut(path.Base(stores[i].Ref.Store), "?")
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, seen[name])
		}
		stores[i].Name = name
	}
	return stores, nil
}

// features are what a store has if its events have a member that can be withheld.
var features = map[string]string{
	"metadata": "metadata", "actor": "actors", "correlation_id": "correlation ids", "causation_id": "causation ids", "id": "ids",
}

// checkRedacted refuses a path to withhold that no event of the stores can have: its
// user expects that something is withheld.
func checkRedacted(paths []string, stores []replay.Info) error {
	for _, p := range paths {
		member, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
		feature := features[member]
		if feature != "" && !slices.ContainsFunc(stores, func(i replay.Info) bool { return i.Has(feature) }) {
			return usagef("leave it out, or withhold the value where the store has it", "--redact %s withholds nothing: the store has no %s", p, feature)
		}
	}
	return nil
}

// redactedEvents is how many events of each store are read for what nothing withholds.
const redactedEvents = 2000

// noteUnfound notes the paths to withhold that none of the first events has: a slip in one
// withholds nothing. It returns the function that lists those that no event read so far has.
func (a *app) noteUnfound(w *workspace.Workspace, stores []mcp.Store, r *audit.Redaction) (func() []string, error) {
	if r == nil {
		return nil, nil //nolint:nilnil // nothing is withheld
	}
	all := true
	for _, one := range stores {
		err := w.Read(a.ctx, one.Ref, func(s *workspace.Store) error {
			q := replay.Query{Limit: redactedEvents}
			if !s.Info().Has("positions") {
				q.Order = replay.ByStream
			}
			n := 0
			for _, err := range s.Reader.Events(a.ctx, q) {
				if err != nil {
					return err
				}
				n++
			}
			all = all && n < redactedEvents
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	of := fmt.Sprintf("none of the first %d events of a store", redactedEvents)
	if all {
		of = "no event"
	}
	for _, path := range r.Unfound() {
		a.note("unfound", fmt.Sprintf("--redact %s: %s has this path; check how it is spelled", path, of))
	}
	return r.Unfound, nil
}
