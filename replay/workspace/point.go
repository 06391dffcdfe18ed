package workspace

import (
	"context"
	"errors"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/fault"
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

// Forward is [Target.Interval] for a question that does not run backwards.
func (t *Target) Forward(ctx context.Context, at string) (replay.Interval, error) {
	i, err := t.Interval(ctx, at)
	if err != nil {
		return i, err
	}
	text, _ := t.Point(at)
	return i, CheckForward(i, text)
}

// CheckForward refuses an interval that ends before it begins. text is the range as it
// was written.
func CheckForward(i replay.Interval, text string) error {
	if i.From.IsStart() || !i.To.IsStart() && i.From.Version() <= i.To.Version() {
		return nil
	}
	next := fault.Try("write the earlier point first")
	if from, to, ok := strings.Cut(text, ".."); ok && from != "" && to != "" {
		next.For, next.Near = text, []string{to + ".." + from}
	}
	return Usage(next, "the range ends at %s, before it begins at %s", i.To.Label(), i.From.Label())
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
		return "", Usagef("write one of them", "both a point after the @ and the point %q", at)
	case at != "":
		return at, nil
	case t.HasAt && t.At == "":
		return "", Usagef("write a point after the @, such as head or 17", "no point after the @")
	}
	return t.At, nil
}

// BothPoints is the error of a question that has a start or an end next to the point after
// the @.
func (t *Target) BothPoints() error {
	return Usagef("write one of them", "both a point after the @ and %s or %s", t.w.Option("from"), t.w.Option("to"))
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

// ParsePeriod parses the times of since and until, which is not before since. An empty
// text is the zero time.
func ParsePeriod(since, until string, env replay.Env) (from, to time.Time, err error) {
	if from, to, err = ParseTimes(since, until, env); err != nil {
		return from, to, err
	}
	if !from.IsZero() && !to.IsZero() && from.After(to) {
		return from, to, Usage(fault.Try("write the earlier time first").With("since", until).With("until", since).Anew(),
			"since %q is after until %q: nothing is between them", since, until)
	}
	return from, to, nil
}

// ParseTimes parses the times of since and until. An empty text is the zero time.
func ParseTimes(since, until string, env replay.Env) (from, to time.Time, err error) {
	if from, _, err = parseTime("since", since, env); err == nil {
		_, to, err = parseTime("until", until, env)
	}
	return from, to, err
}

// ParseTime parses the time that an option takes, as an instant: of a whole minute or
// second, the first. An empty text is the zero time.
func ParseTime(option, text string, env replay.Env) (time.Time, error) {
	t, _, err := parseTime(option, text, env)
	return t, err
}

// parseTime parses the time that an option takes, as its first and last nanosecond.
func parseTime(option, text string, env replay.Env) (first, last time.Time, err error) {
	if text == "" {
		return first, last, nil
	}
	p, err := replay.ParsePoint(text, env)
	var bad *replay.PointError
	if errors.As(err, &bad) {
		ofTime := *bad
		ofTime.Time = true
		return first, last, &ofTime
	}
	if err != nil {
		return first, last, err
	}
	first, last, ok := p.Period()
	if !ok {
		return first, last, Usagef(`write a time, such as 2026-03-01 or "2 days ago"`, "%s takes a time, not %q", option, text)
	}
	return first, last, nil
}
