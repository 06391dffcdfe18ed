package ask

import (
	"context"
	"path/filepath"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// A Case is what a test of the application needs to reproduce a bad state.
type Case struct {
	Events []*replay.Event // as the fold gets them: a test has no upcasters
	Fold   CaseFold
}

// A CaseFold describes the fold, as far as a test can use it.
type CaseFold struct {
	Name   string
	Kind   FoldKind
	Source string // of a script
}

// FoldKind is the kind of fold in a test.
type FoldKind string

// The kinds of folds.
const (
	FoldScript FoldKind = "script" // a file for [js.Load]
	FoldInline FoldKind = "inline" // statements over s and e
	FoldMerge  FoldKind = "merge"  // RFC 7396
	FoldOther  FoldKind = ""       // the application's own code, to be filled in
)

func newCase(ctx context.Context, w *workspace.Workspace, t *workspace.Target, events []*replay.Event, how workspace.Folding) (*Case, error) {
	c := &Case{Events: events}
	if up := t.How.Upcaster; up != nil {
		c.Events = make([]*replay.Event, len(events))
		for i, e := range events {
			e = e.Clone()
			if err := up.Upcast(e); err != nil {
				return nil, err
			}
			c.Events[i] = whatif.WithBody(e)
		}
	}
	var err error
	c.Fold, err = caseFold(ctx, w, t, how)
	return c, err
}

// caseFold returns the source of a target's fold, if it has one.
func caseFold(ctx context.Context, w *workspace.Workspace, t *workspace.Target, how workspace.Folding) (CaseFold, error) {
	c := CaseFold{Name: t.How.Reducer.Name()}
	if c.Name == "merge" {
		c.Kind = FoldMerge
		return c, nil
	}
	if _, ok := t.How.Reducer.(*js.Script); !ok {
		return c, nil
	}
	path := how.Fold
	if path != "" {
		if fold.ParseSource(path).Kind == fold.KindInline {
			c.Kind, c.Source = FoldInline, path
			return c, nil
		}
	} else {
		proj, err := w.Project()
		if err != nil || proj == nil {
			return c, err
		}
		p, err := proj.Projection(t.How.Name)
		if err != nil {
			return c, err
		}
		if path = filepath.FromSlash(p.Fold); !filepath.IsAbs(path) {
			path = filepath.Join(proj.Dir, path)
		}
	}
	c.Kind = FoldScript
	var err error
	c.Source, err = w.ReadScript(ctx, path)
	return c, err
}
