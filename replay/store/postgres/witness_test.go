package postgres

import (
	"os"
	"testing"

	"asof/replay"
	"asof/replay/store/testdb"
)

// TestWitness tells a store from the same one with an event changed.
func TestWitness(t *testing.T) {
	db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
	db.Must("CREATE TABLE log(stream text, version bigint, data jsonb, PRIMARY KEY(stream, version))")
	db.Must(`INSERT INTO log SELECT 'a', i, '{}' FROM generate_series(1, 20) AS i`)
	witness := func(r replay.Reader) string {
		t.Helper()
		w, err := r.(replay.Witness).Witness(t.Context())
		if err != nil || w == "" {
			t.Fatalf("the witness is %q: %v", w, err)
		}
		return w
	}
	before := opened(t, db, logOf("stream", "version", "data"))
	was := witness(before)
	db.Must(`UPDATE log SET data = '{"n": 1}' WHERE version = 3`)
	after := opened(t, db, logOf("stream", "version", "data"))
	if now := witness(after); now == was {
		t.Errorf("after an update the witness is still %q", now)
	}
	if now, linked := witness(after), witness(replay.FollowLinks(after)); now != linked {
		t.Errorf("with links the witness is %q, and without %q", linked, now)
	}
	if again := witness(before); again != was {
		t.Errorf("the snapshot of before has the witness %q, and had %q", again, was)
	}
}
