package cmd

import "testing"

// TestQueryEmptyTexts: a column of a SELECT is in the table if all its texts are empty, too.
func TestQueryEmptyTexts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir)
	for sql, want := range map[string]string{
		"SELECT '' AS a, 1 AS b": "a  b\n   1\n", "SELECT 1 AS b, '' AS a": "b  a\n1\n", "SELECT '' AS a": "a\n\n", "SELECT NULL AS a, '' AS b, 2 AS c": "a     b  c\nNULL     2\n",
	} {
		if out, code := runHere(dir, []string{"query", "asof-demo.db", sql}); code != exitOK || out != want {
			t.Errorf("%s: exit code %d\n%swant\n%s", sql, code, out, want)
		}
	}
}
