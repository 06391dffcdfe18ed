package store

import (
	"path/filepath"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/store/testdb"
)

// Streams of a table without an index are found in one pass, not by a scan for each.
func TestStreamsWithoutAnIndexAreLinear(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loose.db")
	testdb.Build(t, path, nil, "CREATE TABLE ev(nr INTEGER PRIMARY KEY, s TEXT, v INT, t TEXT, d TEXT)",
		`WITH RECURSIVE i(x) AS (SELECT 0 UNION ALL SELECT x+1 FROM i WHERE x < 39999)
		INSERT INTO ev SELECT x+1, 'case-'||(x % 4000), x/4000+1, 'T', '{}' FROM i`)
	for _, version := range []string{"v", "#nr"} {
		r := mustOpen(t, path, Options{Table: "ev", Map: map[string]string{"stream": "s", "version": version, "position": "nr", "type": "t", "data": "d"}})
		before := time.Now()
		all := listedStreams(t, r, replay.StreamQuery{})
		if took := time.Since(before); took > 30*time.Second { // half a second is enough; a scan for each took 75
			t.Errorf("%s: it took %v", version, took)
		}
		if len(all) != 4000 || all[0].Events != 10 || all[0].First != 1 || all[0].Last != 10 || all[0].Category != "case" {
			t.Errorf("%s: %d streams, the first %+v", version, len(all), all[0])
		}
	}
}
