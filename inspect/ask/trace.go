package ask

import (
	"context"
	"slices"
	"strings"

	"asof/inspect"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/workspace"
)

// Trace asks what caused an event, and what it caused.
type Trace struct {
	workspace.StoreRef
	Stream string `json:"stream" jsonschema:"a stream, a unique prefix of one, id: and the id of an event, or proj:NAME[/PARTITION]; optionally with @POINT"`
	At     string `json:"at,omitempty" jsonschema:"the point of the event, such as 17 or head~3; default: the last event"`
	Page          // of the other trees of the correlation

	// Index returns an index of the store's causes, or nil: all of the store is read then.
	// It may be nil.
	Index func(context.Context, replay.Reader) (*inspect.Links, error) `json:"-"`
}

// A Traced is what an event came from and what came of it, with the other trees of its
// correlation that a page lists.
type Traced struct {
	*inspect.Traced
	Others int    // all other trees of the correlation
	Cursor string // if the page is cut
}

// JSON is the answer.
func (t *Traced) JSON() wire.Traced {
	x := wire.NewTraced(t.Traced)
	x.OtherCount, x.Cursor = t.Others, t.Cursor
	return x
}

// Check rejects an invalid request.
func (q Trace) Check() error {
	if err := CheckLimit(q.Limit); err != nil {
		return err
	}
	return Timeline{StoreRef: q.StoreRef, Stream: q.Stream}.Check()
}

// In returns the store.
func (q Trace) In() workspace.StoreRef { return q.StoreRef }

// Ask answers the question.
func (q Trace) Ask(ctx context.Context, w *workspace.Workspace) (*Traced, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Trace) Of(ctx context.Context, s *workspace.Store) (*Traced, error) {
	e, err := q.event(ctx, s)
	if err != nil {
		return nil, err
	}
	asked := q
	asked.Page = Page{}
	keys, err := q.Page.begin(asked, 2)
	if err != nil {
		return nil, err
	}
	all, err := q.trace(ctx, s.Reader, e)
	if err != nil {
		return nil, err
	}
	answer := &Traced{Traced: all, Others: len(all.Other)}
	if keys != nil {
		listed := slices.IndexFunc(all.Other, func(c *inspect.Caused) bool {
			return string(c.Event.Stream) == keys[0] && keyOf(c.Event.Version) == keys[1]
		})
		if listed < 0 {
			return nil, &CursorError{"the event that it names no longer begins a tree"}
		}
		all.Other = all.Other[listed+1:]
	}
	if q.Limit > 0 && len(all.Other) > q.Limit {
		all.Other = all.Other[:q.Limit]
		last := all.Other[q.Limit-1].Event
		answer.Cursor = cursorAt(asked, string(last.Stream), keyOf(last.Version))
	}
	return answer, nil
}

// event returns the event that the question is about.
func (q Trace) event(ctx context.Context, s *workspace.Store) (*replay.Event, error) {
	find := s.Unfolded
	if strings.HasPrefix(q.Stream, "proj:") { // its fold says which events are in it
		find = func(ctx context.Context, name string) (*workspace.Target, error) {
			return s.Target(ctx, name, workspace.Folding{})
		}
	}
	t, err := find(ctx, q.Stream)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	at, err := t.Moment(ctx, q.At)
	if err != nil {
		return nil, err
	}
	return inspect.EventAt(ctx, t.Timeline, at)
}

// trace finds the causes and effects of an event.
func (q Trace) trace(ctx context.Context, r replay.Reader, asked *replay.Event) (*inspect.Traced, error) {
	if q.Index != nil {
		if index, err := q.Index(ctx, r); err != nil {
			return nil, err
		} else if index != nil {
			return index.Trace(ctx, r, asked)
		}
	}
	return inspect.Trace(ctx, r, asked)
}
