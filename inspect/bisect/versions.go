package bisect

import (
	"context"
	"slices"

	"asof/replay"
)

// versions are the versions of the events of a range, in order.
type versions struct {
	n     int
	first replay.Version
	list  []replay.Version // nil: first and on, without a gap
}

// versionsOf returns the versions of the events after from, up to to, where the run
// ends. If the run knows there are no gaps, it reads nothing.
func versionsOf(ctx context.Context, t *replay.Timeline, p *replay.FoldRun, from, to replay.Moment) (out versions, err error) {
	span, ok := (replay.Interval{From: from, To: to}).Span()
	if !ok {
		return out, nil
	}
	if p.Gapless {
		out.first = p.Last - replay.Version(p.Tally.Events) + 1
		if lo, ok := span.Lo(); ok {
			out.first = max(out.first, lo)
		}
		out.n = int(p.Last - out.first + 1)
		return out, nil
	}
	l := replay.Listing{Span: span, Skip: replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData}
	for e, err := range t.List(ctx, l) {
		if err != nil {
			return out, err
		}
		out.list = append(out.list, t.Version(e))
	}
	out.n = len(out.list)
	return out, nil
}

func (p versions) at(i int) replay.Version {
	if p.list == nil {
		return p.first + replay.Version(i)
	}
	return p.list[i]
}

// find returns the index of a version.
func (p versions) find(v replay.Version) (int, bool) {
	if p.list != nil {
		return slices.BinarySearch(p.list, v)
	}
	i := int(v - p.first)
	return i, i >= 0 && i < p.n
}
