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
func (a *app) served(agents bool, redact []string) (*workspace.Workspace, error) {
	h := workspace.Host{
		Dir: a.Dir, Getenv: a.Env, Now: a.Now, Zone: a.zone, Scripts: a.Scripts, NoCommands: agents,
		Locate: func(name string) (place.Location, bool) {
			at, ok := a.places[name]
			return at, ok
		},
	}
	o := workspace.Options{Config: a.config, NoCache: a.keep.off, CacheDir: a.keep.dir, Release: version(), KeepIndexes: true}
	if len(redact) > 0 {
		r, err := audit.NewRedaction(redact, "", "")
		if err != nil {
			return nil, err
		}
		h.Reader = func(from replay.Reader) replay.Reader { return r.Reader(from) }
		o.NoCache = true
	}
	return workspace.New(h, o), nil
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

// checkRedacted refuses a path to withhold that no event of the stores can have: whoever
// gives it expects that something is withheld.
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
