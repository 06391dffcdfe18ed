package cmd

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// changesByEvent are the changes of events, by STREAM@VERSION, in lines that have both.
func changesByEvent(t *testing.T, out string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for line := range strings.Lines(out) {
		var x struct {
			Stream  string
			Version int
			Changes any
		}
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all[fmt.Sprintf("%s@%d", x.Stream, x.Version)] = x.Changes
	}
	return all
}

// TestLabelsOfAudits checks that audits name array elements by key where log does.
func TestLabelsOfAudits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "1200")
	json := func(line string) string {
		t.Helper()
		out, stderr, code := run(t, dir, map[string]string{"TZ": "UTC"}, append(words(line), "--json")...)
		if code > exitFindings {
			t.Fatalf("%s: exit %d\n%s", line, code, stderr)
		}
		return out
	}
	json("audit keygen --out a.key")
	for i, how := range []string{"", " --array-key name", " --fold merge"} {
		want := changesByEvent(t, json("log asof-demo.db --all -p"+how))
		labels := strings.Count(fmt.Sprint(want), "label:")
		if labels < 100 && i < 2 {
			t.Fatalf("log%s has only %d labels", how, labels)
		}
		for _, period := range []string{"", " --from 2026-01-22 --to 2026-02-20"} {
			trail := changesByEvent(t, json("audit export asof-demo.db -o ndjson"+how+period))
			for event, changes := range trail {
				if !reflect.DeepEqual(changes, want[event]) {
					t.Errorf("audit export%s%s, %s:\n%v\nlog has\n%v", how, period, event, changes, want[event])
				}
			}
			if how == " --array-key name" { // a bundle does not say what the keys are
				continue
			}
			folder := fmt.Sprintf("q%d%t", i, period == "")
			json("audit export asof-demo.db --key a.key --out " + folder + how + period)
			proofs := changesByEvent(t, json("audit sample "+folder+" --n 60 --seed x"))
			if len(proofs) != 60 {
				t.Errorf("%d proofs", len(proofs))
			}
			for event, changes := range proofs {
				if !reflect.DeepEqual(changes, want[event]) {
					t.Errorf("audit sample%s%s, %s:\n%v\nlog has\n%v", how, period, event, changes, want[event])
				}
			}
		}
	}
}
