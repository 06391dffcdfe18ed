package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
)

func at(minute int) time.Time { return time.Date(2026, 3, 1, 9, minute, 0, 0, time.UTC) }

// history is six events of three streams: two carts, and one without a category whose id is a
// UUID.
func history() []replay.Event {
	ev := func(pos int, stream, category string, version int, typ string, revision int) replay.Event {
		return replay.Event{
			Stream: replay.StreamID(stream), Category: category,
			Version: replay.Version(version), Position: replay.Position(pos),
			ID: fmt.Sprintf("e%d-%s", pos, typ), Type: typ, Revision: revision, Time: at(pos),
			Data: fmt.Appendf(nil, `{"n":9007199254740993,"position":%d}`, pos),
			Meta: replay.Meta{
				Actor: "ann", Correlation: "c1", Causation: "c0",
				Raw: fmt.Appendf(nil, `{"ip":"10.0.0.%d"}`, pos),
			},
		}
	}
	return []replay.Event{
		ev(2, "cart-2", "Cart", 1, "Opened", 1),
		ev(3, "cart-1", "Cart", 1, "Opened", 1),
		ev(5, "3f2a1b2c4d5e6f708192a3b4c5d6e7f8", "", 1, "Placed", 1),
		ev(6, "cart-2", "Cart", 2, "ItemAdded", 1),
		ev(8, "cart-2", "Cart", 3, "ItemAdded", 2),
		ev(9, "cart-1", "Cart", 2, "Closed", 1),
	}
}

func places(t *testing.T, events iter.Seq2[*replay.Event, error]) (string, error) {
	t.Helper()
	var out []string
	for e, err := range events {
		if err != nil {
			return strings.Join(out, " "), err
		}
		out = append(out, fmt.Sprintf("%.6s@%d", e.Stream, e.Version))
	}
	return strings.Join(out, " "), nil
}

