package replay

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"asof/replay/fault"
)

// A Notice is a remark about an answer that is not an error.
type Notice struct {
	Code NoticeCode
	Text string // one sentence, without a full stop

	// For is a text of the question in place of which Near may be meant; both may be empty.
	For, Near string
}

// A NoticeCode identifies a kind of notice.
type NoticeCode string

// The notices of [Timeline.Resolve].
const (
	NoticeEmpty       NoticeCode = "empty"           // the timeline has no events: the state is the empty one
	NoticeBeforeFirst NoticeCode = "before_first"    // the point is before the first event: the state is the empty one
	NoticeAfterHead   NoticeCode = "after_head"      // the last event is older than the time asked for
	NoticeClockBack   NoticeCode = "clock_backwards" // events up to the point are dated after the time asked for
	NoticeUntimed     NoticeCode = "untimed"         // events after the point have no time; the point may belong after them
	NoticeUnread      NoticeCode = "unread"          // payloads could not be read and were ignored
	NoticeOdd         NoticeCode = "odd"             // payloads are not quite JSON but were read
	NoticeGone        NoticeCode = "gone"            // events of the stream are no longer in the store
	NoticeLeftOut     NoticeCode = "left_out"        // events of the stream are in the store but not shown
	NoticeDisorder    NoticeCode = "disorder"        // positions do not rise with versions
	NoticeUnreadTime  NoticeCode = "unread_time"     // events have a time that can't be read
	NoticeByClock     NoticeCode = "by_clock"        // versions are counted in the order of times
)

// An Interval is a resolved [Range]: the events after From, up to and including
// To. If To is before From, the interval has no events, but a diff still works.
type Interval struct {
	From, To Moment
	Single   bool // see [Range]
}

// Span returns the versions in the interval, and false if it holds no events.
func (i Interval) Span() (Span[Version], bool) {
	switch {
	case i.To.IsStart():
		return Span[Version]{}, false
	case i.From.IsStart():
		return UpTo(i.To.Version()), true
	case i.From.Version() >= i.To.Version():
		return Span[Version]{}, false
	}
	return Between(i.From.Version()+1, i.To.Version()), true
}

// envelope names the parts of an event that a moment does not need.
const envelope = FieldData | FieldMeta

// Resolve finds the moment that p names on the timeline.
//
// The head of an empty timeline is the start. A time resolves to the last event,
// in order, that was recorded at or before it: events without a time are passed
// over, but are part of the prefix. A time or a position before the first event
// resolves to the start and a time after the head to the head, with a notice. The
// error is a [NotFoundError] if the version, id or type does not exist or the
// position is past the store's last, and an [UnsupportedError] if the dialect lacks
// the coordinate.
//
// A time scans all the events' times, to detect whether they run backwards. Any
// other point except an unknown type reads a few rows.
func (t *Timeline) Resolve(ctx context.Context, p Point) (Moment, []Notice, error) {
	m, notices, err := t.resolveBase(ctx, p)
	if err == nil && p.back > 0 {
		m, err = t.goBack(ctx, m, int(p.back), p.String())
	}
	if err != nil {
		return Moment{}, nil, err
	}
	return m, notices, nil
}

// ResolveRange finds both ends of r.
func (t *Timeline) ResolveRange(ctx context.Context, r Range) (Interval, []Notice, error) {
	from, notices, err := t.Resolve(ctx, r.From)
	if err != nil {
		return Interval{}, nil, err
	}
	to, more, err := t.Resolve(ctx, r.To)
	if err != nil {
		return Interval{}, nil, err
	}
	for _, n := range more {
		if !slices.Contains(notices, n) {
			notices = append(notices, n)
		}
	}
	return Interval{From: from, To: to, Single: r.Single}, notices, nil
}

// Before returns the moment one event before m, which must not be the start.
func (t *Timeline) Before(ctx context.Context, m Moment) (Moment, error) {
	return t.goBack(ctx, m, 1, m.Label()+"~1")
}

func (t *Timeline) resolveBase(ctx context.Context, p Point) (Moment, []Notice, error) {
	switch p.kind {
	case byStart:
		return t.Start(), nil, nil
	case byVersion:
		m, err := t.resolveVersion(ctx, Version(p.n))
		return m, nil, err
	case byPosition:
		return t.resolvePosition(ctx, Position(p.n))
	case byID:
		m, err := t.resolveID(ctx, p.text)
		return m, nil, err
	case byType:
		m, err := t.resolveType(ctx, p.text)
		return m, nil, err
	case byTime:
		return t.resolveTime(ctx, p)
	default:
		m, ok, err := t.end(ctx, Listing{Reverse: true})
		if err == nil && !ok {
			return t.Start(), t.empty(), nil
		}
		return m, nil, err
	}
}

