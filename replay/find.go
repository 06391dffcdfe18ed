package replay

import (
	"context"
	"fmt"
	"time"

	"asof/replay/fault"
)

// FindEvent finds the one event of the store whose id begins with idPrefix. The
// returned event stays valid. An id that several events share is an
// [AmbiguousError].
func FindEvent(ctx context.Context, r Reader, idPrefix string) (*Event, error) {
	if info := r.Info(); !info.Has("ids") {
		return nil, &UnsupportedError{Dialect: info.Dialect, Lacks: "ids", Next: fault.Try("name a stream and a version: STREAM@17")}
	}
	q := Query{IDPrefix: idPrefix, Skip: FieldData | FieldMeta}
	if !r.Info().Has("positions") {
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

// maxMatches bounds the candidates that the error for an ambiguous id lists.
const maxMatches = 5

// idMatches collects the events whose id is the given one, or begins with it.
type idMatches struct {
	id             string
	exact, partial []*Event // at most maxMatches+1 of each
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

// one returns the only event with exactly this id, or else the only one whose id
// begins with it. If there are several, the error lists them, each located by
// place; if there is none, the error is missing.
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

// Time returns the time of a point in time, which is the last nanosecond of a whole
// minute or second; ok is false for any other point.
func (p Point) Time() (t time.Time, ok bool) { return p.time, p.kind == byTime && p.back == 0 }

// Period returns the first and the last nanosecond of a point in time. They differ for
// a whole minute or second.
func (p Point) Period() (first, last time.Time, ok bool) {
	last, ok = p.Time()
	first = last
	if p.unit != 0 {
		first = last.Add(1 - p.unit)
	}
	return first, last, ok
}