func TestMemoryEvents(t *testing.T) {
	ids := func(s ...replay.StreamID) []replay.StreamID { return s }
	uuid := replay.StreamID("3f2a1b2c4d5e6f708192a3b4c5d6e7f8")
	for _, c := range []struct {
		name string
		q    replay.Query
		want string
	}{
		{"all", replay.Query{}, "cart-2@1 cart-1@1 3f2a1b@1 cart-2@2 cart-2@3 cart-1@2"},
		{"backwards", replay.Query{Reverse: true}, "cart-1@2 cart-2@3 cart-2@2 3f2a1b@1 cart-1@1 cart-2@1"},
		{"by stream", replay.Query{Order: replay.ByStream}, "3f2a1b@1 cart-1@1 cart-1@2 cart-2@1 cart-2@2 cart-2@3"},
		{"limit", replay.Query{Limit: 2}, "cart-2@1 cart-1@1"},
		{"last two", replay.Query{Limit: 2, Reverse: true}, "cart-1@2 cart-2@3"},
		{"one stream", replay.Query{Streams: ids("cart-1")}, "cart-1@1 cart-1@2"},
		{"two streams", replay.Query{Streams: ids(uuid, "cart-1")}, "cart-1@1 3f2a1b@1 cart-1@2"},
		{"no streams", replay.Query{Streams: []replay.StreamID{}}, ""},
		{"an unknown stream", replay.Query{Streams: ids("cart-3")}, ""},
		{"category", replay.Query{Categories: []string{"Cart"}, Limit: 3}, "cart-2@1 cart-1@1 cart-2@2"},
		{"no category", replay.Query{Categories: []string{""}}, "3f2a1b@1"},
		{"types", replay.Query{Types: []string{"Closed", "Placed"}}, "3f2a1b@1 cart-1@2"},
		{"id", replay.Query{IDPrefix: "e8"}, "cart-2@3"},
		{"from", replay.Query{Streams: ids("cart-2"), Versions: replay.From[replay.Version](2)}, "cart-2@2 cart-2@3"},
		{"up to", replay.Query{Streams: ids("cart-2"), Versions: replay.UpTo[replay.Version](2)}, "cart-2@1 cart-2@2"},
		{"positions", replay.Query{Positions: replay.Between[replay.Position](3, 7)}, "cart-1@1 3f2a1b@1 cart-2@2"},
		{
			"positions of a stream",
			replay.Query{Streams: ids("cart-2"), Positions: replay.Between[replay.Position](3, 7)},
			"cart-2@2",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := places(t, Memory(history()).Events(context.Background(), c.q))
			if err != nil || got != c.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}

func TestMemoryErrors(t *testing.T) {
	ctx := context.Background()
	versions := replay.From[replay.Version](1)
	for _, q := range []replay.Query{
		{Versions: versions},
		{Versions: versions, Streams: []replay.StreamID{"cart-1", "cart-2"}},
	} {
		if _, err := places(t, Memory(history()).Events(ctx, q)); err == nil {
			t.Errorf("%+v: no error", q)
		}
	}

	flat := history()
	flat[0].Position = replay.NoPosition
	r := Memory(flat)
	var lacks *replay.UnsupportedError
	if _, err := places(t, r.Events(ctx, replay.Query{})); !errors.As(err, &lacks) || r.Info().Has("positions") {
		t.Errorf("without positions: %v", err)
	}
	if got, err := places(t, r.Events(ctx, replay.Query{Streams: []replay.StreamID{"cart-1"}})); err != nil || got != "cart-1@1 cart-1@2" {
		t.Errorf("one stream without positions: %s, %v", got, err)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r = Memory(history())
	n := 0
	var last error
	for _, err := range r.Events(ctx, replay.Query{}) {
		if n++; n == 2 {
			cancel()
		}
		last = err
	}
	if n != 3 || !errors.Is(last, context.Canceled) {
		t.Errorf("cancelled: %d events, %v", n-1, last)
	}
	r.Close()
	if _, err := places(t, r.Events(context.Background(), replay.Query{})); err == nil {
		t.Error("closed: no error")
	}
}

func TestMemoryIsStrict(t *testing.T) {
	var kept *replay.Event
	var data []byte
	for e, err := range Memory(history()).Events(context.Background(), replay.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if kept == nil {
			kept, data = e, e.Data
		}
	}
	if kept.Type != "" || strings.Contains(string(data), `"position":2`) {
		t.Errorf("an earlier event is still valid: %s %s", kept.Type, data)
	}
	skip := replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData
	for e, err := range Memory(history()).Events(context.Background(), replay.Query{Skip: skip, Limit: 1}) {
		if err != nil || e.ID != "" || !e.Time.IsZero() || e.Meta.Actor != "" || e.Data != nil {
			t.Errorf("skipped fields are present: %+v, %v", e, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("two events with the same version are accepted")
		}
	}()
	Memory([]replay.Event{{Stream: "a", Version: 1}, {Stream: "a", Version: 1}})
}

func TestMemoryStreams(t *testing.T) {
	const uuid = "3f2a1b2c4d5e6f708192a3b4c5d6e7f8"
	for _, c := range []struct {
		name string
		q    replay.StreamQuery
		want []replay.StreamID
	}{
		{"all", replay.StreamQuery{}, []replay.StreamID{uuid, "cart-1", "cart-2"}},
		{"limit", replay.StreamQuery{Limit: 2}, []replay.StreamID{uuid, "cart-1"}},
		{"prefix", replay.StreamQuery{Prefix: "cart-"}, []replay.StreamID{"cart-1", "cart-2"}},
		{"another case", replay.StreamQuery{Prefix: "CART-"}, nil},
		{"dashed", replay.StreamQuery{Prefix: "3F2A1B2C-4d"}, []replay.StreamID{uuid}},
		{"category", replay.StreamQuery{Categories: []string{"Cart"}}, []replay.StreamID{"cart-1", "cart-2"}},
		{"ids", replay.StreamQuery{IDs: []replay.StreamID{"cart-9", "cart-1"}}, []replay.StreamID{"cart-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []replay.StreamID
			for s, err := range Memory(history()).Streams(context.Background(), c.q) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, s.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	for s := range Memory(history()).Streams(context.Background(), replay.StreamQuery{Prefix: "cart-2"}) {
		want := replay.Stream{
			ID: "cart-2", Category: "Cart", Events: 3, First: 1, Last: 3,
			FirstTime: at(2), LastTime: at(8),
		}
		if s != want {
			t.Errorf("got %+v, want %+v", s, want)
		}
	}
	s, err := Memory(history()).Summary(context.Background())
	want := replay.Summary{
		Events: 6, Streams: 3, Categories: []string{"Cart"}, FirstTime: at(2), LastTime: at(9),
		Types: []replay.TypeCount{
			{Type: "Closed", Revision: 1, Events: 1},
			{Type: "ItemAdded", Revision: 1, Events: 1},
			{Type: "ItemAdded", Revision: 2, Events: 1},
			{Type: "Opened", Revision: 1, Events: 2},
			{Type: "Placed", Revision: 1, Events: 1},
		},
	}
	if err != nil || fmt.Sprint(s) != fmt.Sprint(want) {
		t.Errorf("got  %+v, %v\nwant %+v", s, err, want)
	}
}

func TestMemoryNumbersPositions(t *testing.T) {
	r := Memory([]replay.Event{{Stream: "a", Version: 1}, {Stream: "a", Version: 2}})
	for e, err := range r.Events(context.Background(), replay.Query{Positions: replay.From[replay.Position](2)}) {
		if err != nil || e.Version != 2 {
			t.Errorf("got %+v, %v", e, err)
		}
	}
}
