package store

import (
	"fmt"
	"testing"

	"asof/replay"
)

// Names of tables that differ in case alone, in the order that the server may list them.
var nearNames = []string{"EV", "Ev", "ev"}

// checkNearNames reads the table or view of each name, which has it as the type of its
// event. Another spelling means the one in lower case.
func checkNearNames(t *testing.T, open func(Options) replay.Reader) {
	t.Helper()
	for asked, want := range map[string]string{"EV": "EV", "Ev": "Ev", "ev": "ev", "eV": "ev"} {
		mapping := map[string]string{"stream": "s_" + want, "version": "n", "type": "is", "data": "d"}
		all := events(t, open(Options{Table: asked, Map: mapping}), replay.Query{Order: replay.ByStream})
		if len(all) != 1 || all[0].Type != want {
			t.Errorf("table %s: %+v", asked, all)
		}
	}
}

func TestPgNearNames(t *testing.T) {
	for _, kind := range []string{"TABLE", "VIEW"} {
		db := newPgDatabase(t)
		for _, name := range nearNames {
			db.Must(fmt.Sprintf(`CREATE %s "%s" AS SELECT 'a' AS "s_%s", 0 AS n, '%[2]s' AS "is", '{}' AS d`, kind, name, name))
		}
		checkNearNames(t, func(o Options) replay.Reader { return db.open(o) })
	}
}

func TestMyNearNames(t *testing.T) {
	for _, kind := range []string{"TABLE", "VIEW"} {
		db := newMyDatabase(t)
		for _, name := range nearNames {
			db.Must(fmt.Sprintf("CREATE %s %s AS SELECT 'a' AS `s_%s`, 0 AS n, '%[2]s' AS `is`, '{}' AS d", kind, name, name))
		}
		checkNearNames(t, func(o Options) replay.Reader { return db.open(o) })
	}
}