// First returns the version of the first event.
func (t *Timeline) First(ctx context.Context) (v Version, ok bool, err error) {
	m, ok, err := t.end(ctx, Listing{})
	if !ok || err != nil {
		return 0, false, err
	}
	return m.Version(), true, nil
}

// end returns the first event that l selects, or the last if l.Reverse.
func (t *Timeline) end(ctx context.Context, l Listing) (Moment, bool, error) {
	l.Limit, l.Skip = 1, envelope
	for e, err := range t.List(ctx, l) {
		if err != nil {
			return Moment{}, false, err
		}
		return t.Moment(e), true, nil
	}
	return Moment{}, false, nil
}

func (t *Timeline) empty() []Notice {
	return []Notice{{Code: NoticeEmpty, Text: t.Name + " has no events: the state is empty"}}
}

// goBack returns the moment n events before m. Errors call the point name.
func (t *Timeline) goBack(ctx context.Context, m Moment, n int, name string) (Moment, error) {
	seen := 0
	if !m.IsStart() {
		l := Listing{Span: UpTo(m.Version()), Reverse: true, Limit: n + 1, Skip: envelope}
		for e, err := range t.List(ctx, l) {
			if err != nil {
				return Moment{}, err
			}
			if seen++; seen == n+1 {
				return t.Moment(e), nil
			}
		}
		if seen == n {
			return t.Start(), nil
		}
	}
	next := "nothing comes before the start"
	if seen > 0 {
		next = fmt.Sprintf("only %s up to there: ~%d is the start", Counted(seen, "event is", "events are"), seen)
	}
	return Moment{}, &NotFoundError{Kind: "point", Name: name, In: t.Name, Next: fault.Try(next)}
}

// Counted returns n and the noun or clause that agrees with it.
func Counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(int64(n), 10) + " " + many
}

func (t *Timeline) resolveVersion(ctx context.Context, v Version) (Moment, error) {
	m, ok, err := t.end(ctx, Listing{Span: Between(v, v), Reverse: true})
	if err != nil || ok {
		return m, err
	}
	below, hasBelow, err := t.end(ctx, Listing{Span: UpTo(v), Reverse: true})
	if err != nil {
		return Moment{}, err
	}
	above, hasAbove, err := t.end(ctx, Listing{Span: From(v)})
	if err != nil {
		return Moment{}, err
	}
	missing := &NotFoundError{Kind: "version", Name: strconv.FormatInt(int64(v), 10), In: t.Name}
	numbers := "versions"
	if t.Many {
		missing.Kind, numbers = "event at position", "positions"
	}
	switch {
	case hasBelow && hasAbove:
		missing.Next = fault.Try(fmt.Sprintf("the nearest %s are %d and %d", numbers, below.Version(), above.Version()))
	case hasBelow || hasAbove:
		first, _, err := t.end(ctx, Listing{})
		if err != nil {
			return Moment{}, err
		}
		last, _, err := t.end(ctx, Listing{Reverse: true})
		if err != nil {
			return Moment{}, err
		}
		missing.Next = fault.Try(fmt.Sprintf("its %s are %d to %d", numbers, first.Version(), last.Version()))
	default:
		missing.Next = fault.Try("it has no events")
		return Moment{}, missing
	}
	if t.Many {
		missing.Next.Text += fmt.Sprintf("; pos:%d is the state when the store was at that position", v)
	}
	missing.Have = missing.Next.Text
	if day, ok := packedDate(v); ok {
		missing.Near = []string{day}
	} else if t, ok := asTime(v); ok {
		missing.Near = []string{t}
	} else if v < 0 {
		missing.Near = []string{"head~" + strconv.FormatInt(-int64(v)-1, 10)}
		if v == -1 {
			missing.Near = []string{"head"}
		}
	}
	return Moment{}, missing
}

