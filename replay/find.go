package replay

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// FindEvent finds the one event in the whole store whose id begins so. The event
// is kept: it stays valid.
func FindEvent(ctx context.Context, r Reader, idPrefix string) (*Event, error) {
	if info := r.Info(); slices.Contains(info.Lacks, "ids") {
		return nil, &UnsupportedError{Dialect: info.Dialect, Lacks: "ids", Next: "name a stream and a version: STREAM@17"}
	}
	q := Query{IDPrefix: idPrefix, Skip: FieldData | FieldMeta}
	if !r.Info().HasPositions {
		q.Order = ByStream
	}
	var found []*Event
	more := false
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		if e.ID == idPrefix {
			return e.Clone(), nil
		}
		if more = len(found) == maxMatches; more {
			continue // an exact one may still come
		}
		found = append(found, e.Clone())
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, &NotFoundError{Kind: "event", Name: "id:" + idPrefix, In: r.Info().Path, Next: "ids are those that asof log --json prints"}
	}
	amb := &AmbiguousError{Kind: "event id", Name: idPrefix, More: more}
	for _, e := range found {
		amb.Matches = append(amb.Matches, fmt.Sprintf("%s (%s@%d)", e.ID, e.Stream, e.Version))
	}
	return nil, amb
}

// Time returns the time of a point that is one.
func (p Point) Time() (time.Time, bool) { return p.time, p.kind == byTime && p.back == 0 }
