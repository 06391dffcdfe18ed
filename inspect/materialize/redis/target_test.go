package redis_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	redigo "github.com/gomodule/redigo/redis"
	"pgregory.net/rapid"

	"asof/inspect/materialize"
	"asof/inspect/materialize/redis"
	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/place"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

type fataler interface{ Fatal(...any) }

// servers are the connection strings of miniredis and, where there is one, of a real server.
func servers(t *testing.T) []string {
	t.Helper()
	all := []string{"redis://" + miniredis.RunT(t).Addr() + "/0"}
	if real := os.Getenv("ASOF_TEST_REDIS"); real != "" {
		all = append(all, real)
	}
	return all
}

// A server is a connection of the test's own.
type server struct {
	t    fataler
	url  string
	conn redigo.Conn
}

func connect(t *testing.T, url string) *server {
	t.Helper()
	c, err := redigo.DialURL(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &server{t, url, c}
}

func (s *server) do(command string, args ...any) any {
	v, err := s.conn.Do(command, args...)
	if err != nil {
		s.t.Fatal(command, args, err)
	}
	return v
}

func (s *server) keys(pattern string) []string {
	keys, err := redigo.Strings(s.do("KEYS", pattern), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(keys)
	return keys
}

// prefixes are of this run of the tests alone: the server may be another one's too.
var prefixes = fmt.Sprintf("asof-test-%d-%d:", os.Getpid(), time.Now().UnixNano())

func (s *server) clear(prefix string) {
	for _, key := range s.keys(prefix + "*") {
		s.do("DEL", key)
	}
}

func openDB(t fataler, events []replay.Event) *query.DB {
	r := storetest.Memory(events)
	f := replay.Fold{Reducer: fold.Merge()}
	db, err := query.Open(context.Background(), query.Source{
		Reader: r, Store: &replay.Timeline{Name: "store", Reader: r, Many: true},
		Projections: []query.Projection{{Name: "cart", Fold: func(replay.StreamID, string) (replay.Fold, error) { return f, nil }}},
		Env:         replay.Env{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Zone: time.UTC}, Note: func(replay.Notice) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func event(i int, stream replay.StreamID, version replay.Version, data string) replay.Event {
	return replay.Event{
		Stream: stream, Category: "s", Version: version, Position: replay.Position(10 * (i + 1)), ID: fmt.Sprint("id", i), Type: "A",
		Time: time.Date(2026, 1, 1, 0, i, 0, 1, time.UTC), Data: []byte(data),
	}
}

func tryKeep(t fataler, url string, events []replay.Event, change ...func(*materialize.Job)) (*materialize.Result, error) {
	target, err := redis.Open(place.Parse(url), "cart:")
	if err != nil {
		return nil, err
	}
	defer target.Close()
	db := openDB(t, events)
	defer db.Close()
	only, err := db.Only()
	if err != nil {
		t.Fatal(err)
	}
	job := materialize.Job{
		Target: target, Want: materialize.Checkpoint{Store: "s", Projection: "cart", Fold: "merge"},
		Export: func(known []string) *query.Export { return db.Export(only, known) },
	}
	for _, c := range change {
		c(&job)
	}
	r, err := job.Run(context.Background())
	if err != nil {
		return nil, err
	}
	defer r.Discard()
	return r, r.Commit()
}

func keep(t fataler, url string, events []replay.Event, change ...func(*materialize.Job)) *materialize.Result {
	r, err := tryKeep(t, url, events, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// compare compares the rows with those that SQL over the store gives.
func (s *server) compare(prefix string, events []replay.Event) {
	db := openDB(s.t, events)
	defer db.Close()
	answer, err := db.Query("SELECT * FROM cart")
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := redigo.StringMap(s.do("HGETALL", prefix+"states"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for row, err := range answer.Rows {
		if err != nil {
			s.t.Fatal(err)
		}
		n++
		text := got[row[0].(string)]
		v, err := state.ParseState([]byte(text))
		if err != nil {
			s.t.Fatal(text, err)
		}
		for i, name := range answer.Columns {
			if text, ok := row[i].(string); ok {
				row[i] = state.FromUnits(state.Units(text)) // as JSON has it
			}
			if have := query.Native(v.Node().Get(name), name == "state"); have != row[i] {
				s.t.Fatal(fmt.Sprintf("%s of %q is %#v, want %#v", name, row[0], have, row[i]))
			}
		}
	}
	if len(got) != n {
		s.t.Fatal(fmt.Sprintf("%d rows, want %d", len(got), n))
	}
	if left := s.keys(prefix + "unfinished*"); len(left) > 0 {
		s.t.Fatal("left: ", left)
	}
}

// TestSameAsQuery keeps a read model of a store that grows, and that loses some of its
// events. Its rows are at each time those that SQL over the store gives.
func TestSameAsQuery(t *testing.T) {
	for _, url := range servers(t) {
		s := connect(t, url)
		seen, n := map[string]int{}, 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			prefix := fmt.Sprint(prefixes, n, ":")
			s := &server{t, s.url, s.conn}
			defer s.clear(prefix)
			versions := map[replay.StreamID]replay.Version{}
			var events []replay.Event
			i := 0
			for range rapid.IntRange(1, 4).Draw(t, "runs") {
				for range rapid.IntRange(1, 6).Draw(t, "events") {
					stream := rapid.SampledFrom([]replay.StreamID{"a", "A", "ü\x00", "'c\" \r\n", "d\xff"}).Draw(t, "stream")
					versions[stream]++
					member := rapid.SampledFrom([]string{"total", "qty", "stream", "a,b", ""}).Draw(t, "member")
					value := rapid.SampledFrom([]string{"1", "2.50", "null", `"a\u0000b"`, `"\ud83dx"`, "[1,2.0]", "12345678901234567890", "true"}).Draw(t, "value")
					events = append(events, event(i, stream, versions[stream], fmt.Sprintf("{%q:%s}", member, value)))
					i++
				}
				if rapid.IntRange(0, 4).Draw(t, "loses") == 0 {
					lost := events[rapid.IntRange(0, len(events)-1).Draw(t, "lost")].Stream
					events = slices.DeleteFunc(events, func(e replay.Event) bool { return e.Stream == lost })
				}
				if len(events) == 0 {
					continue
				}
				seen[keep(t, url+"?prefix="+prefix, events).How]++
				s.compare(prefix, events)
			}
		})
		for _, how := range []string{materialize.Built, materialize.Rebuilt, materialize.Updated} {
			if seen[how] == 0 {
				t.Errorf("no run was %q: %v", how, seen)
			}
		}
	}
}

func cart(n int) (events []replay.Event) {
	for i := range n {
		events = append(events, event(i, replay.StreamID(fmt.Sprint("cart-", i)), 1, fmt.Sprintf(`{"total":%d.50}`, i)))
	}
	return events
}

// TestManyRows writes more rows than one command takes, none, and one more.
func TestManyRows(t *testing.T) {
	for _, url := range servers(t) {
		s, prefix := connect(t, url), prefixes+"many:"
		defer s.clear(prefix)
		for _, n := range []int{1234, 1235} {
			r := keep(t, url+"?prefix="+prefix, cart(n))
			if s.compare(prefix, cart(n)); r.Rows != int64(n) || n == 1235 && (r.How != materialize.Updated || r.Written != 1) {
				t.Errorf("%s: %d rows, %d written", r.How, r.Rows, r.Written)
			}
		}
		if r := keep(t, url+"?prefix="+prefix, cart(1235)); r.How != materialize.Current {
			t.Errorf("it is %s: %s", r.How, r.Why)
		}
		for _, key := range s.keys(prefix + "*") {
			if ttl := s.do("TTL", key); ttl != int64(-1) {
				t.Errorf("%s expires in %v s", key, ttl)
			}
		}
		s.do("DEL", prefix+"states") // somebody dropped it
		if r := keep(t, url+"?prefix="+prefix, cart(1235)); r.How != materialize.Built {
			t.Errorf("it is %s", r.How)
		}
		s.compare(prefix, cart(1235))
	}
}

// TestRefused aims at keys that asof did not write, which stay as they are.
func TestRefused(t *testing.T) {
	for _, url := range servers(t) {
		s, prefix := connect(t, url), prefixes+"refused:"
		for name, write := range map[string]func(){
			"states":     func() { s.do("HSET", prefix+"states", "a", "b") },
			"streams":    func() { s.do("SET", prefix+"streams", "theirs") },
			"checkpoint": func() { s.do("SET", prefix+"checkpoint", "{}") },
		} {
			s.clear(prefix)
			write()
			var refused *materialize.RefusedError
			if _, err := tryKeep(t, url+"?prefix="+prefix, cart(3)); !errors.As(err, &refused) || !strings.Contains(err.Error(), "asof did not write the key "+prefix+name) {
				t.Errorf("%s: %v", name, err)
			}
			if keys := s.keys(prefix + "*"); len(keys) != 1 {
				t.Errorf("%s: the keys are %q", name, keys)
			}
		}
		s.clear(prefix)
	}
}

// TestUnfinished: a run that is not committed changes nothing, and what it wrote expires.
func TestUnfinished(t *testing.T) {
	for _, url := range servers(t) {
		s, prefix := connect(t, url), prefixes+"unfinished:"
		keep(t, url+"?prefix="+prefix, cart(3))
		target, err := redis.Open(place.Parse(url+"?prefix="+prefix), "")
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		old, err := target.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, onto := range []*materialize.Checkpoint{nil, old} {
			c, err := target.Begin(ctx, materialize.Plan{Columns: old.Columns, Onto: onto})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 250 {
				row := make([]state.Value, len(old.Columns))
				row[0] = state.StringValue(fmt.Sprint("new-", i))
				if err := c.Put(row, materialize.Head{Stream: replay.StreamID(fmt.Sprint("new-", i))}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := c.Finish(old); err != nil {
				t.Fatal(err)
			}
			left := s.keys(prefix + "unfinished:*")
			for _, key := range left {
				if ttl, ok := s.do("TTL", key).(int64); !ok || ttl <= 0 || ttl > 3600 {
					t.Errorf("%s expires in %v s", key, ttl)
				}
			}
			if len(left) != 3 {
				t.Errorf("the keys are %q", left)
			}
			if onto != nil { // the server drops one of them
				s.do("DEL", left[0])
				if err := c.Commit(); err == nil {
					t.Error("a change without one of its keys is committed")
				}
			}
			c.Discard()
			s.compare(prefix, cart(3))
		}
		if err := target.Close(); err != nil {
			t.Error(err)
		}
		s.clear(prefix)
	}
}

// TestChangedMeanwhile: of two runs at once, the second to finish changes nothing.
func TestChangedMeanwhile(t *testing.T) {
	for _, url := range servers(t) {
		s, prefix := connect(t, url), prefixes+"meanwhile:"
		_, err := tryKeep(t, url+"?prefix="+prefix, cart(2), func(j *materialize.Job) {
			j.Folded = func() { keep(t, url+"?prefix="+prefix, cart(4)); j.Folded = nil }
		})
		var refused *materialize.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "changed it meanwhile") {
			t.Error(err)
		}
		s.compare(prefix, cart(4))
		s.clear(prefix)
	}
}

// TestSecrets: no error has the password.
func TestSecrets(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireAuth("right")
	for _, url := range []string{
		"redis://:hunter22@" + m.Addr() + "/0", "redis://user:hunter22@" + m.Addr() + "/0", "rediss://hunter22@" + m.Addr(), "redis://hunter22@127.0.0.1:1/0",
		"redis://:hunter22@" + m.Addr() + "/0?password=hunter22", "redis://:hunter22@" + m.Addr() + "/x", "redis://:hunter22@%zz", "redis:///0?hunter22",
	} {
		_, err := tryKeep(t, url, cart(1))
		if err == nil || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%s: %v", url, err)
		}
	}
	keep(t, "redis://right@"+m.Addr()+"/0", cart(1))
	keep(t, "valkey://:right@"+m.Addr()+"/0", cart(2))
}
