package replay

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// linkedStore makes a store of streams and of links to their events, to events
// that are gone, and to links.
func linkedStore(t *rapid.T) *fakeReader {
	var events []Event
	next := map[StreamID]Version{}
	for i := range rapid.IntRange(0, 12).Draw(t, "events") {
		e := Event{
			Stream: rapid.SampledFrom([]StreamID{"a-1", "b-1", "links"}).Draw(t, "stream"), Position: Position(2 * i), ID: fmt.Sprintf("i%d", i),
			Type: rapid.SampledFrom([]string{"A", "B", LinkType}).Draw(t, "type"), Data: []byte(`{"n":` + strconv.Itoa(i) + `}`),
		}
		e.Version = next[e.Stream]
		next[e.Stream]++
		if e.Type == LinkType {
			to := rapid.SampledFrom([]string{"a-1", "b-1", "links", "none"}).Draw(t, "to")
			e.Data = []byte(fmt.Sprintf(`"%d@%s"`, rapid.IntRange(0, 4).Draw(t, "version"), to))
			if rapid.Bool().Draw(t, "as text") {
				e.Text, e.Data, e.Opaque = []byte(strings.Trim(string(e.Data), `"`)), nil, "it is not JSON"
			}
			e.Meta.Raw = []byte(`{"by":"x"}`)
		}
		events = append(events, e)
	}
	return newFake(events)
}

// follow is what FollowLinks has to give, made with everything at hand.
func follow(events []Event, q Query) []string {
	var out []string
	for i := range events {
		e := events[i]
		if q.Streams != nil && !slices.Contains(q.Streams, e.Stream) || !q.Positions.Contains(e.Position) {
			continue
		}
		meta := ""
		if e.Type == LinkType {
			to, _ := pointsTo(&e)
			at := slices.IndexFunc(events, func(x Event) bool { return x.Stream == to.stream && x.Version == to.version })
			if at < 0 {
				continue
			}
			position := e.Position
			meta = fmt.Sprintf(" by %s@%d %s", e.Stream, e.Version, e.Meta.Raw)
			e = events[at]
			e.Position = position
		}
		if (q.Types == nil || slices.Contains(q.Types, e.Type)) && strings.HasPrefix(e.ID, q.IDPrefix) {
			out = append(out, fmt.Sprintf("%d %s@%d %s %s%s", e.Position, e.Stream, e.Version, e.Type, e.ID, meta))
		}
	}
	if q.Reverse {
		slices.Reverse(out)
	}
	if q.Limit > 0 && q.Limit < len(out) {
		out = out[:q.Limit]
	}
	return out
}

func TestFollowLinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := linkedStore(t)
		r := FollowLinks(store)
		for range 3 { // one reader answers several queries
			q := Query{Reverse: rapid.Bool().Draw(t, "reverse"), Limit: rapid.IntRange(0, 5).Draw(t, "limit")}
			if rapid.Bool().Draw(t, "by type") {
				q.Types = []string{"A"}
			}
			if rapid.Bool().Draw(t, "from") {
				q.Positions = From(Position(rapid.IntRange(0, 20).Draw(t, "at")))
			}
			if rapid.IntRange(0, 3).Draw(t, "by id") == 0 {
				q.IDPrefix = "i1"
			}
			if rapid.Bool().Draw(t, "in streams") {
				q.Streams = []StreamID{"links", "a-1"}
			}
			got := []string(nil)
			for e, err := range r.Events(t.Context(), q) {
				if err != nil {
					t.Fatal(err)
				}
				meta := ""
				if e.Link != nil {
					meta = fmt.Sprintf(" by %s@%d %s", e.Link.Stream, e.Link.Version, e.Link.Meta)
				}
				got = append(got, fmt.Sprintf("%d %s@%d %s %s%s", e.Position, e.Stream, e.Version, e.Type, e.ID, meta))
			}
			if diff := cmp.Diff(follow(store.events, q), got); diff != "" {
				t.Fatalf("%+v\n%s", q, diff)
			}
		}
	})
}

// TestFollowLinksFails breaks the store at each row: it never ends without an error.
func TestFollowLinksFails(t *testing.T) {
	for fail := 1; fail < 20; fail++ {
		store := newFake([]Event{
			{Stream: "a", Position: 1, Type: "A", Data: []byte(`{}`)},
			{Stream: "l", Position: 2, Type: LinkType, Data: []byte(`"0@a"`)},
			{Stream: "a", Version: 1, Position: 3, Type: "A", Data: []byte(`{}`)},
		})
		store.fail = fail
		n, failed := 0, false
		for _, err := range FollowLinks(store).Events(t.Context(), Query{}) {
			if failed = err != nil; failed {
				if !errors.Is(err, errBroken) {
					t.Fatal(err)
				}
				break
			}
			n++
		}
		if !failed && (n != 3 || store.rows >= fail) {
			t.Errorf("row %d: %d events, no error", fail, n)
		}
	}
}

