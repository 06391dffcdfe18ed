package store

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay"
)

// TestPgSettled has a running transaction between two completed ones.
func TestPgSettled(t *testing.T) {
	db := newPgDatabase(t)
	db.fill("message-db", "", nil)
	ctx := context.Background()
	slow, err := pgconn.Connect(ctx, db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close(ctx)
	in := func(c *pgconn.PgConn, sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	const add = "INSERT INTO message_store.messages(position, stream_name, type, data, time) VALUES "
	settled := func(after, want replay.Position) {
		t.Helper()
		got, err := db.open(Options{}).(replay.Follower).Settled(ctx, after)
		if err != nil || got != want {
			t.Errorf("after %d the positions are settled up to %d (%v), want %d", after, got, err, want)
		}
	}
	settled(0, 0)
	in(db.Conn, add+"(0, 'a', 'T', '{}', now() AT TIME ZONE 'UTC'), (1, 'a', 'T', '{}', now() AT TIME ZONE 'UTC')") // 1, 2
	settled(0, 2)
	in(slow, "BEGIN")
	in(slow, add+"(0, 'b', 'T', '{}', now() AT TIME ZONE 'UTC')") // 3, not yet to be seen
	in(db.Conn, add+"(2, 'a', 'T', '{}', now() AT TIME ZONE 'UTC')")
	settled(0, 2)
	settled(2, 2)
	r := db.open(Options{}).(replay.Follower) // it will not see 3 when that is there
	in(slow, "COMMIT")
	settled(2, 4)
	if got, err := r.Settled(ctx, 2); err != nil || got != 2 {
		t.Errorf("the moment before is settled up to %d (%v)", got, err)
	}

	in(slow, "BEGIN")
	in(slow, add+"(1, 'b', 'T', '{}', now() AT TIME ZONE 'UTC')") // 5, which will never be
	in(db.Conn, add+"(3, 'a', 'T', '{}', now() AT TIME ZONE 'UTC')")
	settled(4, 4)
	in(slow, "ROLLBACK")
	// Whether others write is told of the whole server, which other tests use too.
	for tries := 0; tries < 200; tries++ {
		if got, err := db.open(Options{}).(replay.Follower).Settled(ctx, 4); err != nil || got == 6 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	settled(4, 6)

	in(slow, "BEGIN")
	in(slow, add+"(1, 'b', 'T', '{}', now() AT TIME ZONE 'UTC')") // 7
	in(db.Conn, add+"(4, 'a', 'T', '{}', now() AT TIME ZONE 'UTC' - interval '2 minutes')")
	settled(6, 8) // a transaction that held 7 for so long is not waited for
	in(slow, "ROLLBACK")

	if _, err := db.open(Options{Table: "messages", Map: map[string]string{"stream": "stream_name", "version": "position"}}).(replay.Follower).Settled(ctx, 0); err == nil {
		t.Error("a store without positions is settled")
	}
}
