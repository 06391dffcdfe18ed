package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQueryBlameOfOddNames: blame in SQL is of the stream or partition of its row, also if
// its name looks like an address of another.
func TestQueryBlameOfOddNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var lines strings.Builder
	for i, e := range []string{
		`"stream":"a","version":1,"data":{"n":1,"part":"eu"}`, `"stream":"a","version":2,"data":{"n":2,"part":"eu@1"}`,
		`"stream":"a@1","version":1,"data":{"n":1,"part":"eu@1"}`, `"stream":"a@1","version":2,"data":{"m":1,"part":"eu"}`,
		`"stream":"proj:state","version":1,"data":{"n":1,"part":"a/b"}`, `"stream":"id:1","version":1,"data":{"n":1,"part":""}`,
		`"stream":"x\u001fy","version":1,"data":{"n":1,"part":"x\u001fy@head"}`,
	} {
		lines.WriteString(`{"position":` + string(rune('1'+i)) + `,"type":"Set","time":"2026-01-01T00:00:00Z",` + e + "}\n")
	}
	for name, text := range map[string]string{
		"s.ndjson":  lines.String(),
		"parts.js":  `fromAll().partitionBy(function (e) { return e.data.part }).when({ $init: function () { return {} }, $any: function (s, e) { if (e.data.n) s.n = e.data.n; return s } })`,
		"asof.toml": "[[projection]]\nname = \"parts\"\nfold = \"parts.js\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		sql, want string
		more      []string
	}{
		{"SELECT replace(stream, x'1f', '!') AS s, blame(this, '/n') ->> 'position' AS p FROM state ORDER BY s", "s,p|a,2|a@1,3|id:1,6|proj:state,5|x!y,7|", []string{"--fold", "merge"}},
		{"SELECT replace(stream, x'1f', '!') AS s, blame(parts, '/n') ->> 'position' AS p FROM parts ORDER BY s", "s,p|\"\",6|a/b,5|eu,1|eu@1,3|x!y@head,7|", nil},
	} {
		out, code := runHere(dir, append([]string{"query", "s.ndjson", c.sql, "-o", "csv"}, c.more...))
		out, _, _ = strings.Cut(out, "note: ")
		if got := strings.ReplaceAll(out, "\n", "|"); code != 0 || got != c.want {
			t.Errorf("%s is %d %q, want %q", c.sql, code, got, c.want)
		}
	}
}
