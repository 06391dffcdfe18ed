package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/state"
)

const (
	noticeFailed replay.NoticeCode = "error"       // a stream whose fold failed
	noticeText   replay.NoticeCode = "text_number" // a column has a number that is text
	noticeWide   replay.NoticeCode = "columns"     // not every member is a column
	noticeHalf   replay.NoticeCode = "half_pair"   // a column has a text that is not UTF-8
	noticeTime   replay.NoticeCode = "time_text"   // a time is compared with a text of another form
)

// NoticeBasis says by which fold, and as of which moment, the states of an answer are.
const NoticeBasis replay.NoticeCode = "basis"

// mostMoments is how many moments of a projection are named.
const mostMoments = 3

// NoteBasis says by which fold, and as of which moments, the states of the answer are.
func (db *DB) NoteBasis() {
	for i := range db.src.Projections {
		p := &db.src.Projections[i]
		all := db.moments[p]
		if len(all) == 0 {
			continue
		}
		var named []string
		for _, at := range all[:min(len(all), mostMoments)] {
			named = append(named, db.moment(at))
		}
		text := p.Name + ": " + p.About + "; as of " + strings.Join(named, ", ")
		if more := len(all) - len(named); more > 0 {
			text += " and " + replay.Counted(int64(more), "more moment", "more moments")
		}
		db.note(replay.Notice{Code: NoticeBasis, Text: text})
	}
}

// moment names a moment of the tables as it was asked for, with the position it has.
func (db *DB) moment(at string) string {
	name := at
	if at == "" {
		name = "now"
	}
	m, ok := db.resolved[at]
	start := ok && m.IsStart()
	if cut, known := db.cuts[at]; known {
		m, start, ok = cut.Moment, cut.IsStart(), true
	}
	switch {
	case !ok:
		return name // a range
	case start:
		return name + " (before the first event)"
	case m.Position != replay.NoPosition && !m.IsStart():
		return fmt.Sprintf("%s (position %d)", name, m.Position)
	}
	return name
}

// noteColumns says that the members of a projection's states may be more than its columns.
func (db *DB) noteColumns(p *Projection) {
	if len(db.found[p.Name]) >= MostMembers {
		db.note(replay.Notice{Code: noticeWide, Text: fmt.Sprintf("%s: the first %d members are columns; any others are only in state: member(state, '/NAME') reads one", p.Name, MostMembers)})
	}
}

// mostFailed is how many streams whose fold failed are named.
const mostFailed = 10

func (db *DB) note(n replay.Notice) {
	if !db.noted[n] {
		db.noted[n] = true
		db.src.Note(n)
	}
}

// noteFailed says that the fold of a stream failed. Of many, the rest are counted.
func (db *DB) noteFailed(stream replay.StreamID, err error) {
	if db.failed[stream] {
		return
	}
	db.failed[stream] = true
	if len(db.failed) <= mostFailed {
		db.note(replay.Notice{Code: noticeFailed, Text: string(stream) + ": " + err.Error()})
	}
}

// noteRest counts the streams that noteFailed did not name, and the payloads that could
// not be read.
func (db *DB) noteRest() {
	db.noteUnread()
	if more := len(db.failed) - mostFailed; more > 0 {
		db.note(replay.Notice{Code: noticeFailed, Text: fmt.Sprintf("and %s whose fold failed; the column error has the reasons", replay.Counted(int64(more), "more stream", "more streams"))})
	}
}

// NoteMissing says that events are missing from the streams that were folded.
func (db *DB) NoteMissing() {
	for _, n := range db.whole.Gaps.Incomplete().Notices() {
		db.note(n)
	}
}

// An unreadable counts the payloads that a projection's states lack because they could not
// be read.
type unreadable struct {
	payloads int64
	first    *replay.OpaqueError
	seen     map[replay.StreamID]replay.Version // the last of each stream: it may be folded again
}

func newUnreadable(e *replay.Event, why string) *unreadable {
	return &unreadable{first: &replay.OpaqueError{At: e.Moment(), Reason: why}, seen: map[replay.StreamID]replay.Version{}}
}

// counted reports whether a version of a stream was counted.
func (u *unreadable) counted(stream replay.StreamID, v replay.Version) bool {
	last, ok := u.seen[stream]
	return ok && v <= last
}

// count counts an event once, however often it is folded.
func (u *unreadable) count(e *replay.Event) {
	if !u.counted(e.Stream, e.Version) {
		u.seen[e.Stream] = e.Version
		u.payloads++
	}
}

// sawUnread counts an event whose payload could not be read.
func (db *DB) sawUnread(p *Projection, e *replay.Event, why string) {
	u := db.unread[p.Name]
	if u == nil {
		u = newUnreadable(e, why)
		db.unread[p.Name] = u
	}
	u.count(e)
}

// countUnread adds those that were not counted before; nil: none.
func (db *DB) countUnread(p *Projection, more *unreadable) {
	u := db.unread[p.Name]
	switch {
	case more == nil:
	case u == nil:
		db.unread[p.Name] = more
	default:
		u.payloads += more.payloads
		maps.Copy(u.seen, more.seen)
	}
}

// noteUnread says which states lack payloads that could not be read.
func (db *DB) noteUnread() {
	for _, name := range slices.Sorted(maps.Keys(db.unread)) {
		u := db.unread[name]
		db.note(replay.Notice{Code: replay.NoticeUnread, Text: fmt.Sprintf("%s: %s can't be read, the first at %s: %s",
			name, replay.Counted(u.payloads, "payload", "payloads"), u.first.At.Label(), u.first.Reason)})
	}
}

// noteValue says of a column, once, that it has a number which only text holds, or a text
// which only bytes hold. is the type of the value in SQL.
func (t *table) noteValue(c column, f *fact, v state.Value, is sqlite.ColumnType) {
	switch {
	case v.Kind() == state.Number && is == sqlite.TypeText:
		t.noteColumn(c, f, noticeText, "a number that does not fit a REAL", "it is text, for dec_cmp and the other functions of decimals")
	case v.Kind() == state.String && state.HasHalf(v.Text()):
		t.noteColumn(c, f, noticeHalf, "half of a surrogate pair", "SQLite, CSV and Parquet hold it as three bytes that are not UTF-8")
	}
}

// noteTime says, once, that a time was compared with a text whose order is not that of time:
// 2026-03-01 12:00 is before all of that day, and 2026-03-01T12:00:00Z after its second.
func (db *DB) noteTime(text string) {
	if key := string(noticeTime); !db.texts[key] && timeOtherwise(text) {
		db.texts[key] = true
		db.note(replay.Notice{Code: noticeTime, Text: fmt.Sprintf("'%s' is compared with times as text, not in order of time: write t('%[1]s')", text)})
	}
}

// timeOtherwise reports whether a text is a time in another form than [timeValue] has. The
// beginning of one has that form.
func timeOtherwise(text string) bool {
	const form = "0000-00-00T00:00:00.000000000Z"
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' {
			c = '0'
		}
		if i >= len(form) || c != form[i] {
			return i >= len("0000-00-00")
		}
	}
	return false
}

func (t *table) noteColumn(c column, f *fact, code replay.NoticeCode, has, means string) {
	key := t.name + "." + c.name
	if first := string(code) + " " + key; !t.db.texts[first] {
		t.db.texts[first] = true
		t.db.note(replay.Notice{Code: code, Text: fmt.Sprintf("%s has %s, first in %s: %s", key, has, f.stream, means)})
	}
}
