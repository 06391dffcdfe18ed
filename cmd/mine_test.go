package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMinedLinesAreAProject adds the lines that mine prints to asof.toml. check then finds for
// each of them what mine says: without projections, with two that hold the same rules, and for
// names that asof.toml does not take as they are.
func TestMinedLinesAreAProject(t *testing.T) {
	t.Parallel()
	var events strings.Builder
	for i := range 300 {
		odd := ""
		if i%150 == 7 {
			odd = "-"
		}
		fmt.Fprintf(&events, `{"stream":"s-%d","version":1,"position":%d,"type":"Opened","data":{"n":%s%d,"a\u001b\n":"x","a.b":{"c":1},"a":{"b.c":2},"q=\"'":%d}}`+"\n", i, 2*i+1, odd, 5+i%9, i%3)
		fmt.Fprintf(&events, `{"stream":"s-%d","version":2,"position":%d,"type":"Moved","data":{"n":%d,"a.b":{"c":%d},"a":{"b.c":%d}}}`+"\n", i, 2*i+2, 1+i%4, 3+i%2, 3+i%5)
	}
	projects := map[string]string{
		"none": "",
		"two": "[[projection]]\nname = \"one\"\nstreams = \"*\"\nfold = \"merge\"\n" +
			"[[projection]]\nname = \"two\"\nstreams = \"*\"\nfold = \"merge\"\n" +
			"[[invariant]]\nname = \"n is never negative\"\nprojection = \"two\"\ngood = \"state.n > -3\"\n",
	}
	for name, project := range projects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeTestFile(t, filepath.Join(dir, "s.ndjson"), events.String())
			writeTestFile(t, filepath.Join(dir, "asof.toml"), project)
			var mined struct{ Projections []struct{ Rules []minedRule } }
			run := func(into any, want int, args ...string) []byte {
				t.Helper()
				var out, errs bytes.Buffer
				if code := Run(t.Context(), args, trial(dir, &out, &errs)); code != want {
					t.Fatalf("%v: exit %d: %s", args, code, errs.String())
				}
				if into != nil {
					if err := json.Unmarshal(out.Bytes(), into); err != nil {
						t.Fatal(err)
					}
				}
				return out.Bytes()
			}
			run(&mined, 0, "mine", "s.ndjson", "--json")
			lines, rules := minedLines(string(run(nil, 0, "mine", "s.ndjson"))), 0
			if err := os.WriteFile(filepath.Join(dir, "asof.toml"), []byte(project+lines), 0o600); err != nil {
				t.Fatal(err)
			}
			var checked struct {
				Invariants []struct {
					Name       string
					Violations []any
					Errors     []any
				}
			}
			run(&checked, exitFindings, "check", "s.ndjson", "--json")
			found := map[string]int64{}
			for _, v := range checked.Invariants {
				if found[v.Name] = int64(len(v.Violations)); len(v.Errors) > 0 {
					t.Errorf("%s: %v", v.Name, v.Errors[0])
				}
			}
			for _, p := range mined.Projections {
				for _, r := range p.Rules {
					if r.Good == nil || r.Known {
						continue
					}
					rules++
					if n, ok := found[r.Name]; !ok || n != r.Broken {
						t.Errorf("%s: broken by %d streams, check finds %d (%t)", r.Name, r.Broken, n, ok)
					}
				}
			}
			if rules < 5 {
				t.Errorf("%d rules:\n%s", rules, lines)
			}
		})
	}
}

type minedRule struct {
	Name   string
	Good   *string
	Known  bool
	Broken int64
}

// minedLines returns the lines for asof.toml.
func minedLines(out string) string {
	var b strings.Builder
	inside := false
	for _, line := range strings.SplitAfter(out, "\n") {
		switch {
		case line == "for asof.toml:\n":
			inside = true
		case !strings.HasPrefix(line, "  "):
			inside = false
		case inside:
			b.WriteString(line)
		}
	}
	return b.String()
}
