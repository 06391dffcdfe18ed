package why

import (
	"context"
	"errors"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/state"
)

// A Made is the event that caused the event of an input, if its payload has the same value:
// the payload was made from it.
type Made struct {
	Event *replay.Event // without payload and metadata
	Path  string        // in its payload
}

// mostMade is the most causes that are followed.
const mostMade = 8

// madeFrom follows the causes of a node's event for each input of its payload that matters,
// as far as they have the same value.
func (a *asking) madeFrom(ctx context.Context, n *Node) error {
	if n.Event == nil || n.Event.Meta.Causation == "" {
		return nil
	}
	for _, in := range n.Inputs {
		if in.From != replay.FromPayload || in.Verdict != Matters || !tells(in.Value) {
			continue
		}
		path, e := in.Path, n.Event
		for len(in.Made) < mostMade && e.Meta.Causation != "" {
			c, err := a.causeOf(ctx, e.Meta.Causation)
			if err != nil {
				return err
			}
			at, ok := c.find(path, in.Value)
			if !ok || in.hasCause(n.Event.ID, c.event.ID) {
				break
			}
			in.Made = append(in.Made, Made{c.event, at})
			path, e = at, c.event
		}
	}
	return nil
}

// hasCause reports whether an event is the one whose input it is, or one of its causes so far.
// In some stores the first event of a chain names itself as its cause.
func (in *Input) hasCause(of, id string) bool {
	return id == of || slices.ContainsFunc(in.Made, func(m Made) bool { return m.Event.ID == id })
}

// tells reports whether two equal values are hardly so by chance.
func tells(v state.Value) bool {
	switch v.Kind() {
	case state.Number:
		return len(v.Text()) > 1
	case state.String:
		return len(v.Text()) > 1
	}
	return false
}

// A causing is an event that caused another one; the zero value has no payload.
type causing struct {
	event *replay.Event
	body  state.Value
}

// causeOf reads the event with an id. If there is none, or if several have it, the payload is
// absent.
func (a *asking) causeOf(ctx context.Context, id string) (causing, error) {
	if c, ok := a.causes[id]; ok {
		return c, nil
	}
	c, err := readCause(ctx, a.past.Subject.Timeline.Reader, id)
	if err == nil {
		a.causes[id] = c
	}
	return c, err
}

func readCause(ctx context.Context, r replay.Reader, id string) (c causing, err error) {
	if !r.Info().Has("ids") {
		return c, nil
	}
	found, err := replay.FindEvent(ctx, r, id)
	var missing *replay.NotFoundError
	var several *replay.AmbiguousError
	switch {
	case errors.As(err, &missing), errors.As(err, &several):
		return c, nil
	case err != nil:
		return c, err
	case found.ID != id:
		return c, nil // it only begins with the id
	}
	one := replay.Query{Streams: []replay.StreamID{found.Stream}, Versions: replay.Between(found.Version, found.Version)}
	for e, err := range r.Events(ctx, one) {
		if err != nil {
			return c, err
		}
		if e.ID != id {
			continue
		}
		if body, err := e.Body(); err == nil {
			c.body = state.Clone(body)
		}
		c.event = e.Clone()
		c.event.Data, c.event.Meta.Raw = nil, nil
	}
	return c, nil
}

// find returns the path in the payload that has a value: the same path as in the event that
// was caused, or the only one with the value, or the only one of those with the same name.
func (c causing) find(path string, v state.Value) (at string, ok bool) {
	var all, named []string
	name := path[strings.LastIndexByte(path, '/')+1:]
	for _, in := range leaves(c.body, &Input{}) {
		if !state.Equal(in.Value, v) {
			continue
		}
		if in.Path == path {
			return path, true
		}
		all = append(all, in.Path)
		if in.Path[strings.LastIndexByte(in.Path, '/')+1:] == name {
			named = append(named, in.Path)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], true
	case len(all) == 1:
		return all[0], true
	}
	return "", false
}
