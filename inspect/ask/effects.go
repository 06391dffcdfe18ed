package ask

import (
	"context"
	"errors"
	"iter"

	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// Effects asks for the events a projection would emit or link up to a point. asof never
// does either.
type Effects struct {
	Timeline
	Page
}

// An Effect is one event a projection would emit or link at a moment.
type Effect struct {
	Moment replay.Moment
	replay.Effect
	Cursor string // continues after it, if the list was cut there

	at replay.Version
	n  int // of the effects of the event
}

// JSON is the line of the answer.
func (e Effect) JSON() wire.Effect {
	x := wire.NewEffect(e.Moment, wire.Emitted(e.Effect))
	x.Cursor = e.Cursor
	return x
}

// Check rejects an invalid request.
func (q Effects) Check() error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Effects) Ask(ctx context.Context, w *workspace.Workspace) iter.Seq2[Effect, error] {
	return list(ctx, w, q)
}

// Of answers the question about an open store.
func (q Effects) Of(ctx context.Context, s *workspace.Store) iter.Seq2[Effect, error] {
	return lines(func(yield func(Effect) error) error {
		return q.atPoint(ctx, s, func(t *workspace.Target, end replay.Moment) error {
			script, ok := t.How.Reducer.(replay.Effector)
			if !ok {
				return workspace.Usage(fault.Try("write a JavaScript projection in asof.toml, or give one").With("fold"), "%s has no effects", t.How.Reducer.Name())
			}
			asked := q
			asked.Page = Page{}
			after, end, err := q.after(ctx, asked, t, end)
			if err != nil {
				return err
			}
			p := pager[Effect]{limit: q.Limit, yield: yield, peeks: true}
			p.cut = func(e Effect) Effect {
				e.Cursor = cursorAt(asked, keyOf(e.at), keyOf(int64(e.n)), keyOf(end.Version()))
				return e
			}
			for step, err := range t.Steps(ctx, end, replay.FoldOptions{}) {
				if err != nil {
					return err
				}
				for n, e := range script.Effects() {
					one := Effect{Moment: t.Timeline.Moment(step.Event), Effect: e, at: t.Timeline.Version(step.Event), n: n}
					if after != nil && (one.at < after.at || one.at == after.at && n <= after.n) {
						continue
					}
					if err := p.pass(one); errors.Is(err, errPageEnds) {
						return nil
					} else if err != nil {
						return err
					}
				}
			}
			return p.end()
		})
	})
}

// after returns the last effect of the page before, and the end that the list had then.
func (q Effects) after(ctx context.Context, asked Effects, t *workspace.Target, end replay.Moment) (*Effect, replay.Moment, error) {
	keys, err := q.Page.begin(asked, 3)
	if keys == nil || err != nil {
		return nil, end, err
	}
	var all [3]replay.Version
	for i, key := range keys {
		if all[i], err = versionKey(key); err != nil {
			return nil, end, err
		}
	}
	if end, _, err = t.Timeline.Resolve(ctx, replay.AtVersion(all[2])); err != nil {
		return nil, end, err
	}
	return &Effect{at: all[0], n: int(all[1])}, end, nil
}