func TestSelectionTakes(t *testing.T) {
	ev := func(stream StreamID, typ string) *Event { return &Event{Stream: stream, Type: typ, Data: []byte(`{}`)} }
	link := ev("a-1", "A")
	link.Link = &Link{Stream: "l-1"}
	soft := &Event{Stream: "$$a-1", Type: "$metadata", Data: []byte(`{"$tb":9223372036854775807}`)}
	cut := &Event{Stream: "$$a-1", Type: "$metadata", Data: []byte(`{"$tb":9223372036854775806}`)}
	corr := ev("a-1", "A")
	corr.Meta.Correlation = "7"
	for _, test := range []struct {
		name string
		s    Selection
		e    *Event
		want bool
	}{
		{"all", Selection{All: true, Server: true}, ev("a-1", "A"), true},
		{"a system stream", Selection{All: true, Server: true}, ev("$stats-1", "A"), false},
		{"a system stream by a plain fold", Selection{All: true}, ev("$stats-1", "$x"), true},
		{"a system stream by name", Selection{Streams: []StreamID{"$stats-1"}, Server: true}, ev("$stats-1", "A"), true},
		{"a system type", Selection{All: true, Server: true}, ev("a-1", "$x"), false},
		{"a system type by name", Selection{All: true, Types: []string{"$x"}, Server: true}, ev("a-1", "$x"), true},
		{"a link, from all", Selection{All: true, Server: true}, link, false},
		{"a link, included", Selection{All: true, Links: true, Server: true}, link, true},
		{"a link, from its stream", Selection{Streams: []StreamID{"l-1"}, Server: true}, link, true},
		{"a link, from its category", Selection{Categories: []string{"l"}, Server: true}, link, true},
		{"a link, from its target's stream", Selection{Streams: []StreamID{"a-1"}, Server: true}, link, false},
		{"a link, from its type", Selection{OfTypes: []string{"A"}, Server: true}, link, false},
		{"a type", Selection{OfTypes: []string{"A"}, Server: true}, ev("b", "A"), true},
		{"another type", Selection{OfTypes: []string{"A"}, Streams: []StreamID{"c"}, Server: true}, ev("b", "B"), false},
		{"a correlation", Selection{Correlations: []string{"7"}, Server: true}, corr, true},
		{"no correlation", Selection{Correlations: []string{""}, Server: true}, ev("a-1", "A"), false},
		{"a soft delete", Selection{All: true, Deletions: true, Types: []string{"A"}, Server: true}, soft, true},
		{"a soft delete in a category", Selection{Categories: []string{"a"}, Deletions: true, Server: true}, soft, true},
		{"a soft delete elsewhere", Selection{Categories: []string{"b"}, Deletions: true, Server: true}, soft, false},
		{"a soft delete nobody asks for", Selection{All: true, Server: true}, soft, false},
		{"other metadata", Selection{All: true, Deletions: true, Server: true}, cut, false},
		{"a tombstone", Selection{All: true, Deletions: true, Types: []string{"A"}, Server: true}, ev("a-1", "$streamDeleted"), true},
	} {
		if got := test.s.Takes(test.e); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

// TestSelectionQuery holds the query of a selection to what it takes: it must give
// all of that, and nothing else where it says so.
func TestSelectionQuery(t *testing.T) {
	some := func(names ...string) *rapid.Generator[[]string] {
		return rapid.Map(rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 2, rapid.ID[string]), func(s []string) []string {
			if len(s) == 0 {
				return nil
			}
			return s
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		s := Selection{
			Categories: some("a", "b").Draw(t, "categories"), OfTypes: some("A", "B").Draw(t, "of types"),
			Correlations: some("7").Draw(t, "correlations"), Types: some("A", "C").Draw(t, "types"),
			Deletions: rapid.Bool().Draw(t, "deletions"), Server: true, All: rapid.IntRange(0, 3).Draw(t, "all") == 0,
		}
		for _, id := range some("a-1", "c-1").Draw(t, "streams") {
			s.Streams = append(s.Streams, StreamID(id))
		}
		if !s.All && len(s.Categories)+len(s.OfTypes)+len(s.Correlations)+len(s.Streams) == 0 {
			return
		}
		q, exact := s.Filter()
		for _, stream := range []StreamID{"a-1", "b-1", "c-1", "$s-1", "$$a-1"} {
			for _, typ := range []string{"A", "B", "C", "$metadata", "$streamDeleted"} {
				e := &Event{Stream: stream, Category: CategoryOf(stream), Type: typ, Data: []byte(`{"$tb":9223372036854775807}`)}
				if rapid.Bool().Draw(t, "correlated") {
					e.Meta.Correlation = "7"
				}
				in := (q.Streams == nil || slices.Contains(q.Streams, stream)) && (q.Categories == nil || slices.Contains(q.Categories, e.Category)) &&
					(q.Types == nil || slices.Contains(q.Types, typ))
				if takes := s.Takes(e); takes && !in || exact && in && !takes {
					t.Fatalf("%+v takes %s of %s: %v; %+v gives it: %v, exact %v", s, typ, stream, takes, q, in, exact)
				}
			}
		}
	})
}
