package ask_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"asof/inspect/ask"
	"asof/replay/workspace"
)

// erasing draws a store whose events have secrets where a redaction names them and
// elsewhere, and returns its lines and the secrets.
func erasing(t *rapid.T) (lines string, secrets []string) {
	var b strings.Builder
	n := rapid.IntRange(1, 8).Draw(t, "events")
	for v := range n {
		secret := fmt.Sprintf("ann%d.<Öz>\"@mail-%d.example", rapid.IntRange(0, 3).Draw(t, "who"), v)
		secrets = append(secrets, secret)
		data := map[string]any{"n": v, "email": secret, "deep": []any{map[string]any{"email": map[string]any{"to": secret, "port": 918273 + v}}}}
		event := map[string]any{"stream": "s-1", "version": v + 1, "type": "Set", "data": data}
		old := rapid.SampledFrom(secrets).Draw(t, "old")
		for _, place := range rapid.SliceOfDistinct(rapid.IntRange(0, 11), rapid.ID[int]).Draw(t, "places") {
			switch place {
			case 0:
				event["actor"] = old
			case 1:
				event["metadata"] = map[string]any{"user": "mailto:" + old, "n": 1}
			case 2:
				data["text"] = "to " + strings.ToUpper(old) + " by hand"
			case 3:
				data["by"] = map[string]any{old: 1}
			case 4:
				data["list"] = []any{1, old, "x"}
			case 5:
				event["correlation_id"] = old
			case 6:
				data["port"] = 918273
			case 7:
				event["id"] = old
			case 8:
				data["token"] = "Bearer/x." + base64.RawURLEncoding.EncodeToString([]byte(`{"to":"`+old+`"}`)) + ".y"
			case 9:
				data["html"] = "<b>" + html.EscapeString(old) + "</b>"
			case 10:
				data["parts"] = []any{old[:9], old[9:]}
			case 11:
				event["type"] = "to " + old
			}
		}
		line, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.String(), secrets
}

// dataOf unpacks the data for the script of a page.
func dataOf(t *rapid.T, page string) string {
	_, rest, ok := strings.Cut(page, `id="data">`)
	packed, _, closed := strings.Cut(rest, "<")
	if !ok || !closed {
		t.Fatal("the page has no data")
	}
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || !strings.Contains(string(text), `"events":[`) {
		t.Fatalf("the data of the page is %q: %v", text, err)
	}
	return string(text)
}

// TestReportErases: what is withheld is nowhere in the page, wherever the store, the note
// or the question has it, in any spelling that a reader could undo.
func TestReportErases(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		lines, secrets := erasing(rt)
		const fold = `fromAll().when({$any: (s, e) => {
			s = Object.assign(s || {}, e.data)
			if (e.data.parts) s.typed = {text: e.data.parts.join(""), list: ["x".repeat(300) + e.data.parts.join("")], [e.data.parts.join("")]: {n: 1}}
			s[e.eventType] = {times: ((s[e.eventType] || {}).times || 0) + 1}
			return s
		}})`
		for name, text := range map[string]string{
			"s.ndjson": lines, "fold.js": fold, "note.md": "# what " + secrets[0] + " said\n\nnothing",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				rt.Fatal(err)
			}
		}
		w := workspace.New(workspace.Host{Dir: dir, Files: outFolder(dir)}, workspace.Options{CacheDir: "cache"})
		q := ask.Report{Note: "note.md", Redact: []string{"/data/**/email"}, Out: "page.html"}
		q.Store, q.Stream, q.Fold = "s.ndjson", "s-1", "fold.js"
		secret, _ := json.Marshal(secrets[0])
		q.Bad = "state.n >= " + fmt.Sprint(len(secrets)-1) + " || state.email === " + string(secret)
		answer, err := q.Ask(t.Context(), w)
		if err != nil {
			rt.Fatal(err)
		}
		for _, one := range answer.Survivors {
			if one.Events > int64(len(secrets)) {
				rt.Fatalf("erased values are at %s in %d of %d events", one.Path, one.Events, len(secrets))
			}
		}
		page, err := os.ReadFile(filepath.Join(dir, "page.html"))
		if err != nil {
			rt.Fatal(err)
		}
		plain := strings.ToLower(string(page) + dataOf(rt, string(page)))
		for _, pair := range [][2]string{{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", `"`}, {`\u003c`, "<"}, {`\u003e`, ">"}, {`\"`, `"`}, {`\\`, `\`}, {`\"`, `"`}} {
			plain = strings.ReplaceAll(plain, pair[0], pair[1])
		}
		for _, word := range regexp.MustCompile(`[\w-]{40,}`).FindAllString(string(page)+dataOf(rt, string(page)), -1) {
			if text, _ := base64.RawURLEncoding.DecodeString(word); utf8.Valid(text) { // of a token
				plain += strings.ToLower(string(text))
			}
		}
		for _, s := range secrets {
			if at := strings.Index(plain, strings.ToLower(s)); at >= 0 {
				rt.Fatalf("the page has %s: …%s…\nof the store\n%s", s, plain[max(0, at-200):at+len(s)], lines)
			}
		}
		if strings.Contains(plain, "918273") {
			rt.Fatalf("the page has an erased number; the store is\n%s", lines)
		}
		if cached, _ := os.ReadDir(filepath.Join(dir, "cache")); len(cached) > 0 {
			rt.Fatal("states without what is withheld were cached")
		}
	})
}

// TestReportRepeats: the same input gives the same bytes.
func TestReportRepeats(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir)
	var pages [2][]byte
	for i := range pages {
		w := workspace.New(workspace.Host{Dir: dir, Files: outFolder(dir)}, workspace.Options{CacheDir: "cache"})
		q := ask.Report{Out: "page.html"}
		q.Store, q.Stream, q.Bad = "shop.ndjson", "cart-1", "state.qty > 1"
		if _, err := q.Ask(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		var err error
		if pages[i], err = os.ReadFile(filepath.Join(dir, "page.html")); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(pages[0], pages[1]) {
		t.Error("the second page differs from the first")
	}
}
