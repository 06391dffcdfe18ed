package sqlite

import (
	"testing"

	"zombiezen.com/go/sqlite"
)

// A pragma takes effect while it is prepared, so it is refused before.
func TestQuerySetsNothing(t *testing.T) {
	conn, err := sqlite.OpenConn(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // in memory
	p := &Probe{conn: conn}
	if err := p.Exec("PRAGMA query_only = ON"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Query("PRAGMA query_only = OFF"); err == nil {
		t.Error("a pragma is accepted as a query")
	}
	if v, err := p.First("SELECT query_only FROM pragma_query_only"); err != nil || v.Num != 1 {
		t.Errorf("query_only is %d, %v", v.Num, err)
	}
	if _, err := p.Query("SELECT name AS stream, 1 AS version FROM pragma_table_info('x')"); err != nil {
		t.Error(err)
	}
}
