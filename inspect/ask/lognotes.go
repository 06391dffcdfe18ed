package ask

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"asof/inspect"
	"asof/inspect/check"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// logNotes passes on the entries of a log, and counts what is to be noted.
type logNotes struct {
	w        *workspace.Workspace
	timeline *replay.Timeline
	filter   inspect.Filter
	noPath   error // no event changed the path
	listed   int
	shown    inspect.Untimed

	page   Page
	cursor func(*inspect.Entry) string
	peeks  bool // an event more costs little
}

// pass passes on the entries. A log that lists nothing is noted, with the types that
// may have been meant.
func (n *logNotes) pass(ctx context.Context, seq iter.Seq2[*inspect.Entry, error], yield func(*inspect.Entry) error) error {
	if err := n.passPage(seq, yield); err != nil {
		return err
	}
	if err := n.noteTimes(); err != nil {
		return err
	}
	if n.filter.Absent != nil && (n.page.Limit == 0 || n.listed < n.page.Limit) {
		for _, text := range n.filter.Absent() {
			n.w.Note(check.NoticeAbsent, text)
		}
	}
	if n.listed > 0 {
		return nil
	}
	if n.page.Cursor != "" {
		n.w.Note(replay.NoticeEmpty, "no event follows")
		return nil
	}
	note, err := n.noMatch(ctx)
	if err == nil {
		n.w.Notices([]replay.Notice{note})
	}
	return err
}

// noMatch notes that no event matches, with the type or the path that may be meant.
func (n *logNotes) noMatch(ctx context.Context) (replay.Notice, error) {
	note := replay.Notice{Code: replay.NoticeEmpty, Text: "no event matches"}
	option := "type"
	wrong, near, err := nearType(ctx, n.timeline, n.filter.Types)
	if r := fault.RemedyOf(n.noPath); near == "" && r.For != "" && len(r.Near) > 0 {
		option, wrong, near = "path", r.For, r.Near[0]
	}
	if near != "" {
		note.Text += "; did you mean " + n.w.Option(option) + " " + near + "?"
		note.For, note.Near = wrong, near
	}
	return note, err
}

// passPage passes on the entries of the page.
func (n *logNotes) passPage(seq iter.Seq2[*inspect.Entry, error], yield func(*inspect.Entry) error) error {
	p := pager[*inspect.Entry]{limit: n.page.Limit, peeks: n.peeks}
	p.yield = func(e *inspect.Entry) error {
		n.listed++
		n.shown.Add(e.Event)
		return yield(e)
	}
	p.keep = func(e *inspect.Entry) *inspect.Entry {
		e.Event = e.Event.Clone()
		return e
	}
	p.cut = func(e *inspect.Entry) *inspect.Entry {
		e.Cursor = n.cursor(e)
		return e
	}
	for e, err := range seq {
		if err == nil {
			err = p.pass(e)
		} else {
			err = errors.Join(p.end(), err)
		}
		if errors.Is(err, errPageEnds) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return p.end()
}

// noteTimes notes which events have no time, or one that cannot be read, and which
// were left out for that. If there are no others, whether they fit is not known,
// which is an error.
func (n *logNotes) noteTimes() error {
	left := n.filter.Untimed
	if n.listed == 0 && left.Unread > 0 {
		info := n.timeline.Reader.Info()
		return &replay.StoreError{
			Path: info.Path, Op: "read", Err: fmt.Errorf("%s a time that can't be read: %s", have(left.Unread), left.Why),
			Next: info.TimesNext.Or(fault.Remedy{}.Without("since", "until")),
		}
	}
	if untimed := left.Events - left.Unread; untimed > 0 {
		n.w.Note(replay.NoticeUntimed, have(untimed)+" no time: "+n.filters()+" skip such events")
	}
	if left.Unread > 0 {
		n.w.Note(replay.NoticeUnreadTime, have(left.Unread)+" a time that can't be read, so "+n.filters()+" skip such events: "+left.Why)
	}
	if n.shown.Unread > 0 {
		n.w.Note(replay.NoticeUnreadTime, have(n.shown.Unread)+" a time that can't be read: "+n.shown.Why)
	}
	return nil
}

// filters names the options that leave out events without a time.
func (n *logNotes) filters() string {
	return n.w.Option("since") + " and " + n.w.Option("until")
}

func have(n int) string {
	return replay.Counted(n, "event has", "events have")
}

// nearType returns the first of the types that the timeline does not have and that
// resembles one of its own, and that one.
func nearType(ctx context.Context, t *replay.Timeline, types []string) (wrong, near string, err error) {
	if len(types) == 0 {
		return "", "", nil
	}
	var existing []string
	skip := replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime
	for e, err := range t.List(ctx, replay.Listing{Skip: skip}) {
		if err != nil {
			return "", "", err
		}
		if !slices.Contains(existing, e.Type) {
			existing = append(existing, e.Type)
		}
	}
	for _, typ := range types {
		if slices.Contains(existing, typ) {
			continue
		}
		if found := fault.Near(typ, existing, 1); found != nil {
			return typ, found[0], nil
		}
	}
	return "", "", nil
}
