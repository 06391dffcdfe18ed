package audit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"asof/inspect/audit"
	"asof/replay"
)

func hostile() []string {
	return []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", `"=1`, "a;=1", "a,=1", "x\n=1", "＝1", "'=1", "|calc", "%0A=1",
		"<script>alert(1)</script>", "a|b", "[x](javascript:alert(1))", "![x](http://x)", "`code`", "*b*", "</td>", "&lt;",
		"\x1b[31m", "\u202edcba", "a\x00b", "\xff", "https://example.com", "www.example.com", "a@example.com", "\\", "\\|", "<!--", "$x$",
	}
}

// FuzzCell checks that no part of a cell is a formula, whichever separator a
// spreadsheet uses, and that a CSV reader reads one cell.
func FuzzCell(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cell := audit.Cell(s)
		rows, err := csv.NewReader(strings.NewReader(cell + "\"end\"\r\n")).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 2 || rows[0][1] != "end" {
			t.Fatalf("%q: %v %v", cell, rows, err)
		}
		if strings.ContainsAny(cell, "\x00\r\n\t") || !utf8.ValidString(cell) {
			t.Fatalf("%q contains control characters", cell)
		}
		for _, sep := range []string{",", ";", "|", ":"} {
			for _, part := range strings.Split(rows[0][0], sep) {
				part = strings.TrimLeft(part, " \u00a0\u2003\"'")
				raw := strings.TrimLeft(part, " ")
				if raw != "" && strings.ContainsRune("=+-@", []rune(raw)[0]) && !strings.Contains(rows[0][0], "'"+raw) {
					t.Fatalf("%q has the formula %q", rows[0][0], part)
				}
			}
		}
	})
}

// FuzzMarkdown checks that text in a cell of a table stays plain text.
func FuzzMarkdown(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	bare := regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[|`*_\\[\\]!~$#]")
	f.Fuzz(func(t *testing.T, s string) {
		m := audit.Markdown(s)
		if strings.ContainsAny(m, "<>\n\r\x00\x1b") || !utf8.ValidString(m) {
			t.Fatalf("%q becomes %q", s, m)
		}
		if at := bare.FindString(strings.ReplaceAll(m, "&#", "")); at != "" {
			t.Fatalf("%q becomes %q: %q is not escaped", s, m, at)
		}
		for _, link := range []string{"http://", "https://", "@", "www."} {
			if strings.Contains(strings.ToLower(m), link) {
				t.Fatalf("%q becomes %q, which has a link", s, m)
			}
		}
	})
}

// FuzzHTML checks that text stays plain text in elements and in attributes.
func FuzzHTML(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h := audit.HTML(s)
		if strings.ContainsAny(h, "<>\"'\n\r\x00\x1b") || !utf8.ValidString(h) {
			t.Fatalf("%q becomes %q", s, h)
		}
		if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) && html.UnescapeString(h) != s {
			t.Fatalf("%q becomes %q", s, h)
		}
	})
}

func trail(t *testing.T, x *audit.Export, format string) string {
	t.Helper()
	var b bytes.Buffer
	tr := audit.Trail{Export: *x}
	if _, err := tr.Write(context.Background(), &b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHostileTrails puts hostile text into every part of an event.
func TestHostileTrails(t *testing.T) {
	k, v := newKey(t, 1, "shop")
	var events []replay.Event
	for i, s := range hostile() {
		quoted, _ := json.Marshal(strings.ToValidUTF8(s, "?"))
		events = append(events, replay.Event{
			Stream: replay.StreamID(s), Version: 1, Type: s, ID: s, Category: s, Position: replay.Position(i + 1),
			Data: []byte(`{` + string(quoted) + `:` + string(quoted) + `}`), Time: february,
			Meta: replay.Meta{Actor: s, Correlation: s, Causation: s, Raw: []byte(`{"x":` + string(quoted) + `}`)},
		})
	}
	x := exportOf(k, events)
	rows, err := csv.NewReader(strings.NewReader(trail(t, x, "csv"))).ReadAll()
	if err != nil || len(rows) != len(events)+1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	page := trail(t, x, "html")
	for _, bad := range []string{"<script>alert", "<!--", "\x1b", "\u202e"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	if n := strings.Count(page, "<script>"); n != 1 {
		t.Errorf("the page has %d scripts", n)
	}
	if n := strings.Count(page, "<li>"); n != len(events) {
		t.Errorf("the page has %d events", n)
	}
	if !strings.Contains(page, "default-src &#39;none&#39;") || strings.Contains(page, "unsafe-inline") || strings.Contains(page, "http:") && strings.Contains(page, "src=\"http") {
		t.Error("the policy of the page is not strict")
	}
	md := trail(t, x, "md")
	for line := range strings.Lines(md) {
		if strings.HasPrefix(line, "|") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 7 {
			t.Errorf("a row does not have six cells: %s", line)
		}
	}
	mustBeSound(t, write(t, x), audit.VerifyOptions{Key: v})
}

func TestTrailOfOneStream(t *testing.T) {
	k, _ := newKey(t, 1, "shop")
	x := exportOf(k, shop(200))
	x.Select.Match = func(id replay.StreamID, _ string) bool { return id == "cart-2" }
	var a, b bytes.Buffer
	tr := audit.Trail{Export: *x}
	if _, err := tr.Write(context.Background(), &a, "ndjson"); err != nil {
		t.Fatal(err)
	}
	tr.Streams = []replay.StreamID{"cart-2"}
	if _, err := tr.Write(context.Background(), &b, "ndjson"); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() || strings.Count(a.String(), "\n") < 2 {
		t.Errorf("by match %q, by name %q", a.String(), b.String())
	}
}
