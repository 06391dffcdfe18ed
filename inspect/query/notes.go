package query

import (
	"fmt"

	"asof/replay"
)

const (
	noticeFailed replay.NoticeCode = "error"       // a stream whose fold failed
	noticeText   replay.NoticeCode = "text_number" // a column has a number that is text
)

// mostFailed is how many streams whose fold failed are named.
const mostFailed = 10

func (db *DB) note(n replay.Notice) {
	if !db.noted[n] {
		db.noted[n] = true
		db.src.Note(n)
	}
}

// noteFailed says that the fold of a stream failed. Of many, the rest are counted.
func (db *DB) noteFailed(e *replay.Event, err error) {
	if db.failed[e.Stream] {
		return
	}
	db.failed[e.Stream] = true
	if len(db.failed) <= mostFailed {
		db.note(replay.Notice{Code: noticeFailed, Text: string(e.Stream) + ": " + err.Error()})
	}
}

// noteRest counts the streams that noteFailed did not name.
func (db *DB) noteRest() {
	if more := len(db.failed) - mostFailed; more > 0 {
		db.note(replay.Notice{Code: noticeFailed, Text: fmt.Sprintf("and %s whose fold failed; the column error has the reasons", replay.Counted(int64(more), "more stream", "more streams"))})
	}
}

// noteText says that a column has a number which only text holds, once.
func (t *table) noteText(c column, f *fact) {
	if key := t.name + "." + c.name; !t.db.texts[key] {
		t.db.texts[key] = true
		t.db.note(replay.Notice{Code: noticeText, Text: fmt.Sprintf(
			"%s has a number that no REAL holds, first in %s: it is text, for dec_cmp and the other functions of decimals", key, f.stream)})
	}
}
