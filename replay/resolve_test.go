package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay/fault"
)

func mustPoint(t testing.TB, s string) Point {
	t.Helper()
	p, err := ParsePoint(s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func place(m Moment) string {
	if m.IsStart() {
		return "start"
	}
	return fmt.Sprint(m.Version())
}

func TestResolve(t *testing.T) {
	tests := []struct {
		point, want string
		notices     []NoticeCode
	}{
		{"head", "9", nil},
		{"start", "start", nil},
		{"7", "7", nil},
		{"head~1", "8", nil},
		{"head~4", "3", nil},
		{"head~5", "start", nil},
		{"7~1", "4", nil},
		{"3~1", "start", nil},
		{"pos:9", "start", []NoticeCode{NoticeBeforeFirst}},
		{"pos:11", "3", nil},
		{"pos:19", "7", nil},
		{"pos:30", "9", nil},
		{"pos:19~1", "4", nil},
		{"id:b", "9", nil},
		{"id:ab", "7", nil},
		{"id:aa", "8", nil}, // exactly, though others begin so
		{"id:aa1", "3", nil},
		{"type:ItemAdded", "7", nil},
		{"type:ItemAdded~1", "4", nil},
		{"type:CartPaid", "9", nil},
		{"2026-03-01T08:59:59Z", "start", []NoticeCode{NoticeBeforeFirst, NoticeUntimed}},
		{"2026-03-01T09:00:00Z", "3", []NoticeCode{NoticeUntimed}},
		{"2026-03-01T09:29:00Z", "3", []NoticeCode{NoticeUntimed}},
		{"2026-03-01T09:30:00Z", "7", []NoticeCode{NoticeClockBack, NoticeUntimed}},
		{"2026-03-01T10:00:00Z", "7", []NoticeCode{NoticeUntimed}},
		{"2026-03-01T11:00:00Z", "9", nil},
		{"2026-03-01T11:00:01Z", "9", []NoticeCode{NoticeAfterHead}},
		{"2026-03-01T11:00:00Z~2", "7", nil},
	}
	for _, tt := range tests {
		r := cart()
		m, notices, err := StreamTimeline(r, "cart").Resolve(t.Context(), mustPoint(t, tt.point))
		if err != nil {
			t.Errorf("%s: %v", tt.point, err)
			continue
		}
		var codes []NoticeCode
		for _, n := range notices {
			codes = append(codes, n.Code)
		}
		if place(m) != tt.want || !slices.Equal(codes, tt.notices) {
			t.Errorf("%s is %s with %v, want %s with %v", tt.point, place(m), codes, tt.want, tt.notices)
		}
		if m.Stream != "cart" {
			t.Errorf("%s is in %q", tt.point, m.Stream)
		}
		for i := range r.events {
			e := &r.events[i]
			if e.Stream == "cart" && !m.IsStart() && e.Version == m.Version() &&
				(m.EventID != e.ID || m.EventType != e.Type || !m.Time.Equal(e.Time) || m.Position != e.Position) {
				t.Errorf("%s is %+v, want all of %+v", tt.point, m, e)
			}
		}
	}
}

func TestResolveNotices(t *testing.T) {
	tests := []struct{ point, want string }{
		{
			"2026-03-01T09:30:00Z",
			"times run backwards before this point: it includes 1 event dated after 2026-03-01T09:30:00Z, " +
				"the first at 4 (2026-03-01T10:00:00Z)\n1 event is after this point without a time: left out\n",
		},
		{"2026-03-02Z", "the last event of cart is from 2026-03-01T11:00:00Z, before 2026-03-02T00:00:00Z: this is the head\n"},
		{"pos:3", "the first event of cart is at position 11, after 3: the state is empty\n"},
	}
	for _, tt := range tests {
		_, notices, err := StreamTimeline(cart(), "cart").Resolve(t.Context(), mustPoint(t, tt.point))
		got := ""
		for _, n := range notices {
			got += n.Text + "\n"
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %v\n%s", tt.point, err, got)
		}
	}
}

func TestResolveManyStreams(t *testing.T) {
	tl := &Timeline{Name: "proj:all", Reader: cart(), Many: true}
	for point, want := range map[string]string{
		"head": "30", "head~1": "21", "15": "15", "pos:19": "15", "pos:9": "start",
		"2026-03-01T09:30:00Z": "15", "type:ItemAdded": "15", "id:o1": "10",
	} {
		m, _, err := tl.Resolve(t.Context(), mustPoint(t, point))
		if err != nil || place(m) != want || m.Stream != "proj:all" {
			t.Errorf("%s is %+v, %v, want %s", point, m, err, want)
		}
	}
	_, _, err := tl.Resolve(t.Context(), AtVersion(13))
	var missing *NotFoundError
	if !errors.As(err, &missing) || fault.RemedyOf(missing).Text != "the nearest positions are 12 and 15; pos:13 is the state when the store was at that position" {
		t.Errorf("%v, %+v", err, missing)
	}
}

// A timeline that only a function can narrow resolves among its members.
func TestResolveMembers(t *testing.T) {
	tl := &Timeline{Name: "proj:items/x", Reader: cart(), Many: true, Member: func(e *Event) (bool, error) {
		return strings.HasPrefix(e.Type, "Item"), nil
	}}
	for point, want := range map[string]string{
		"head": "20", "head~1": "15", "head~3": "start", "12": "12", "pos:30": "20", "pos:11": "start",
		"2026-03-01T10:30:00Z": "15", "type:ItemAdded": "15",
	} {
		m, _, err := tl.Resolve(t.Context(), mustPoint(t, point))
		if err != nil || place(m) != want {
			t.Errorf("%s is %s, %v, want %s", point, place(m), err, want)
		}
	}
	for _, point := range []string{"11", "type:CartPaid", "id:b"} {
		var missing *NotFoundError
		if m, _, err := tl.Resolve(t.Context(), mustPoint(t, point)); !errors.As(err, &missing) {
			t.Errorf("%s is %s, %v", point, place(m), err)
		}
	}
}

func TestResolveNotFound(t *testing.T) {
	tests := []struct{ point, message, hint string }{
		{"10", `no version "10" in cart`, "its versions are 3 to 9"},
		{"2", `no version "2" in cart`, "its versions are 3 to 9"},
		{"5", `no version "5" in cart`, "the nearest versions are 4 and 7"},
		{"-1", `no version "-1" in cart`, "near head"},
		{"-3", `no version "-3" in cart`, "near head~2"},
		{"1790000000", `no version "1790000000" in cart`, "near 2026-09-21T14:13:20Z"},
		{"1790000000123", `no version "1790000000123" in cart`, "near 2026-09-21T14:13:20.123Z"},
		{"9223372036854775807", `no version "9223372036854775807" in cart`, "its versions are 3 to 9"},
		{"20261120", `no version "20261120" in cart`, "near 2026-11-20"},
		{"pos:31", `no position "31" in fake`, "its last position is 30"},
		{"head~6", `no point "head~6" in cart`, "only 5 events are up to there: ~5 is the start"},
		{"3~2", `no point "3~2" in cart`, "only 1 event is up to there: ~1 is the start"},
		{"pos:9~1", `no point "pos:9~1" in cart`, "nothing comes before the start"},
		{"id:zz", `no event "zz" in cart`, "an id can be shortened, but only at its end"},
		{"id:o1", `no event "o1" in cart`, "an id can be shortened, but only at its end"},
		{"type:ItemAded", `no event of type "ItemAded" in cart`, "near ItemAdded"},
		{"type:Opened", `no event of type "Opened" in cart`, "near CartOpened"},
		{"type:X", `no event of type "X" in cart`, "its types are CartOpened, CartPaid, ItemAdded, ItemRemoved"},
	}
	for _, tt := range tests {
		m, notices, err := StreamTimeline(cart(), "cart").Resolve(t.Context(), mustPoint(t, tt.point))
		var missing *NotFoundError
		if !errors.As(err, &missing) || err.Error() != tt.message || advice(missing) != tt.hint {
			t.Errorf("%s: %v; %+v", tt.point, err, missing)
		}
		if m != (Moment{}) || notices != nil {
			t.Errorf("%s: %+v and %v come with the error", tt.point, m, notices)
		}
	}
}

func TestResolveAmbiguousID(t *testing.T) {
	r := cart()
	_, _, err := StreamTimeline(r, "cart").Resolve(t.Context(), mustPoint(t, "id:a"))
	var several *AmbiguousError
	if !errors.As(err, &several) || fault.RemedyOf(several).Text != "it could be aa1 (version 3), aa2 (version 4), ab1 (version 7), aa (version 8)" {
		t.Errorf("%v, %+v", err, several)
	}
	for i := range r.events {
		r.events[i].ID = "same" // a broken store: the exact id is no answer either
	}
	_, _, err = StreamTimeline(r, "cart").Resolve(t.Context(), mustPoint(t, "id:same"))
	if !errors.As(err, &several) || len(several.Matches) != 5 || several.More {
		t.Errorf("%v, %+v", err, several)
	}
}

func TestResolveUnsupported(t *testing.T) {
	r := cart()
	r.info.Lacks = []string{"positions", "times", "ids"}
	for point, lacks := range map[string]string{"pos:1": "positions", "2026-03-01": "times", "id:aa1": "ids"} {
		_, _, err := StreamTimeline(r, "cart").Resolve(t.Context(), mustPoint(t, point))
		var no *UnsupportedError
		if !errors.As(err, &no) || no.Lacks != lacks || fault.RemedyOf(no).Text == "" {
			t.Errorf("%s: %v", point, err)
		}
	}
	r = cart()
	for i := range r.events {
		r.events[i].Time = time.Time{}
	}
	var missing *NotFoundError
	if _, _, err := StreamTimeline(r, "cart").Resolve(t.Context(), mustPoint(t, "2026-03-01")); !errors.As(err, &missing) {
		t.Errorf("without any times: %v", err)
	}
}

func TestResolveEmpty(t *testing.T) {
	for _, r := range []*fakeReader{cart(), newFake(nil)} {
		tl := StreamTimeline(r, "nobody")
		for _, point := range []string{"head", "head~0", "2026-03-01", "pos:11"} {
			m, notices, err := tl.Resolve(t.Context(), mustPoint(t, point))
			if err != nil || !m.IsStart() || len(notices) != 1 || notices[0].Code != NoticeEmpty {
				t.Errorf("%s is %+v with %v, %v", point, m, notices, err)
			}
		}
		for _, point := range []string{"head~1", "1", "id:a", "type:ItemAdded"} {
			var missing *NotFoundError
			if m, _, err := tl.Resolve(t.Context(), mustPoint(t, point)); !errors.As(err, &missing) || fault.RemedyOf(missing).Text == "" {
				t.Errorf("%s is %+v, %v", point, m, err)
			}
		}
	}
}

// Whichever row the reader fails at, the answer is its error or the right one.
func TestResolveSurfacesErrors(t *testing.T) {
	for _, point := range []string{
		"head", "head~2", "7", "5", "99", "pos:19", "pos:9", "id:ab1", "type:ItemAdded", "type:X",
		"2026-03-01T09:30:00Z", "2026-03-01T09:30:00Z~1",
	} {
		r := cart()
		want, _, wantErr := StreamTimeline(r, "cart").Resolve(t.Context(), mustPoint(t, point))
		for fail := 1; fail <= r.rows; fail++ {
			broken := cart()
			broken.fail = fail
			m, _, err := StreamTimeline(broken, "cart").Resolve(t.Context(), mustPoint(t, point))
			if !errors.Is(err, errBroken) {
				t.Errorf("%s, row %d broken: %s, %v (whole: %s, %v)", point, fail, place(m), err, place(want), wantErr)
			}
		}
	}
}

// What is few rows away costs few rows.
func TestResolveReadsFewRows(t *testing.T) {
	events := make([]Event, 10_000)
	for i := range events {
		events[i] = Event{Stream: "s", Version: Version(i), Position: Position(2 * i), ID: fmt.Sprintf("%05d", i), Type: "T", Time: at("09:00")}
	}
	for _, point := range []string{"head", "head~3", "5000", "5000~3", "pos:9001", "id:01234", "type:T", "start", "99999"} {
		r := newFake(events)
		_, _, err := StreamTimeline(r, "s").Resolve(t.Context(), mustPoint(t, point))
		var missing *NotFoundError
		if err != nil && !errors.As(err, &missing) || r.rows > 8 {
			t.Errorf("%s reads %d rows, %v", point, r.rows, err)
		}
		if slices.Contains(r.limits, 0) && !strings.HasPrefix(point, "id:") {
			t.Errorf("%s may read every row", point)
		}
	}
}

func TestResolveRange(t *testing.T) {
	tests := []struct{ in, from, to, span string }{
		{"4..9", "4", "9", "[5 9]"},
		{"..7", "start", "7", "[ 7]"},
		{"7..", "7", "9", "[8 9]"},
		{"7", "start", "7", "[ 7]"},
		{"9..4", "9", "4", "none"},
		{"4..4", "4", "4", "none"},
		{"4..start", "4", "start", "none"},
		{"start..start", "start", "start", "none"},
	}
	for _, tt := range tests {
		r, err := ParseRange(tt.in, Env{})
		if err != nil {
			t.Fatal(err)
		}
		got, notices, err := StreamTimeline(cart(), "cart").ResolveRange(t.Context(), r)
		if err != nil || notices != nil || place(got.From) != tt.from || place(got.To) != tt.to || got.Single != r.Single {
			t.Errorf("%s is %+v with %v, %v", tt.in, got, notices, err)
		}
		span := "none"
		if s, ok := got.Span(); ok {
			lo, hasLo := s.Lo()
			hi, _ := s.Hi()
			span = fmt.Sprintf("[%d %d]", lo, hi)
			if !hasLo {
				span = fmt.Sprintf("[ %d]", hi)
			}
		}
		if span != tt.span {
			t.Errorf("%s spans %s, want %s", tt.in, span, tt.span)
		}
	}
	late := AtTime(at("23:00"))
	_, notices, err := StreamTimeline(cart(), "cart").ResolveRange(t.Context(), Range{From: late, To: late})
	if err != nil || len(notices) != 1 {
		t.Errorf("the same notice twice: %v, %v", notices, err)
	}
	for _, r := range []Range{{From: AtVersion(5), To: Head()}, {From: Start(), To: AtVersion(5)}} {
		var missing *NotFoundError
		if got, _, err := StreamTimeline(cart(), "cart").ResolveRange(t.Context(), r); !errors.As(err, &missing) {
			t.Errorf("%v is %+v, %v", r, got, err)
		}
	}
}

func TestBefore(t *testing.T) {
	tl := StreamTimeline(cart(), "cart")
	m, _, err := tl.Resolve(t.Context(), Head())
	var seen []string
	for err == nil && !m.IsStart() && len(seen) < 9 {
		seen = append(seen, place(m))
		m, err = tl.Before(t.Context(), m)
	}
	if got := strings.Join(seen, " "); err != nil || got != "9 8 7 4 3" {
		t.Errorf("going back from the head: %s, %v", got, err)
	}
	var missing *NotFoundError
	if m, err := tl.Before(t.Context(), m); !errors.As(err, &missing) {
		t.Errorf("before the start is %s, %v", place(m), err)
	}
}

// advice is the remedy of an error: its text, or what is near.
func advice(err error) string {
	r := fault.RemedyOf(err)
	if len(r.Near) > 0 {
		return "near " + strings.Join(r.Near, ", ")
	}
	return r.Text
}
