package replay

import (
	"context"
	"fmt"
	"time"

	"asof/replay/fault"
)

// A timeScan walks back over a timeline and collects facts about the prefix as of
// one time.
type timeScan struct {
	at      time.Time
	from    time.Time // at, or the beginning of the whole minute or second that ends with it
	events  int
	timed   int       // events with a time
	first   time.Time // time of the first timed event
	untimed int       // events without a time after the prefix
	unread  int       // events whose time can't be read
	why     string    // why one of these times can't be read

	// The last event recorded at or before at: the prefix ends with it.
	found   bool
	version Version
	time    time.Time
	head    bool // it is the last event of the timeline

	// Events of the prefix dated after at: their number, and the first one.
	ahead        int
	aheadVersion Version
	aheadTime    time.Time
}

// see adds the next event, in descending order.
func (s *timeScan) see(v Version, e *Event) {
	t := e.Time
	s.events++
	if e.NoTime != "" {
		s.unread++
		s.why = e.NoTime
	}
	if t.IsZero() {
		if !s.found {
			s.untimed++
		}
		return
	}
	s.timed++
	s.first = t
	switch late := t.After(s.at); {
	case !late && !s.found:
		s.found, s.version, s.time, s.head = true, v, t, s.events == 1
	case late && s.found:
		s.ahead++
		s.aheadVersion, s.aheadTime = v, t
	}
}

// resolveTime finds the last event recorded at or before a point in time.
func (t *Timeline) resolveTime(ctx context.Context, p Point) (Moment, []Notice, error) {
	if info := t.Reader.Info(); !info.Has("times") {
		return Moment{}, nil, &UnsupportedError{
			Dialect: info.Dialect, Lacks: "times", Next: fault.Try("name a version, or head~3"),
		}
	}
	scan := timeScan{at: p.time, from: p.time}
	if p.unit != 0 {
		scan.from = p.time.Add(1 - p.unit)
	}
	for e, err := range t.List(ctx, Listing{Reverse: true, Skip: envelope | FieldID}) {
		if err != nil {
			return Moment{}, nil, err
		}
		scan.see(t.Version(e), e)
	}
	switch {
	case scan.events == 0:
		return t.Start(), t.empty(), nil
	case scan.timed == 0 && scan.unread > 0:
		return Moment{}, nil, t.unreadTimes(scan.why)
	case scan.timed == 0:
		return Moment{}, nil, &NotFoundError{
			Kind: "time", Name: utc(scan.from), In: t.Name,
			Next: fault.Try("none of its events has a time: name a version, or head~3"),
		}
	case !scan.found:
		return t.Start(), scan.notices(t), nil
	}
	m, err := t.resolveVersion(ctx, scan.version)
	if err != nil {
		return Moment{}, nil, err
	}
	return m, scan.notices(t), nil
}

// unreadTimes returns the error of a timeline whose times are all in an unknown
// format.
func (t *Timeline) unreadTimes(why string) error {
	info := t.Reader.Info()
	return &StoreError{
		Path: info.Path, Op: "read", Err: fmt.Errorf("the times of %s can't be read: %s", t.Name, why),
		Next: info.TimesNext.Or(fault.Try("name a version, or head~3")),
	}
}

func (s *timeScan) notices(t *Timeline) []Notice {
	var ns []Notice
	switch {
	case !s.found:
		ns = append(ns, Notice{Code: NoticeBeforeFirst, Text: fmt.Sprintf(
			"the first event of %s is from %s, after %s: the state is empty", t.Name, utc(s.first), utc(s.from))})
	case s.head && s.time.Before(s.from):
		ns = append(ns, Notice{Code: NoticeAfterHead, Text: fmt.Sprintf(
			"the last event of %s is from %s, before %s: this is the head", t.Name, utc(s.time), utc(s.from))})
	}
	if s.ahead > 0 {
		ns = append(ns, Notice{Code: NoticeClockBack, Text: fmt.Sprintf(
			"times run backwards before this point: it includes %s dated after %s, the first at %d (%s)",
			Counted(s.ahead, "event", "events"), utc(s.from), s.aheadVersion, utc(s.aheadTime))})
	}
	if s.unread > 0 {
		ns = append(ns, Notice{Code: NoticeUnreadTime, Text: fmt.Sprintf(
			"%s a time that can't be read: %s", Counted(s.unread, "event has", "events have"), s.why)})
	}
	if s.untimed > 0 {
		ns = append(ns, Notice{Code: NoticeUntimed, Text: fmt.Sprintf(
			"%s after this point without a time: left out", Counted(s.untimed, "event is", "events are"))})
	}
	return ns
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
