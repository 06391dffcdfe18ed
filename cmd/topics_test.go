package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// foldEvents are events for the files of asof help folds, and the states they give.
var foldEvents = map[string]struct{ events, state string }{
	"account.js": {`{"stream":"S","version":1,"type":"Opened","data":{"owner":"Ada"}}
{"stream":"S","version":2,"type":"Deposited","data":{"amount":0.10}}
{"stream":"S","version":3,"type":"Deposited","data":{"amount":"0.20"}}
{"stream":"S","version":4,"type":"Withdrawn","data":{"amount":0.05}}`, `{"balance":0.25,"owner":"Ada"}`},
	"cart.js": {`{"stream":"S","version":1,"type":"ItemAdded","data":{"sku":"a","qty":1,"price":2.50}}
{"stream":"S","version":2,"type":"ItemAdded","data":{"sku":"a","qty":2,"price":2.40}}
{"stream":"S","version":3,"type":"ItemAdded","data":{"sku":"b","qty":1,"price":1}}
{"stream":"S","version":4,"type":"ItemRemoved","data":{"sku":"b"}}`, `{"items":{"a":{"price":2.40,"qty":3}}}`},
	"order.js": {`{"stream":"S","version":1,"type":"Placed","data":{"total":5.00}}
{"stream":"S","version":2,"type":"Paid","time":"2026-03-01T10:00:00Z","data":{}}
{"stream":"S","version":3,"type":"Shipped","data":{"parcel":"P1"}}`, `{"paidAt":"2026-03-01T10:00:00Z","parcel":"P1","status":"shipped","total":5.00}`},
	"dog.js": {`{"stream":"S","version":1,"type":"Registered","data":{"name":"Rex"}}
{"stream":"S","version":2,"type":"TrickAdded","data":{"trick":"sit"}}
{"stream":"S","version":3,"type":"TrickAdded","data":{"trick":"roll"}}
{"stream":"S","version":4,"type":"TrickForgotten","data":{"trick":"sit"}}`, `{"name":"Rex","seen":4,"tricks":["roll"]}`},
	"sales.js": {
		`{"stream":"S","version":1,"position":1,"type":"Placed","time":"2026-03-01T10:00:00Z","data":{"total":5.10}}
{"stream":"T","version":1,"position":2,"type":"Placed","time":"2026-03-01T11:00:00Z","data":{"total":0.20}}
{"stream":"T","version":2,"position":3,"type":"Placed","time":"2026-03-02T11:00:00Z","data":{"total":1.00}}`,
		`{"2026-03-01":{"orders":2,"total":5.30},"2026-03-02":{"orders":1,"total":1.00}}`,
	},
}

// TestHelpFolds folds events by each file of asof help folds.
func TestHelpFolds(t *testing.T) {
	t.Parallel()
	help, _, code := run(t, t.TempDir(), nil, "help", "folds")
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	seen := 0
	for _, part := range strings.Split(help, "\n---- ")[1:] {
		name, text, _ := strings.Cut(part, ":")
		_, text, _ = strings.Cut(text, "----\n")
		c, ok := foldEvents[name]
		if !ok {
			t.Errorf("nothing tests %s", name)
			continue
		}
		seen++
		dir := t.TempDir()
		for file, content := range map[string]string{
			name: text, "events.ndjson": c.events + "\n",
			"asof.toml": "[[projection]]\nname = \"sales\"\nstreams = \"*\"\nfold = \"" + name + "\"\n",
		} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		stream := "S"
		if name == "sales.js" {
			stream = "proj:sales"
		}
		out, errs, code := run(t, dir, nil, "replay", "events.ndjson", stream, "--json",
			"--map", "stream=stream,version=version,position=position,type=type,data=data,time=time")
		if code != 0 || !strings.Contains(out, `"state":`+c.state) || strings.Contains(errs, `"warning"`) {
			t.Errorf("%s: exit %d, want %s\n%s%s", name, code, c.state, out, errs)
		}
	}
	if seen != len(foldEvents) || seen != 5 {
		t.Errorf("asof help folds has %d files", seen)
	}
}

// TestHelpTopics runs each command of the other topics, on the demo store.
func TestHelpTopics(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, errs, code := run(t, dir, nil, "demo"); code != 0 {
		t.Fatal(errs)
	}
	for _, name := range topicNames {
		help, errs, code := run(t, dir, nil, "help", name)
		if code != 0 {
			t.Fatalf("%s: exit %d\n%s", name, code, errs)
		}
		ran := 0
		for line := range strings.Lines(help) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 84 {
				t.Errorf("%s: a line is %d columns wide: %s", name, n, line)
			}
			command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ asof ")
			if !ok {
				continue
			}
			ran++
			if out := runLine(dir, words(command)); strings.HasPrefix(out, "asof:") || strings.HasPrefix(out, `{"error"`) {
				t.Errorf("%s: $ asof %s\n%s", name, command, out)
			}
		}
		if ran == 0 && name != "folds" {
			t.Errorf("%s has no example", name)
		}
	}
	_, errs, code := run(t, dir, nil, "help", "fold")
	if code != exitUsage || !strings.Contains(errs, "did you mean asof help folds?") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}
