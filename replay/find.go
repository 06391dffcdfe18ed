package replay

import (
	"context"
	"fmt"
	"slices"
	"time"

	"asof/replay/fault"
)

// FindEvent finds the one event in the whole store whose id begins so. The event
// is kept: it stays valid. An id that several events have, as one id of several
// streams, is an [AmbiguousError]: none of them is taken.
func FindEvent(ctx context.Context, r Reader, idPrefix string) (*Event, error) {
	if info := r.Info(); slices.Contains(info.Lacks, "ids") {
		return nil, &UnsupportedError{Dialect: info.Dialect, Lacks: "ids", Next: fault.Try("name a stream and a version: STREAM@17")}
	}
	q := Query{IDPrefix: idPrefix, Skip: FieldData | FieldMeta}
	if !r.Info().HasPositions {
		q.Order = ByStream
	}
	found := idMatches{id: idPrefix}
	for e, err := range r.Events(ctx, q) {
		if err != nil {
			return nil, err
		}
		found.add(e)
	}
	return found.one((*Event).address, &NotFoundError{
		Kind: "event", Name: "id:" + idPrefix, In: r.Info().Path, Next: fault.Try("use an id as the log prints it").By("log").With("json"),
	})
}

// address names an event as the command line takes it.
func (e *Event) address() string { return fmt.Sprintf("%s@%d", e.Stream, e.Version) }

// maxMatches is how many candidates an ambiguous id lists.
const maxMatches = 5

// idMatches are the events whose id is the one asked for, or begins with it.
type idMatches struct {
	id             string
	exact, partial []*Event // one more than are listed, at most
}

func (m *idMatches) add(e *Event) {
	to := &m.partial
	if e.ID == m.id {
		to = &m.exact
	}
	if len(*to) <= maxMatches {
		*to = append(*to, e.Clone())
	}
}

// one returns the event that is meant: the only one with the whole id, or else the
// only one whose id begins so. Where an error lists several, place says where each
// is; where there is none, missing is the error.
func (m *idMatches) one(place func(*Event) string, missing *NotFoundError) (*Event, error) {
	of := m.exact
	if len(of) == 0 {
		of = m.partial
	}
	switch len(of) {
	case 0:
		return nil, missing
	case 1:
		return of[0], nil
	}
	e := &AmbiguousError{Kind: "event id", Name: m.id, More: len(of) > maxMatches}
	for _, match := range of[:min(maxMatches, len(of))] {
		s := place(match)
		if match.ID != m.id {
			s = fmt.Sprintf("%s (%s)", match.ID, s)
		}
		e.Matches = append(e.Matches, s)
	}
	return nil, e
}

// Time returns the time of a point that is one.
func (p Point) Time() (time.Time, bool) { return p.time, p.kind == byTime && p.back == 0 }
