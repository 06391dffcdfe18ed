package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"asof/replay"
	"asof/replay/store"
	"asof/replay/store/testdb"
)

// TestStreamsCountNoVersions answers what needs no versions without counting them, and
// the same as by their events.
func TestStreamsCountNoVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "counted.db")
	testdb.Build(t, path, nil, "CREATE TABLE e(s TEXT, n INTEGER, t TEXT, d TEXT)",
		`INSERT INTO e VALUES ('b',5,'A','{}'), ('a',4,'A','{}'), ('b',1,'B','{}'), (NULL,9,'A','{}'), ('b',3,'B','{}'), ('c',2,'A','{}')`)
	for order, prepares := range map[string]bool{"#rowid": false, "#n": true} {
		o := store.Options{Table: "e", Map: map[string]string{"stream": "s", "version": order, "position": "rowid", "type": "t", "data": "d"}}
		r := mustOpen(t, path, o)
		sum, err := r.Summary(context.Background())
		if err != nil || sum.Events != 5 || sum.Streams != 3 || r.Prepared() {
			t.Errorf("%s: %+v, %v, counted: %v", order, sum, err, r.Prepared())
		}
		got, err := shown(r)
		if want := "a 1 1..1 2 2; b 3 1..3 " + ends(order) + "; c 1 1..1 6 6; "; err != nil || got != want || r.Prepared() != prepares {
			t.Errorf("%s: %s, want %s (%v), counted: %v", order, got, want, err, r.Prepared())
		}
		if n := events(t, r); n != 5 || !r.Prepared() {
			t.Errorf("%s: %d events, counted: %v", order, n, r.Prepared())
		}
		if again, err := shown(r); err != nil || again != got {
			t.Errorf("%s: first at first %s, then %s, %v", order, got, again, err)
		}
	}
}

// ends are the positions of the first and the last event of the stream b.
func ends(order string) string {
	if order == "#n" {
		return "3 1"
	}
	return "1 5"
}

// shown lists the streams with the positions of their first and last events.
func shown(r replay.Reader) (string, error) {
	out := ""
	for s, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
		if err != nil {
			return "", err
		}
		out += fmt.Sprintf("%s %d %d..%d", s.ID, s.Events, s.First, s.Last)
		for _, v := range []replay.Version{s.First, s.Last} {
			q := replay.Query{Streams: []replay.StreamID{s.ID}, Versions: replay.Between(v, v)}
			for e, err := range r.Events(context.Background(), q) {
				if err != nil {
					return "", err
				}
				out += fmt.Sprintf(" %d", e.Position)
			}
		}
		out += "; "
	}
	return out, nil
}
