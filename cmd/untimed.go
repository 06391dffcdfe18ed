package cmd

import (
	"fmt"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
)

const codeUntimed, codeUnreadTime = string(replay.NoticeUntimed), string(replay.NoticeUnreadTime)

// untimed says of a log which of its events have no time, or one that can't be
// read, and which were left out for that. Where these are all there is, whether
// they fit is not known, which is an error.
func (a *app) untimed(r replay.Reader, shown, left inspect.Untimed, listed int) error {
	if listed == 0 && left.Unread > 0 {
		info := r.Info()
		return &replay.StoreError{
			Path: info.Path, Op: "read", Err: fmt.Errorf("%s a time that can't be read: %s", have(left.Unread), left.Why),
			Next: info.TimesNext.Or(fault.Try("leave out --since and --until")),
		}
	}
	if n := left.Events - left.Unread; n > 0 {
		a.note(codeUntimed, have(n)+" no time: --since and --until leave out what has none")
	}
	if left.Unread > 0 {
		a.note(codeUnreadTime, have(left.Unread)+" a time that can't be read, so --since and --until leave them out: "+left.Why)
	}
	if shown.Unread > 0 {
		a.note(codeUnreadTime, have(shown.Unread)+" a time that can't be read: "+shown.Why)
	}
	return nil
}

func have(n int) string {
	if n == 1 {
		return "1 event has"
	}
	return fmt.Sprintf("%d events have", n)
}