// packedDate reads a version such as 20261120 as a date.
func packedDate(v Version) (string, bool) {
	if v < 1900_01_01 || v > 2999_12_31 {
		return "", false
	}
	month, day := time.Month(v/1_00%1_00), int(v%1_00)
	date := time.Date(int(v/1_00_00), month, day, 0, 0, 0, 0, time.UTC)
	return date.Format(time.DateOnly), date.Month() == month && date.Day() == day
}

func (t *Timeline) resolvePosition(ctx context.Context, n Position) (Moment, []Notice, error) {
	info := t.Reader.Info()
	if !info.Has("positions") {
		return Moment{}, nil, &UnsupportedError{
			Dialect: info.Dialect, Lacks: "positions", Next: fault.Try("name a version, or head~3"),
		}
	}
	store := &Timeline{Name: info.Path, Reader: unlinked(t.Reader), Many: true}
	last, ok, err := store.end(ctx, Listing{Reverse: true})
	if err != nil {
		return Moment{}, nil, err
	}
	if !ok {
		return t.Start(), t.empty(), nil
	}
	if n > last.Position {
		return Moment{}, nil, &NotFoundError{
			Kind: "position", Name: strconv.FormatInt(int64(n), 10), In: info.Path,
			Next: fault.Try(fmt.Sprintf("its last position is %d", last.Position)),
		}
	}
	m, ok, err := t.lastUpTo(ctx, n)
	if err != nil || ok {
		return m, nil, err
	}
	first, ok, err := t.end(ctx, Listing{})
	if err != nil {
		return Moment{}, nil, err
	}
	if !ok {
		return t.Start(), t.empty(), nil
	}
	return t.Start(), []Notice{{Code: NoticeBeforeFirst, Text: fmt.Sprintf(
		"the first event of %s is at position %d, after %d: the state is empty", t.Name, first.Position, n)}}, nil
}

// lastUpTo returns the last event of the timeline at or before a position of the
// store.
func (t *Timeline) lastUpTo(ctx context.Context, n Position) (Moment, bool, error) {
	return t.end(ctx, Listing{Positions: UpTo(n), Reverse: true})
}

func (t *Timeline) resolveID(ctx context.Context, prefix string) (Moment, error) {
	if info := t.Reader.Info(); !info.Has("ids") {
		return Moment{}, &UnsupportedError{Dialect: info.Dialect, Lacks: "ids", Next: fault.Try("name a version, or head~3")}
	}
	found := idMatches{id: prefix}
	for e, err := range t.List(ctx, Listing{IDPrefix: prefix, Skip: envelope}) {
		if err != nil {
			return Moment{}, err
		}
		found.add(e)
	}
	e, err := found.one(t.place, &NotFoundError{
		Kind: "event", Name: prefix, In: t.Name, Next: fault.Try("an id can be shortened, but only at its end"),
	})
	if err != nil {
		return Moment{}, err
	}
	return t.Moment(e), nil
}

// place describes where an event is in the timeline.
func (t *Timeline) place(e *Event) string {
	if t.Many {
		return fmt.Sprintf("%s at position %d", e.address(), e.Position)
	}
	return fmt.Sprintf("version %d", e.Version)
}

// maxTypes bounds the types collected for a suggestion.
const maxTypes = 10_000

func (t *Timeline) resolveType(ctx context.Context, name string) (Moment, error) {
	m, ok, err := t.end(ctx, Listing{Types: []string{name}, Reverse: true})
	if err != nil || ok {
		return m, err
	}
	seen := map[string]bool{}
	var types []string
	for e, err := range t.List(ctx, Listing{Skip: envelope | FieldID | FieldTime}) {
		if err != nil {
			return Moment{}, err
		}
		if !seen[e.Type] {
			seen[e.Type] = true
			types = append(types, e.Type)
		}
		if len(types) == maxTypes {
			break
		}
	}
	missing := &NotFoundError{Kind: "event of type", Name: name, In: t.Name, Near: fault.Near(name, types, 3)}
	switch {
	case len(types) == 0:
		missing.Next = fault.Try("it has no events")
	case len(types) == 1:
		missing.Next = fault.Try("its only type is " + types[0])
	default:
		slices.Sort(types)
		missing.Next = fault.Try("its types are " + listed(types, 12))
	}
	return Moment{}, missing
}

// listed joins at most limit names.
func listed(names []string, limit int) string {
	s := ""
	for i, name := range names {
		if i == limit {
			return s + ", …"
		}
		if i > 0 {
			s += ", "
		}
		s += name
	}
	return s
}
