package replay

import "context"

// A Cut is a moment of a whole store: a prefix of every stream. As of a position,
// the prefix has the events up to that position. As of a time, it is what
// [Timeline.Resolve] returns for the stream alone. The zero Cut is the head.
type Cut struct {
	Moment Moment // of the store's own timeline, by position

	bounded bool                 // false: the cut has every event
	limits  map[StreamID]Version // the last version of each stream; nil: the position decides
	late    bool                 // some of its events are after Moment
}

// HeadCut is the cut after the last event, whose moment is m.
func HeadCut(m Moment) Cut { return Cut{Moment: m} }

// Has reports whether an event is in the prefix of its stream.
func (c *Cut) Has(e *Event) bool {
	switch {
	case !c.bounded:
		return true
	case c.Moment.IsStart():
		return false
	case c.limits == nil:
		return e.Position <= c.Moment.Position
	}
	last, ok := c.limits[e.Stream]
	return ok && e.Version <= last
}

// HasAll reports whether every event of the store is in the prefix of its stream.
func (c *Cut) HasAll() bool { return !c.bounded }

// IsStart reports whether the cut is before the first event.
func (c *Cut) IsStart() bool { return c.bounded && c.Moment.IsStart() }

// ByPosition reports whether the cut has exactly the events up to its moment.
func (c *Cut) ByPosition() bool { return c.limits == nil }

// endsAt reports whether a point, whose moment is m, has every event: it is the head, or
// the head's position. A time is not, since a stream may have an event of a later time
// before the last event.
func (t *Timeline) endsAt(ctx context.Context, p Point, m Moment) (bool, error) {
	if _, byTime := p.Time(); p == Head() || byTime || m.IsStart() || m.Position == NoPosition {
		return p == Head(), nil
	}
	head, _, err := t.Resolve(ctx, Head())
	return err == nil && m.Position == head.Position, err
}

// limit sets the last version of each stream, if the position alone does not decide
// which events are in the cut.
func (c *Cut) limit(i int, seen map[StreamID]*sighting) {
	if !c.bounded || c.Moment.IsStart() {
		return
	}
	plain := true
	for _, s := range seen {
		n := s.ends[i]
		same := n.hasAny == n.hasPosition && n.asAsked == n.byPosition
		plain = plain && same && !s.disordered
		c.late = c.late || s.disordered || n.hasAny && (!n.hasPosition || n.asAsked > n.byPosition)
	}
	if plain {
		return
	}
	c.limits = map[StreamID]Version{}
	for id, s := range seen {
		if n := s.ends[i]; n.hasAny {
			c.limits[id] = n.asAsked
		}
	}
}
