package ask

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"asof/inspect/check"
	"asof/inspect/scaffold"
	"asof/replay"
	"asof/replay/place"
	"asof/replay/workspace"
)

// Init asks for a first project for a store: asof.toml and a projection for each
// category. The answer is text; nothing is written.
type Init struct {
	workspace.StoreRef
	Dir string `json:"dir,omitempty" jsonschema:"folder of the project, which the store's path is relative to; default: the current folder"`
}

// In returns the store.
func (q Init) In() workspace.StoreRef { return q.StoreRef }

// Check rejects a store that a project file cannot name.
func (q Init) Check() error {
	if q.Store == "-" {
		return workspace.Usagef("write it to a file first", "a project cannot name standard input")
	}
	return q.StoreRef.Check()
}

// Ask answers the question. A store of an unknown dialect is opened with the proposed
// mapping, if there is one.
func (q Init) Ask(ctx context.Context, w *workspace.Workspace) (*scaffold.Draft, error) {
	d, err := one(ctx, w, q)
	if ref, ok := workspace.Proposed(q.StoreRef, err); ok {
		q.StoreRef = ref
		if d, err = one(ctx, w, q); err == nil {
			d.Mapped = true
		}
	}
	return d, err
}

// Of answers the question about an open store.
func (q Init) Of(ctx context.Context, s *workspace.Store) (*scaffold.Draft, error) {
	meter := s.Workspace().Work("events", -1)
	survey, err := scaffold.Look(ctx, s.Reader, meter.Add)
	meter.Done()
	if err != nil {
		return nil, err
	}
	d := scaffold.New(survey, q.names(s))
	if len(d.Parts) == 0 {
		return d, nil
	}
	if err := try(ctx, s, d); err != nil {
		return nil, err
	}
	return d, nil
}

// names returns how the project file names and opens the store.
func (q Init) names(s *workspace.Store) scaffold.Store {
	at, ref := s.Opened()
	in := scaffold.Store{Path: at.String(), Name: "store"}
	if !at.IsDSN() {
		in.Path = relative(s.Workspace(), q.Dir, at.String())
		in.Name = storeName(in.Path)
	}
	key := ref.KeyFile
	if key != "" {
		key = relative(s.Workspace(), q.Dir, key)
	}
	for _, x := range []scaffold.Setting{
		{Key: "dialect", Value: ref.Dialect},
		{Key: "table", Value: ref.Table},
		{Key: "query", Value: ref.Query},
		{Key: "context", Value: ref.Context},
		{Key: "clock", Value: ref.Clock},
		{Key: "time_zone", Value: ref.TimeZone},
		{Key: "key_file", Value: key},
	} {
		if x.Value != "" {
			in.Settings = append(in.Settings, x)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(ref.Map)) {
		in.Map = append(in.Map, scaffold.Setting{Key: field, Value: ref.Map[field]})
	}
	return in
}

// relative returns the path of the store relative to the project's folder. It is
// absolute if that is clearer, or if links would break a relative path.
func relative(w *workspace.Workspace, dir, path string) string {
	if filepath.IsAbs(path) && (dir == "" || filepath.IsAbs(dir)) {
		return path
	}
	from, err := filepath.Abs(w.Path(dir))
	if err != nil {
		return path
	}
	to, err := filepath.Abs(w.Path(path))
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(from, to)
	if err == nil && place.Leads(from, rel, w.Path(path)) {
		return filepath.ToSlash(rel)
	}
	if real, err := place.Real(w.Path(path)); err == nil {
		return real
	}
	return to
}

// storeName is the name of a file without its extensions.
func storeName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	if strings.TrimSpace(name) == "" || replay.Printable(name, len(name)) != name {
		return "store"
	}
	return name
}

// tryEvents is the approximate number of events a draft is tried with. Of a larger
// store, only part of the streams is used.
const tryEvents = 50_000

// maxTries is the maximum number of folds of a draft.
const maxTries = 12

// try folds the store with the draft until nothing fails. It simplifies failing
// handlers, and keeps the invariants that hold.
func try(ctx context.Context, s *workspace.Store, d *scaffold.Draft) error {
	shard := replay.Shard{}
	if n := int(d.Survey.Events/tryEvents) + 1; n > 1 {
		shard, d.Tried = replay.Shard{Index: 1, Of: n}, n
	}
	for range maxTries {
		rules := newTrial(s, d)
		whole := check.NewStore(s.Reader, shard)
		ans, err := check.Run(ctx, whole, rules, check.Options{UpTo: whole.Everything()})
		if err != nil {
			return err
		}
		if simplify(d, rules, ans) {
			continue
		}
		for i, p := range d.Parts {
			p.Keep(func(v scaffold.Invariant) bool { return rules.holds(ans, i, v) })
		}
		return nil
	}
	return errors.New("no drafted project folds the store")
}

// simplify simplifies the handlers that failed, and reports whether there were any.
func simplify(d *scaffold.Draft, rules *trial, ans *check.Result) (changed bool) {
	failed := map[[2]string]bool{}
	for i, r := range ans.Invariants {
		p := rules.parts[i]
		for _, e := range r.Errors {
			var fe *replay.FoldError
			if errors.As(e.Err, &fe) && !failed[[2]string{p.Name, fe.At.EventType}] {
				failed[[2]string{p.Name, fe.At.EventType}] = true
				changed = p.Simplify(fe.At.EventType) || changed
			}
		}
	}
	return changed
}
