package replay_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/replay"
	"asof/replay/store/storetest"
)

// TestShardsPart: every stream is in exactly one shard, and shards are about equal.
func TestShardsPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 70).Draw(t, "of")
		id := replay.StreamID(rapid.String().Draw(t, "id"))
		in := 0
		for i := 1; i <= of; i++ {
			if (replay.Shard{Index: i, Of: of}).Has(id) {
				in++
			}
		}
		if in != 1 {
			t.Fatalf("%q is in %d of %d shards", id, in, of)
		}
	})
	const streams, of = 10_000, 7
	for i := 1; i <= of; i++ {
		n := 0
		for j := range streams {
			if (replay.Shard{Index: i, Of: of}).Has(replay.StreamID(fmt.Sprintf("cart-%d", j))) {
				n++
			}
		}
		if n < streams/of*8/10 || n > streams/of*12/10 {
			t.Errorf("shard %d/%d has %d of %d streams", i, of, n, streams)
		}
	}
}

func TestParseShard(t *testing.T) {
	for s, want := range map[string]replay.Shard{"1/1": {Index: 1, Of: 1}, "2/8": {Index: 2, Of: 8}, "65536/65536": {Index: 1 << 16, Of: 1 << 16}} {
		got, err := replay.ParseShard(s)
		if err != nil || got != want {
			t.Errorf("%s is %v (%v)", s, got, err)
		}
		if back, _ := replay.ParseShard(got.String()); !got.IsAll() && back != got {
			t.Errorf("%s is written %s", s, got)
		}
	}
	for _, s := range []string{"", "1", "/", "0/3", "4/3", "-1/3", "1/0", "a/b", "1/65537", "1/2/3", " 1/2"} {
		if got, err := replay.ParseShard(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}

// noSharder hides that a reader could shard by itself.
type noSharder struct{ replay.Reader }

func TestShardedConforms(t *testing.T) {
	var all []replay.Event
	for i := range 80 {
		all = append(all, replay.Event{
			Stream: replay.StreamID(fmt.Sprintf("cart-%d", i%9)), Category: "cart", Version: replay.Version(i/9 + 1), Position: replay.Position(i + 1),
			ID: fmt.Sprintf("e-%d", i), Type: []string{"Added", "Removed"}[i%2], Revision: 1, Time: time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC),
			Data: fmt.Appendf(nil, `{"n":%d}`, i),
		})
	}
	for i := 1; i <= 2; i++ {
		shard := replay.Shard{Index: i, Of: 2}
		storetest.Run(t, storetest.Config{
			Name: shard.String(),
			Open: func(context.Context, string) (replay.Reader, error) {
				return replay.Sharded(noSharder{storetest.Memory(all)}, shard), nil
			},
			Want: slices.DeleteFunc(slices.Clone(all), func(e replay.Event) bool { return !shard.Has(e.Stream) }),
		})
	}
}
