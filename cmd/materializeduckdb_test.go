package cmd

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/replay/state"
)

// duckdb runs a query in DuckDB, which is in the folder ASOF_TEST_DUCKDB. Integers of more
// than 32 bits come as text.
func duckdb(t *testing.T, dir, sql string) (rows [][]any) {
	t.Helper()
	const script = `
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { DuckDBInstance } = createRequire(process.env.ASOF_TEST_DUCKDB + "/")("@duckdb/node-api");
const c = await (await DuckDBInstance.create()).connect();
console.log(JSON.stringify((await c.runAndReadAll(readFileSync(0, "utf8"))).getRowsJson()));`
	c := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script)
	c.Dir, c.Stdin, c.Stderr = dir, strings.NewReader(sql), os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// mixedCarts are events whose members have numbers of all forms, texts, nested values and
// nulls. A member has one kind in most parts of a store and another in few.
func mixedCarts(r *rand.Rand, streams int) string {
	values := []string{"1", "12.60", "-0.1", "9007199254740993", "12345678901234567890.5", "true", "null", `"text"`, `"é, \"x\""`, `[1, {"a": 2.50}]`, "1e3"}
	var b strings.Builder
	for s := range streams {
		for v := range 1 + r.IntN(4) {
			fmt.Fprintf(&b, `{"stream":"cart-%d","version":%d,"type":"Put","time":"2026-01-%02dT10:00:00Z","data":{"n":%d,"total":%d.%02d,"rare":%s,"member %d":%s}}`+"\n",
				s, v+1, 1+v, v, r.IntN(50), r.IntN(100), values[r.IntN(1+s*len(values)/streams)], r.IntN(3), values[r.IntN(len(values))])
		}
	}
	return b.String()
}

// TestDuckDBReadsFolders: DuckDB reads the rows of query from a folder, and the same ones
// from four parts.
func TestDuckDBReadsFolders(t *testing.T) {
	t.Parallel()
	if os.Getenv("ASOF_TEST_DUCKDB") == "" {
		t.Skip("no DuckDB: run .ci/duckdb.sh")
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(testmain.Seed(t), 0))
	writeTestFile(t, filepath.Join(dir, "shop.ndjson"), mixedCarts(r, 60))
	mustRun(t, dir, exitOK, "built", "materialize", "shop.ndjson", "--fold", "merge", "--to", "whole/")
	for _, i := range r.Perm(4) {
		mustRun(t, dir, exitOK, "", "materialize", "shop.ndjson", "--fold", "merge", "--to", "parts/", "--shard", fmt.Sprintf("%d/4", i+1))
	}
	for name, table := range map[string]string{"states": "state", "history": "state_history", "changes": "state_changes"} {
		whole := fmt.Sprintf("read_parquet('whole/*/%s.parquet')", name)
		for _, union := range []bool{false, true} {
			parts := fmt.Sprintf("read_parquet('parts/*/%s.parquet', union_by_name = %v)", name, union)
			differ := duckdb(t, dir, fmt.Sprintf(`SELECT count(*) FROM ((FROM %[1]s EXCEPT ALL FROM %[2]s) UNION ALL (FROM %[2]s EXCEPT ALL FROM %[1]s))`, whole, parts))
			if fmt.Sprint(differ) != "[[0]]" {
				t.Errorf("%v rows of %s differ between one run and its parts", differ, name)
			}
		}
		sameAsQuery(t, dir, table, whole)
	}
}

// sameAsQuery compares a table of query with what DuckDB reads.
func sameAsQuery(t *testing.T, dir, table, whole string) {
	t.Helper()
	var columns []string
	for _, row := range duckdb(t, dir, "SELECT column_name FROM (DESCRIBE FROM "+whole+")") {
		columns = append(columns, fmt.Sprint(row[0]))
	}
	rows := duckdb(t, dir, "FROM "+whole+" ORDER BY ALL")
	text := mustRun(t, dir, exitOK, "", "query", "shop.ndjson", "--fold", "merge", "--json", "SELECT * FROM "+table)
	var want, got []string
	for line := range strings.Lines(text) {
		var r struct {
			Row map[string]any `json:"row"`
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		if r.Row == nil { // a notice
			continue
		}
		var cells []string
		for _, c := range columns {
			cells = append(cells, cellText(r.Row[c]))
		}
		want = append(want, strings.Join(cells, " "))
	}
	for _, row := range rows {
		var cells []string
		for _, v := range row {
			cells = append(cells, cellText(v))
		}
		got = append(got, strings.Join(cells, " "))
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) == 0 || len(got) != len(want) {
		t.Fatalf("DuckDB has %d rows of %s, query %d", len(got), table, len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("DuckDB has in %s\n%s\nquery\n%s", table, got[i], want[i])
		}
	}
}

// cellText is the same for a value and for the same one as text or JSON.
func cellText(v any) string {
	if s, ok := v.(string); ok {
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		var inner any
		if d.Decode(&inner) != nil || d.More() {
			return s
		}
		v = inner
		if s, ok := v.(string); ok {
			return s
		}
	}
	if n, ok := v.(json.Number); ok {
		v, _ = n.Float64()
		if f := v.(float64); state.Canonical(strconv.FormatFloat(f, 'g', -1, 64)) != state.Canonical(n.String()) {
			return n.String()
		}
	}
	switch v {
	case true:
		return "1" // as SQLite has it
	case false:
		return "0"
	}
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestDuckDBReadmeQueries runs the README's queries of a folder.
func TestDuckDBReadmeQueries(t *testing.T) {
	t.Parallel()
	if os.Getenv("ASOF_TEST_DUCKDB") == "" {
		t.Skip("no DuckDB: run .ci/duckdb.sh")
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mustRun(t, dir, exitOK, "", "demo")
	for i := range 2 {
		mustRun(t, dir, exitOK, "", "materialize", "asof-demo.db", "cart", "--to", "carts/", "--shard", fmt.Sprintf("%d/2", i+1))
	}
	queries := 0
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "SELECT ") && strings.Contains(line, "read_parquet('carts/") {
			queries++
			if rows := duckdb(t, dir, line); len(rows) == 0 {
				t.Errorf("no row of %s", line)
			}
		}
	}
	if queries != 2 {
		t.Errorf("the README has %d queries, want 2", queries)
	}
}
