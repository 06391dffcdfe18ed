package store

import (
	"database/sql"
	"os"
	"testing"
	"time"

	"asof/replay"
)

// walHeaders is the size of the two headers of a -shm, which say what of the -wal is
// committed.
const walHeaders = 96

// TestFingerprintOfACommitThatIsNotSeenYet: a writer waits for the disk between writing a
// commit to the -wal and telling readers of it. What a reader sees until then is not what
// these bytes of the -wal hold afterwards.
func TestFingerprintOfACommitThatIsNotSeenYet(t *testing.T) {
	path := nativeStore(t, 20, 2)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	exec := func(q string) {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	exec("PRAGMA journal_mode = WAL")
	exec("DELETE FROM asof_events WHERE position = 20")
	shm, err := os.OpenFile(path+"-shm", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shm.Close() }) // after db: closing it drops the locks of the process
	before, after := make([]byte, walHeaders), make([]byte, walHeaders)
	_, err = shm.ReadAt(before, 0)
	if err == nil {
		exec("DELETE FROM asof_events WHERE position = 19")
		_, err = shm.ReadAt(after, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := func(header []byte) (events int64, p replay.Fingerprint) {
		if _, err := shm.WriteAt(header, 0); err != nil {
			t.Fatal(err)
		}
		settled()
		r := mustOpen(t, path, Options{})
		defer r.Close()
		for s, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			events += s.Events
		}
		p, _ = r.(replay.Fingerprinter).Fingerprint()
		return events, p
	}
	if err := os.Chtimes(path+"-wal", time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	old, first := seen(before)
	aged(t, path+"-wal")
	now, second := seen(after)
	if old != 19 || now != 18 {
		t.Fatalf("%d events are seen before the commit, and %d after it", old, now)
	}
	if first.Content != "" || second.Content == "" {
		t.Errorf("the content is %q before the commit is seen, and %q long after it", first.Content, second.Content)
	}
}
