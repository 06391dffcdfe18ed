package store

import (
	"testing"
	"time"

	"asof/replay"
)

// TestMySettled has a running transaction between two completed ones.
func TestMySettled(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("CREATE TABLE log(pos bigint AUTO_INCREMENT PRIMARY KEY, stream varchar(9), v int, at datetime(6))")
	o := Options{Table: "log", Map: map[string]string{"stream": "stream", "version": "v", "position": "pos", "time": "at"}}
	db.Must("SET time_zone = '+00:00'")
	slow := &myDatabase{db.Another()}
	slow.Must("SET time_zone = '+00:00'")
	settled := func(r replay.Reader, after, want replay.Position) {
		t.Helper()
		if got, err := r.(replay.Follower).Settled(t.Context(), after); err != nil || got != want {
			t.Errorf("after %d the positions are settled up to %d (%v), want %d", after, got, err, want)
		}
	}
	settled(db.open(o), 0, 0)
	db.Must("INSERT INTO log(stream, v, at) VALUES ('a', 1, now(6)), ('a', 2, now(6))")
	settled(db.open(o), 0, 2)
	slow.Must("START TRANSACTION; INSERT INTO log(stream, v, at) VALUES ('b', 1, now(6))") // 3, not yet to be seen
	db.Must("INSERT INTO log(stream, v, at) VALUES ('a', 3, now(6))")
	r := db.open(o) // it will not see 3 when that is there
	settled(r, 0, 2)
	slow.Must("COMMIT")
	settled(db.open(o), 2, 4)
	settled(r, 2, 2)
	slow.Must("START TRANSACTION; INSERT INTO log(stream, v, at) VALUES ('b', 2, now(6)); ROLLBACK") // 5, which will never be
	db.Must("INSERT INTO log(stream, v, at) VALUES ('a', 4, ?)", time.Now().UTC().Add(-2*time.Minute).Format("2006-01-02 15:04:05"))
	settled(db.open(o), 4, 6) // a transaction that held 5 for so long is not waited for
}
