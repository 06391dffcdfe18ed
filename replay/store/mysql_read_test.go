package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
)

// logged makes a table of one stream with n events.
func (db *myDatabase) logged(n int) {
	db.Helper()
	db.Must("CREATE TABLE log(pos bigint AUTO_INCREMENT PRIMARY KEY, stream varchar(40) NOT NULL, v int NOT NULL, type varchar(20), data longtext, UNIQUE(stream, v))")
	db.Must("SET SESSION max_recursive_iterations = 100000")
	db.Must("INSERT INTO log(stream, v, type, data) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT 'a', i, 'T', concat('{\"n\":', i, '}') FROM n", n)
}

var loggedOptions = Options{Table: "log", Map: map[string]string{"stream": "stream", "version": "v", "position": "pos", "type": "type", "data": "data"}}

// TestMySnapshot lets a store grow while it is read. All answers of a reader are from the
// moment it was opened.
func TestMySnapshot(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(300)
	r := db.open(loggedOptions)
	n := 0
	for e, err := range r.Events(t.Context(), replay.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "Late" {
			t.Fatal("a later event is shown")
		}
		if n++; n%50 == 0 {
			db.Must("INSERT INTO log(stream, v, type) VALUES ('b', ?, 'Late')", n)
		}
	}
	if s, err := r.Summary(t.Context()); err != nil || s.Events != 300 || n != 300 {
		t.Errorf("%d events, and %d are counted (%v), want 300", n, s.Events, err)
	}
	if got := len(events(t, db.open(loggedOptions), replay.Query{})); got != 306 {
		t.Errorf("a new reader shows %d events, want 306", got)
	}
}

// TestMyLostConnection ends the connection in the middle. This must be an error with a
// remedy, then and later, not the end of the events.
func TestMyLostConnection(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(100000)
	r := db.open(loggedOptions)
	n := 0
	var last error
	for _, err := range r.Events(t.Context(), replay.Query{}) {
		if last = err; err != nil {
			break
		}
		if n++; n == 10 {
			db.EndReaders()
		}
	}
	check := func(what string, err error) {
		t.Helper()
		var se *replay.StoreError
		if !errors.As(err, &se) || se.Next.Text == "" || !strings.Contains(err.Error(), "and its snapshot with it") || strings.Contains(err.Error(), "invalid connection") {
			t.Errorf("%s: %v (%+v)", what, err, se)
		}
	}
	if check("events", last); n >= 100000 {
		t.Errorf("%d events", n)
	}
	for _, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
		last = err
	}
	check("streams", last)
	_, err := r.Summary(t.Context())
	check("summary", err)
}

