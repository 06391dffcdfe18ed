package workspace

import (
	"context"
	"time"

	"asof/replay"
)

// Moment resolves the requested point: at, or the one after the @, or the head.
func (t *Target) Moment(ctx context.Context, at string) (replay.Moment, error) {
	text, err := t.Point(at)
	if err != nil {
		return replay.Moment{}, err
	}
	p := replay.Head()
	if text != "" {
		if p, err = t.w.Point(text); err != nil {
			return replay.Moment{}, err
		}
	}
	m, notices, err := t.Timeline.Resolve(ctx, p)
	t.w.Notices(notices)
	return m, err
}

// Interval resolves the requested range: at, or the one after the @, or the whole
// timeline.
func (t *Target) Interval(ctx context.Context, at string) (replay.Interval, error) {
	rng, err := t.Range(at)
	if err != nil {
		return replay.Interval{}, err
	}
	return t.Resolve(ctx, rng)
}

// Range parses the requested range: at, or the one after the @, or the whole
// timeline.
func (t *Target) Range(at string) (replay.Range, error) {
	text, err := t.Point(at)
	if err != nil || text == "" {
		return replay.Range{From: replay.Start(), To: replay.Head()}, err
	}
	return replay.ParseRange(text, t.w.Env())
}

// Resolve resolves a range of the target.
func (t *Target) Resolve(ctx context.Context, rng replay.Range) (replay.Interval, error) {
	i, notices, err := t.Timeline.ResolveRange(ctx, rng)
	t.w.Notices(notices)
	return i, err
}

// Point returns the text of the requested point: at, or the one after the @. It is
// empty if neither is given.
func (t *Target) Point(at string) (string, error) {
	switch {
	case at != "" && t.HasAt && t.At != "":
		return "", Usagef("write one of them", "both a point behind the @ and the point %q", at)
	case at != "":
		return at, nil
	case t.HasAt && t.At == "":
		return "", Usagef("write a point behind the @, such as head or 17", "no point behind the @")
	}
	return t.At, nil
}

// Point parses a point. A range is a [UsageError].
func (w *Workspace) Point(text string) (replay.Point, error) {
	p, err := replay.ParsePoint(text, w.Env())
	if err == nil {
		return p, nil
	}
	if r, e := replay.ParseRange(text, w.Env()); e == nil && !r.Single {
		return p, Usagef("name one point; diff, log, blame and the steps of a replay take ranges", "%q is a range", text)
	}
	return p, err
}

// ParseTime parses the time that an option takes. An empty text is the zero time.
func ParseTime(option, text string, env replay.Env) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	p, err := replay.ParsePoint(text, env)
	if err != nil {
		return time.Time{}, err
	}
	t, ok := p.Time()
	if !ok {
		return t, Usagef(`write a time, such as 2026-03-01 or "2 days ago"`, "%s takes a time, not %q", option, text)
	}
	return t, nil
}
