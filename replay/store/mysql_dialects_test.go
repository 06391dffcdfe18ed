package store

import (
	"context"
	"slices"
	"testing"

	"asof/fixtures/write"
	"asof/replay"
)

// TestMyDialectsConform runs the suite on every layout, in tables created with the library's
// own DDL.
func TestMyDialectsConform(t *testing.T) {
	for _, d := range write.MyDialects() {
		t.Run(d.Name+" "+d.Variant, func(t *testing.T) {
			db := newMyDatabase(t)
			all := pgHistory(60)
			if err := d.Write(context.Background(), db.Run, slices.Values(all)); err != nil {
				t.Fatal(err)
			}
			want := d.Shown(slices.Values(all))
			r := db.open(Options{Context: d.Context})
			if got := r.Info().Dialect; got != d.Name {
				t.Fatalf("detected as %s", got)
			}
			db.conforms(t, want, Options{Context: d.Context})
		})
	}
}

// TestMyIDsOfTwoTypes names streams by type and id: an id may be of more than one type.
func TestMyIDsOfTwoTypes(t *testing.T) {
	db := newMyDatabase(t)
	for _, d := range write.MyDialects() {
		if d.Name == "cqrs-es" {
			if err := d.Write(context.Background(), db.Run, slices.Values([]replay.Event(nil))); err != nil {
				t.Fatal(err)
			}
		}
	}
	db.Must("INSERT INTO events VALUES ('Cart', 'x', 1, 'A', '1.0', '{}', '{}'), ('Order', 'x', 1, 'A', '1.0', '{}', '{}'), ('Order', 'x/y', 1, 'A', '1.0', '{}', '{}'), ('Order', 'x', 2, 'A', '1.0', '{}', '{}')")
	r := db.open(Options{})
	all := slicesOf(events(t, r, replay.Query{Order: replay.ByStream}))
	var got []string
	for _, e := range all {
		got = append(got, string(e.Stream))
	}
	if want := []string{"Cart/x", "Order/x", "Order/x", "Order/x~1y"}; !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	db.conforms(t, all, Options{})
}

// TestMyBuckets tells buckets of NEventStore apart whose names differ in case, and refuses a
// commit with more events than it has positions.
func TestMyBuckets(t *testing.T) {
	db := newMyDatabase(t)
	all := pgHistory(20)
	for _, d := range write.MyDialects() {
		if d.Name == "neventstore" {
			if err := d.Write(context.Background(), db.Run, slices.Values(all)); err != nil {
				t.Fatal(err)
			}
		}
	}
	db.Must("DROP INDEX IX_Commits ON Commits")
	db.Must("DROP INDEX IX_Commits_CommitId ON Commits")
	db.Must("DROP INDEX IX_Commits_Revisions ON Commits")
	db.Must(`INSERT INTO Commits(BucketId, StreamId, StreamIdOriginal, StreamRevision, Items, CommitId, CommitSequence, CommitStamp, Payload)
		SELECT 'DEFAULT', StreamId, StreamIdOriginal, StreamRevision, Items, CommitId, CommitSequence, CommitStamp, Payload FROM Commits`)
	for context, want := range map[string]int{"": 40, "default": 20, "DEFAULT": 20} {
		r := db.open(Options{Context: context})
		if n := len(slicesOf(events(t, r, replay.Query{Order: replay.ByStream}))); n != want {
			t.Errorf("%q: %d events, want %d", context, n, want)
		}
		stream := replay.StreamID("cart-1")
		if context == "" {
			stream = "DEFAULT/cart-1"
		}
		in := slicesOf(events(t, r, replay.Query{Streams: []replay.StreamID{stream}}))
		if len(in) == 0 || in[0].Version != 1 {
			t.Errorf("%q: %+v", context, in)
		}
	}
	db.Must("UPDATE Commits SET Items = 40000, StreamRevision = 50000 WHERE BucketId = 'default' LIMIT 1")
	failed := false
	for _, err := range db.open(Options{Context: "default"}).Events(t.Context(), replay.Query{Order: replay.ByStream}) {
		failed = failed || err != nil
	}
	if !failed {
		t.Error("a commit with 40,000 events is read")
	}
}
