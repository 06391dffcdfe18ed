package ask

import (
	"context"
	"strconv"

	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/workspace"
)

// question encodes everything a check's answer depends on, except the store: equal
// questions have equal answers. ok is false if the answer may depend on more, or if a
// part cannot be opened, which the check itself reports.
func (r *checkRules) question(ctx context.Context, shard replay.Shard) (parts []string, ok bool) {
	q := &checkQuestion{checkRules: r, seen: map[string]bool{}, ok: true}
	q.add("check 2", shard.String(), strconv.FormatBool(r.how.Strict), strconv.Itoa(len(r.all)))
	for _, rule := range r.all {
		q.rule(ctx, rule)
	}
	return q.parts, q.ok
}

type checkQuestion struct {
	*checkRules
	parts []string
	seen  map[string]bool // folds
	ok    bool
}

func (q *checkQuestion) add(parts ...string) { q.parts = append(q.parts, parts...) }

// list adds parts unambiguously.
func (q *checkQuestion) list(parts []string) {
	q.add(strconv.Itoa(len(parts)))
	q.add(parts...)
}

func (q *checkQuestion) rule(ctx context.Context, rule checkRule) {
	p, err := js.CompilePredicate(rule.expr, rule.name, q.w.ScriptLimits())
	if err != nil {
		q.ok = false
		return
	}
	q.add(rule.Name, rule.Projection, strconv.FormatBool(rule.good))
	q.known(p.Identity())
	given := q.how.Fold != ""
	if rule.proj != nil {
		q.projection(rule.proj, !given || !rule.proj.HasSelector())
	}
	switch {
	case given:
		q.fold("", func() (*workspace.Fold, error) { return q.w.FoldFor(ctx, "", "", q.how) })
	case rule.proj == nil:
		q.projections()
	}
}

// projections adds the default projections: each stream is folded by the first one that
// matches it, or by merge.
func (q *checkQuestion) projections() {
	q.list(q.how.ArrayKeys)
	proj, err := q.w.Project()
	if err != nil {
		q.ok = false
	} else if proj != nil {
		for _, p := range proj.Projections {
			if p.HasSelector() {
				q.projection(p, true)
			}
		}
	}
}

// projection adds the streams of a projection, and its fold if that matters, because a
// script may select its own streams.
func (q *checkQuestion) projection(p *project.Projection, opened bool) {
	q.add(p.Name)
	q.list(p.Streams)
	q.list(p.Categories)
	if opened {
		q.fold("proj:"+p.Name, func() (*workspace.Fold, error) { return q.w.OpenProjection(p, q.how) })
	}
}

// fold adds the fold, once.
func (q *checkQuestion) fold(name string, open func() (*workspace.Fold, error)) {
	if q.seen[name] || !q.ok {
		return
	}
	q.seen[name] = true
	h, err := open()
	if err != nil {
		q.ok = false
		return
	}
	defer h.Close()
	q.add(h.Fold.Reducer.Name())
	q.list(h.Fold.ArrayKeys)
	q.known(h.Fold.Identity())
}

// known adds an identity, see [replay.Identifier].
func (q *checkQuestion) known(id string, ok bool) {
	q.add(id)
	q.ok = q.ok && ok
}
