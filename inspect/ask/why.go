package ask

import (
	"context"
	"fmt"

	"asof/inspect/whatif"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/workspace"
)

// Why asks where a value of the state comes from.
type Why struct {
	Timeline
	Path  string `json:"path" jsonschema:"the value, such as /total or /items[sku=a]/qty"`
	Depth int    `json:"depth,omitempty" jsonschema:"how many events to go back; default: until more than one input was set by an event"`
}

// Check rejects an invalid request.
func (q Why) Check() error {
	if err := checkPath(q.Path); err != nil {
		return err
	}
	if q.Depth < 0 {
		return workspace.Usagef("write a number of events, such as 3", "bad depth %d", q.Depth)
	}
	return q.Timeline.Check()
}

// Ask answers the question.
func (q Why) Ask(ctx context.Context, w *workspace.Workspace) (*why.Answer, error) {
	return one(ctx, w, q)
}

// Of answers the question about an open store.
func (q Why) Of(ctx context.Context, s *workspace.Store) (answer *why.Answer, err error) {
	notePath(s.Workspace(), q.Path)
	err = q.atPoint(ctx, s, func(t *workspace.Target, at replay.Moment) error {
		if answer, err = why.Ask(ctx, t.Subject, at, pathOf(q.Path).String(), why.Options{Depth: q.Depth}); err != nil {
			return err
		}
		t.NoteBasis(ctx)
		return nil
	})
	return answer, err
}

// mostSuspects is the most inputs to ask about next.
const mostSuspects = 2

// Next returns questions about the inputs that may be the cause, and the state without
// the event of the first one.
func (q Why) Next(a *why.Answer) []Next {
	var next []Next
	suspects := a.Root.Suspects()
	for _, in := range suspects[:min(mostSuspects, len(suspects))] {
		if !in.By.Open {
			next = append(next, Next{"why", Why{Timeline: on(q.StoreRef, q.Folding, pointOf(in.By.Moment)), Path: in.By.Name()}})
		}
	}
	if len(suspects) > 0 {
		v := suspects[0].By.Moment.Version()
		next = append(next, Next{"whatif", Whatif{
			Timeline: on(q.StoreRef, q.Folding, pointOf(a.Moment)), Path: a.Root.Heading(),
			Edits: []Edit{{Kind: whatif.Drop, Version: v, Text: fmt.Sprintf("%s %d", whatif.Drop, v)}},
		}})
	}
	if made := lastMade(a.Root); made != nil && len(suspects) == 0 {
		next = append(next, Next{"show", Show{on(q.StoreRef, workspace.Folding{}, at(made.Stream, made.Version))}})
	}
	return next
}

// lastMade returns the first event that an input of a value was made from, through causation;
// nil: none.
func lastMade(n *why.Node) *replay.Event {
	for _, in := range n.Inputs {
		if len(in.Made) > 0 {
			return in.Made[len(in.Made)-1].Event
		}
	}
	return nil
}
