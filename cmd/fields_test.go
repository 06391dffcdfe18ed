package cmd

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/inspect/wire"
)

// jsonRows are the rows of a line of JSON, which are its objects at places.
func jsonRows(t *testing.T, line string, places []string) (whole any, rows []map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &whole); err != nil {
		t.Fatal(line, err)
	}
	for _, place := range places {
		rows = append(rows, objectsAt(whole, strings.Fields(place))...)
	}
	return whole, rows
}

func objectsAt(x any, path []string) (all []map[string]any) {
	if list, ok := x.([]any); ok {
		for _, one := range list {
			all = append(all, objectsAt(one, path)...)
		}
		return all
	}
	one, ok := x.(map[string]any)
	switch {
	case !ok:
		return nil
	case len(path) == 0:
		return []map[string]any{one}
	case path[0] == "**": // at any depth, by this name
		for key, value := range one {
			if key == path[1] {
				all = append(all, objectsAt(value, nil)...)
			} else {
				all = append(all, objectsAt(value, path)...)
			}
		}
		return all
	}
	return objectsAt(one[path[0]], path[1:])
}

// TestFields selects fields of each list: its rows have these, and the cursor, and all
// else is as it is without a selection.
func TestFields(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(pagedStore(0, 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(dir, "cache")
	for _, bad := range []string{"a=state.n > 3", "b=state.n > 4"} {
		if out, code := runHere(dir, []string{"check", "s.ndjson", "--bad", bad, "--cache-dir", cache}); code > exitFindings {
			t.Fatal(out)
		}
	}
	type list struct {
		answer string
		args   []string
		places []string
	}
	lists := []list{
		{"check", []string{"check", "s.ndjson", "--bad", "late=state.n > 3"}, []string{"invariants violations"}},
		{"bisect --all", []string{"bisect", "s.ndjson", "--all", "--bad", "state.n > 3"}, []string{"invariants violations"}},
		{"diff --all", []string{"diff", "s.ndjson", "--all", "pos:5", "pos:30"}, []string{"largest"}},
		{"trace", []string{"trace", "s.ndjson", "cart-1@2"}, []string{"asked", "** event"}},
		{"cache info", []string{"cache", "info", "--cache-dir", cache}, []string{"kept", "scans"}},
	}
	for _, args := range listVerbs {
		answer := args[0]
		for _, flag := range []string{"--history", "--step", "--effects"} {
			if slices.Contains(args, flag) {
				answer += " " + flag
			}
		}
		lists = append(lists, list{answer, args, []string{""}})
	}
	seed := testmain.Seed(t)
	dice := rand.New(rand.NewPCG(seed, 4))
	seen := map[string]bool{}
	for _, l := range lists {
		seen[l.answer] = true
		have := wire.RowFields(l.answer)
		if len(have) == 0 {
			t.Fatalf("%s has no fields", l.answer)
		}
		dice.Shuffle(len(have), func(i, j int) { have[i], have[j] = have[j], have[i] })
		fields := have[:1+dice.IntN(len(have))]
		args := slices.Concat(l.args, []string{"--json", "--limit", "4"})
		whole, code := runHere(dir, args)
		got, gotCode := runHere(dir, append(args, "--fields", strings.Join(fields, ",")))
		if code != gotCode || code > exitFindings {
			t.Errorf("%q exits %d, and with --fields %v %d:\n%s", args, code, fields, gotCode, got)
			continue
		}
		wholeLines, gotLines := jsonLines(whole), jsonLines(got)
		if len(wholeLines) != len(gotLines) || len(gotLines) == 0 {
			t.Errorf("%q: %d lines, and with --fields %d", args, len(wholeLines), len(gotLines))
			continue
		}
		for i := range gotLines {
			want, rows := jsonRows(t, wholeLines[i], l.places)
			for _, row := range rows {
				maps.DeleteFunc(row, func(name string, _ any) bool { return name != "cursor" && !slices.Contains(fields, name) })
			}
			if x, _ := jsonRows(t, gotLines[i], nil); !reflect.DeepEqual(x, want) {
				t.Errorf("seed %d: %q --fields %v:\n%s\nof\n%s", seed, args, fields, gotLines[i], wholeLines[i])
			}
		}
	}
	for _, a := range []string{"check", "bisect --all", "diff --all", "trace", "cache info", "streams", "log", "blame --history", "replay --step", "replay --effects"} {
		if !seen[a] {
			t.Errorf("%s is not tested", a)
		}
	}
}

// jsonLines are the answers in an output, without notes.
func jsonLines(out string) (lines []string) {
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, `{"note"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestFieldsAreRefused asks for fields that are not there, and of answers that have none.
func TestFieldsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.ndjson"), []byte(pagedStore(0, 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ line, want string }{
		{"log s.ndjson cart-1 --json --fields versoin", "did you mean version? the fields are stream, category"},
		{"log s.ndjson cart-1 --fields version", "add --json"},
		{"replay s.ndjson cart-1 --json --fields state", "give --step or --effects with it"},
		{"blame s.ndjson cart-1 --json --fields path", "give --history with it"},
		{"diff s.ndjson cart-1 --json --fields stream", "give --all with it"},
		{"bisect s.ndjson cart-1 --bad 1 --json --fields stream", "give --all with it"},
		{"check s.ndjson --live --json --fields stream", "leave one of them out"},
		{"show s.ndjson cart-1@1 --json --fields data", "unknown flag --fields"},
	} {
		if out, code := runHere(dir, strings.Fields(tt.line)); code != exitUsage || !strings.Contains(out, tt.want) {
			t.Errorf("$ asof %s\nexits %d:\n%s", tt.line, code, out)
		}
	}
	report, _ := runHere(dir, strings.Fields("check s.ndjson --bad late=state.n>3 --json --fields stream,culprit"))
	if err := os.WriteFile(filepath.Join(dir, "r.json"), []byte(strings.Join(jsonLines(report), "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := runHere(dir, []string{"merge-reports", "r.json"}); code != exitUsage || !strings.Contains(out, "lacks fields") {
		t.Errorf("a report without all fields is merged: %d\n%s", code, out)
	}
}
