package cmd

import (
	"strings"
	"testing"
)

// TestQueryTimeout: a question of SQL ends with its limit, whatever it is doing, and says
// so.
func TestQueryTimeout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	const endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
	for _, args := range [][]string{
		{endless, "--timeout", "50ms"}, {"SELECT * FROM cart", "--timeout", "1ns"}, {"SELECT * FROM cart", "--explain", "--timeout", "1ns"}, {"--tables", "--timeout", "1ns"},
	} {
		out, code := runHere(dir, append([]string{"query", "asof-demo.db", "--json"}, args...))
		if code != exitUsage || !strings.Contains(out, `"kind":"timeout"`) || !strings.Contains(out, "no answer within "+args[len(args)-1]) {
			t.Errorf("%q is answered %d %s", args, code, out)
		}
	}
	if out, code := runHere(dir, []string{"query", "asof-demo.db", "SELECT count(*) AS n FROM events", "--timeout", "10m", "--json"}); code != 0 || out != `{"row":{"n":3500}}`+"\n" {
		t.Errorf("within the limit: %d %s", code, out)
	}
	for _, bad := range []string{"0s", "-1s", "soon"} {
		if out, code := runHere(dir, []string{"query", "asof-demo.db", "SELECT 1", "--timeout", bad}); code != exitUsage || !strings.Contains(out, "30s") {
			t.Errorf("--timeout %s: %d %s", bad, code, out)
		}
	}
}
