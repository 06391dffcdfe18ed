package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"asof/replay"
	"asof/replay/store/storetest"
)

// TestPgShards runs the suite on shards made by the server, and compares them with shards
// made by filtering all events.
func TestPgShards(t *testing.T) {
	for _, c := range []struct{ name, variant string }{{"message-db", ""}, {"marten", "tenants"}, {"eventsourcing-postgres", "uuid"}} {
		db := newPgDatabase(t)
		all := pgHistory(60)
		db.fill(c.name, c.variant, all)
		shown := pgFixture(t, c.name, c.variant).Shown(slices.Values(all))
		for i := 1; i <= 2; i++ {
			shard := replay.Shard{Index: i, Of: 2}
			want := slices.DeleteFunc(slices.Clone(shown), func(e replay.Event) bool { return !shard.Has(e.Stream) })
			storetest.Run(t, storetest.Config{
				Name: fmt.Sprintf("%s %s %d", c.name, c.variant, i), Want: want, Sample: storetest.Sample,
				Open: func(ctx context.Context, _ string) (replay.Reader, error) {
					r, err := Open(ctx, db.DSN, Options{})
					if err != nil {
						return nil, err
					}
					return replay.Sharded(r, shard), nil
				},
			})
		}
	}
}
