package replay

import (
	"context"
	"fmt"
	"maps"
)

// Tally counts the events that were folded.
type Tally struct {
	Events    int64
	Unhandled map[string]int64 // unhandled events by type
	Unread    int64            // events left out because their payload could not be read
	Odd       OddCount

	unread *OpaqueError // the error of the first unread event
}

// Readable returns an error if no payload could be read, for example without the
// key of an encrypted store. The folded state is then meaningless.
func (t *Tally) Readable() error {
	if t.Unread > 0 && t.Unread == t.Events && t.unread != nil {
		return t.unread
	}
	return nil
}

// Count adds a step.
func (t *Tally) Count(s *Step) {
	t.Events++
	t.Odd.Count(s.Event)
	if s.Unread != "" {
		if t.Unread++; t.unread == nil {
			t.unread = &OpaqueError{At: s.Event.Moment(), Reason: s.Unread}
		}
	}
	if s.Handled {
		return
	}
	if t.Unhandled == nil {
		t.Unhandled = map[string]int64{}
	}
	t.Unhandled[s.Event.Type]++
}

// An Account lists the events of a stream that an answer ignores: unreadable
// payloads, unhandled events, and events that the store lacks or does not show.
// Every answer from folding one subject has one.
type Account struct {
	Tally
	First   Version  // first version of the stream, if it shows that events are gone
	Gone    bool     // the events before First are not in the store
	Missing int64    // versions without an event, between the first event and the last folded
	LeftOut []string // parts of the timeline that are stored but not shown, with counts
	Whole   bool     // the timeline is of many streams, and LeftOut may be of any

	Incomplete Incomplete // streams of a timeline of many
}

// IsWhole reports whether the answer covers every event ever recorded.
func (a *Account) IsWhole() bool {
	return a.Unread == 0 && !a.Gone && a.Missing == 0 && len(a.LeftOut) == 0 && a.Incomplete.Streams == 0
}

// A Folded counts the events that a question folds. An event that is folded
// several times counts once.
type Folded struct {
	tally Tally
	upTo  Version
	any   bool
}

// Counting returns the subject with a counter of folded events.
func (s Subject) Counting() Subject {
	if s.Folded == nil {
		s.Folded = &Folded{}
	}
	return s
}

// Count adds a step of the subject.
func (s Subject) Count(step *Step) {
	f := s.Folded
	if f == nil {
		return
	}
	if v := s.Timeline.Version(step.Event); !f.any || v > f.upTo {
		f.upTo, f.any = v, true
		f.tally.Count(step)
	}
}

// resume sets the counts to those of base, from which folding continues.
func (s Subject) resume(base *Checkpoint) {
	if f := s.Folded; f != nil && (!f.any || base.Version > f.upTo) {
		f.upTo, f.any = base.Version, true
		f.tally = tallyOf(base)
	}
}

func tallyOf(base *Checkpoint) Tally {
	return Tally{Events: base.Events, Unread: base.Unread, Unhandled: maps.Clone(base.Unhandled), Odd: base.Odd, unread: base.FirstUnread}
}

// Account returns the account of the answer to a question about the subject.
func (s Subject) Account(ctx context.Context) (Account, error) {
	var a Account
	f, tl := s.Folded, s.Timeline
	if f == nil {
		return a, nil
	}
	a.Tally = f.tally
	var err error
	if tl.Many || tl.Member != nil || len(tl.Filter.Streams) != 1 {
		a.Whole = true
		if a.LeftOut, err = tl.Reader.Lost(ctx); err != nil || !f.any {
			return a, err
		}
		gaps := NewGaps(tl.Reader.Info())
		err = tl.FindGaps(ctx, gaps)
		a.Incomplete = gaps.Incomplete()
		return a, err
	}
	if a.LeftOut, err = tl.Reader.Omitted(ctx, tl.Filter.Streams[0]); err != nil {
		return a, err
	}
	if !f.any || tl.Reader.Info().Sparse {
		return a, nil
	}
	first, ok, err := tl.First(ctx)
	if err != nil || !ok {
		return a, err
	}
	a.First, a.Gone = first, first > 1
	a.Missing = max(int64(f.upTo-first)+1-a.Events, 0)
	return a, nil
}

// Notices describes the events that the answer ignores.
func (a *Account) Notices() []Notice {
	var all []Notice
	note := func(code NoticeCode, format string, args ...any) {
		all = append(all, Notice{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	if a.Unread > 0 {
		text := Counted(a.Unread, "payload", "payloads") + " can't be read"
		if a.unread != nil {
			text += fmt.Sprintf(", the first at %s: %s", a.unread.At.Label(), a.unread.Reason)
		}
		note(NoticeUnread, "%s", text)
	}
	if n := a.Odd.KeyTwice; n > 0 {
		note(NoticeOdd, "%s twice: the last value counts", Counted(n, "payload has a key", "payloads have a key"))
	}
	if n := a.Odd.NotFinite; n > 0 {
		note(NoticeOdd, "%s NaN or an infinity, which is read as a string", Counted(n, "payload holds", "payloads hold"))
	}
	if a.Gone {
		note(NoticeGone, "the events before version %d of this stream are not in the store", a.First)
	}
	if a.Missing > 0 {
		note(NoticeGone, "%s missing from this stream after its first event", Counted(a.Missing, "version is", "versions are"))
	}
	all = append(all, a.Incomplete.Notices()...)
	if a.Whole {
		return append(all, LostNotices(a.LeftOut)...)
	}
	for _, what := range a.LeftOut {
		note(NoticeLeftOut, "left out of this stream: %s", what)
	}
	return all
}

// LostNotices are the notices of what [Reader.Lost] lists.
func LostNotices(lost []string) []Notice {
	var all []Notice
	for _, what := range lost {
		all = append(all, Notice{Code: NoticeLeftOut, Text: "left out of every stream: " + what})
	}
	return all
}