// TestMyCancel cancels a running statement. The snapshot survives.
func TestMyCancel(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(100)
	db.Must("CREATE VIEW slow AS SELECT log.* FROM log WHERE sleep(CASE WHEN v = 90 THEN 600 ELSE 0 END) = 0")
	o := loggedOptions
	o.Table = "slow"
	r := db.open(o)
	db.Must("INSERT INTO log(stream, v, type, data) VALUES ('b', 1, 'T', '{}')")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	begun := time.Now()
	for _, err := range r.Events(ctx, replay.Query{Order: replay.ByStream}) {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	q := replay.Query{Streams: []replay.StreamID{"a"}, Versions: replay.UpTo[replay.Version](80)}
	if got := len(events(t, r, q)); got != 80 {
		t.Errorf("afterwards it shows %d events, want 80", got)
	}
	if got := events(t, r, replay.Query{Streams: []replay.StreamID{"b"}}); len(got) != 0 {
		t.Error("afterwards it shows a different moment")
	}
}

// TestMyStopsEarly stops reading a large table, and does not wait for the rest of it.
func TestMyStopsEarly(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(2000)
	db.Must("UPDATE log SET data = concat('\"', repeat('x', 20000), '\"')")
	db.Must("CREATE VIEW crossed AS SELECT a.v * 2000 + b.v AS pos, concat('s', a.v) AS stream, b.v AS v, a.type, a.data FROM log a JOIN log b")
	o := loggedOptions
	o.Table = "crossed"
	r := db.open(o)
	begun := time.Now()
	for range 3 {
		for _, err := range r.Events(t.Context(), replay.Query{Limit: 5, Categories: []string{"s"}, Order: replay.ByStream, Streams: []replay.StreamID{"s1", "s2"}}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if took := time.Since(begun); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
	if got := events(t, r, replay.Query{Streams: []replay.StreamID{"s7"}}); len(got) != 2000 {
		t.Errorf("afterwards a stream has %d events, want 2000", len(got))
	}
}

// TestMyRowsPutAside asks in between of rows that do not fit into the memory for them.
func TestMyRowsPutAside(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(3000)
	db.Must("UPDATE log SET data = concat('{\"n\":', v, ',\"x\":\"', repeat('x', 2000), '\"}')")
	o := loggedOptions
	o.TempDir = t.TempDir()
	r := db.open(o)
	n := 0
	for e, err := range r.Events(t.Context(), replay.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		held := string(e.Data)
		if n%1000 == 1 {
			one := events(t, r, replay.Query{Streams: []replay.StreamID{"a"}, Versions: replay.Between(e.Version, e.Version)})
			if len(one) != 1 || string(one[0].Data) != held || string(e.Data) != held {
				t.Fatalf("event %d is %.40s, and %.40s after it was asked for", n, held, e.Data)
			}
		}
		if !strings.HasPrefix(held, fmt.Sprintf(`{"n":%d,`, n)) {
			t.Fatalf("event %d is %.40s", n, held)
		}
	}
	if left, err := os.ReadDir(o.TempDir); err != nil || len(left) > 0 || n != 3000 {
		t.Errorf("%d events, and %v is left (%v)", n, left, err)
	}
}

// TestMyTimes reads times with and without a zone, on a server of another zone.
func TestMyTimes(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("SET time_zone = '-05:00', sql_mode = ''")
	db.Must("CREATE TABLE log(stream varchar(9), version int, at timestamp(6) NULL, local datetime(6), day date, ms bigint, PRIMARY KEY(stream, version))")
	db.Must("INSERT INTO log VALUES ('a', 1, '2026-03-08 01:30:00.123456', '2026-03-08 06:30:00.123456', '2026-03-08', 1772951400123), ('a', 2, '0000-00-00', '0000-00-00', '2026-02-00', NULL)")
	instant := time.Date(2026, 3, 8, 6, 30, 0, 123456000, time.UTC)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string][2]time.Time{
		"at": {instant, instant}, "local": {instant, instant.Add(-9 * time.Hour)},
		"day": {instant.Truncate(24 * time.Hour), instant.Truncate(24 * time.Hour).Add(-9 * time.Hour)}, "ms": {instant.Truncate(time.Millisecond), instant.Truncate(time.Millisecond)},
	} {
		for i, zone := range []*time.Location{nil, tokyo} {
			r := db.open(Options{Table: "log", TimeZone: zone, Map: map[string]string{"stream": "stream", "version": "version", "time": column}})
			got := events(t, r, replay.Query{Order: replay.ByStream})
			if !got[0].Time.Equal(want[i]) || !got[1].Time.IsZero() {
				t.Errorf("%s in %v is read as %v and %v, want %v and none", column, zone, got[0].Time, got[1].Time, want[i])
			}
		}
	}
	r := db.open(Options{Table: "log", Map: map[string]string{"stream": "stream", "version": "version", "time": "local"}})
	if s, err := r.Summary(t.Context()); err != nil || !strings.Contains(s.Times, "without a zone, taken as UTC") {
		t.Errorf("times: %s (%v)", s.Times, err)
	}
}

// TestMyValues reads values of every type as a payload, exactly.
func TestMyValues(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("SET time_zone = '+00:00'")
	db.Must(`CREATE TABLE log(stream varchar(9), version int, u bigint unsigned, z int(6) zerofill, d decimal(40,12), dz decimal(8,2) zerofill, f double, g float, b bit(64), y year,
		j json, bin binary(3), bl blob, t text CHARACTER SET latin1, e enum('x','y'), s set('p','q'), dt datetime(3), ts timestamp(6), da date, ti time(2), id uuid, p point, n int)`)
	db.Must(`INSERT INTO log VALUES ('a', 1, 18446744073709551615, 42, -1234567890123456789012345678.100000000000, 7.5, 0.1, 0.1, b'1111111111111111111111111111111111111111111111111111111111111111', 2026,
		'{"k" : 1.50}', X'00ff10', X'0001', 'né"\\x', 'y', 'p,q', '2026-03-08 01:30:00.120', '2026-03-08 01:30:00.123456', '2026-03-08', '-838:59:59.00', '6f2a0000-0000-4000-8000-000000000001', POINT(1, 2), NULL)`)
	r := db.open(Options{Table: "log", Map: map[string]string{"stream": "stream", "version": "version", "data": "*"}})
	got := events(t, r, replay.Query{Order: replay.ByStream})
	const want = `{"u":18446744073709551615,"z":42,"d":-1234567890123456789012345678.100000000000,"dz":7.50,"f":0.1,"g":0.1,"b":18446744073709551615,"y":2026,` +
		`"j":{"k" : 1.50},"bin":"AP8Q","bl":"AAE=","t":"né\"\\x","e":"y","s":"p,q","dt":"2026-03-08T01:30:00.120","ts":"2026-03-08T01:30:00.123456Z","da":"2026-03-08","ti":"-838:59:59.00",` +
		`"id":"6f2a0000-0000-4000-8000-000000000001","p":"POINT(1 2)","n":null}`
	if len(got) != 1 || string(got[0].Data) != want {
		t.Errorf("got\n%s\nwant\n%s", got[0].Data, want)
	}
}

// TestMyMappedStreams maps columns of every type to streams, and looks each of them up.
func TestMyMappedStreams(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("CREATE TABLE log(v int, t varchar(20), i bigint unsigned, u uuid, b binary(2), c char(5), n decimal(5,1), x bit(3))")
	for v := 1; v <= 3; v++ {
		db.Must("INSERT INTO log VALUES (?, 'Cart', 18446744073709551615, '6f2a0000-0000-4000-8000-000000000001', X'00ff', 'ab', 1.5, 5), "+
			"(?, 'cart', 7, '7f2a0000-0000-4000-8000-000000000001', X'0100', 'AB', 2, 1), (?, 'cart ', 42, '7f2a0000-0000-4000-8000-000000000002', X'0200', 'å', 3, 2)", v, v, v)
	}
	for column, want := range map[string][]string{
		"t": {"Cart", "cart", "cart "}, "i": {"18446744073709551615", "42", "7"}, "b": {"00ff", "0100", "0200"}, "c": {"AB", "ab", "å"}, "n": {"1.5", "2.0", "3.0"},
		"u": {"6f2a0000-0000-4000-8000-000000000001", "7f2a0000-0000-4000-8000-000000000001", "7f2a0000-0000-4000-8000-000000000002"}, "x": {"1", "2", "5"},
	} {
		r := db.open(Options{Table: "log", Map: map[string]string{"stream": column, "version": "v"}})
		var got []string
		for s, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
			if err != nil {
				t.Fatalf("%s: %v", column, err)
			}
			got = append(got, string(s.ID))
			if n := len(events(t, r, replay.Query{Streams: []replay.StreamID{s.ID}, Versions: replay.From[replay.Version](2)})); n != 2 {
				t.Errorf("%s: stream %s has %d events from version 2", column, s.ID, n)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: streams are %q, want %q", column, got, want)
		}
		if n := len(events(t, r, replay.Query{Streams: []replay.StreamID{"no\x00such", "\xff", "nothing", "CART", "18446744073709551616", "-1"}, Order: replay.ByStream})); n != 0 {
			t.Errorf("%s: %d events of streams without a valid name", column, n)
		}
	}
}

// TestMyLookUp checks that a stream is looked up by the index of its column, whose order is
// not that of bytes.
func TestMyLookUp(t *testing.T) {
	db := newMyDatabase(t)
	db.logged(20000)
	db.Must("INSERT INTO log(stream, v, type) VALUES ('b', 1, 'T'), ('b', 2, 'T')")
	db.Must("ANALYZE TABLE log")
	var before, after int
	count := func(into *int) {
		t.Helper()
		if err := db.DB.QueryRow("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'HANDLER_READ_RND_NEXT'").Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	r := db.open(loggedOptions)
	count(&before)
	if got := events(t, r, replay.Query{Streams: []replay.StreamID{"b"}, Versions: replay.From[replay.Version](2)}); len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	if count(&after); after-before > 15000 {
		t.Errorf("%d rows were scanned", after-before)
	}
}
