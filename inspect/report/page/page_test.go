package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"asof/inspect/inspecttest"
	"asof/inspect/report"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

// hostile is text that would do harm if it were obeyed.
const hostile = "</script><img src=x onerror=alert(1)>\"'&amp;<!--\u202egnp\u2066\u2028\u200b\x1b[2J\x00\x9b\r\n]]>`"

// pageOf is the page of a report.
func pageOf(t inspecttest.T, r *report.Report, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostileReport is a report with hostile text in every place that has text.
func hostileReport(t inspecttest.T) *report.Report {
	quoted := string(state.AppendQuoted(nil, hostile))
	var events []replay.Event
	for v := 1; v <= 3; v++ {
		data := fmt.Sprintf(`{%s: {"deep": [%s, %d]}, "n": %d}`, quoted, quoted, v, v)
		events = append(events, replay.Event{
			Stream: "s", Version: replay.Version(v), Position: replay.NoPosition, Type: hostile, ID: hostile + fmt.Sprint(v),
			Data: []byte(data), Time: time.Unix(int64(v), 0).UTC(),
			Meta: replay.Meta{Actor: hostile, Correlation: hostile, Causation: hostile, Raw: []byte(`{"by":` + quoted + `}`)},
		})
	}
	s := replay.Subject{Timeline: replay.StreamTimeline(storetest.Memory(events), "s"), Fold: replay.Fold{Reducer: fold.Merge()}}
	head := inspecttest.MomentAt(t, s, replay.Head())
	r := reportOf(t, s, replay.Interval{From: s.Timeline.Start(), To: head})
	r.Stream, r.Store, r.Projection, r.Note = hostile, hostile, hostile, "# "+hostile+"\n\n"+hostile+" [x](javascript:alert(1)) ["+hostile+"](https://x/\""+hostile+")"
	r.Remarks, r.Withheld, r.ArrayKeys = []string{hostile}, []string{hostile}, []string{hostile}
	r.Marks = []report.Mark{{Moment: head, Name: hostile, State: r.Closing}}
	return r
}

// TestHostileTextIsText: nothing that a store or an author writes becomes markup, ends the
// data or turns the text around it.
func TestHostileTextIsText(t *testing.T) {
	page := pageOf(t, hostileReport(t), Options{})
	for _, bad := range []string{"<img", "onerror=alert(1)>", "href=\"javascript:", "<!--\u202e"} {
		if at := strings.Index(page, bad); at >= 0 {
			t.Errorf("the page has %q: %q", bad, page[max(0, at-80):at+40])
		}
	}
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("%d script elements", n)
	}
	if n := strings.Count(page, "</script"); n != 2 {
		t.Errorf("%d ends of a script element", n)
	}
	for _, r := range page {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028') {
			t.Errorf("the page has %U", r)
			break
		}
	}
	if !json.Valid([]byte(islandOf(t, hostileReport(t)))) {
		t.Error("the data of the page is not JSON")
	}
	m := machineOf(t, hostileReport(t))
	if got := m.call("stateAt", 3); !strings.Contains(got, "onerror") {
		t.Errorf("the data lost a text: %s", got)
	}
}

// TestPolicy: the page forbids everything but its own style and script.
func TestPolicy(t *testing.T) {
	s := inspecttest.SubjectOf(t, []string{`Put {"k": 1}`, `Put {"k": 2}`}, "")
	page := pageOf(t, reportOf(t, s, inspecttest.Between(s, 0, 2)), Options{})
	for _, bad := range []string{" style=", " onclick", "src=", "https://", "url(", "@import", "eval(", "innerHTML", "insertAdjacentHTML", "document.write"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if !strings.Contains(page, "default-src &#39;none&#39;; style-src &#39;sha256-") || strings.Contains(page, "unsafe") {
		t.Error("the page has no policy")
	}
	if !Ours([]byte(page)) || Ours([]byte("<!doctype html>\n<html>")) {
		t.Error("a page is not recognized, or another one is")
	}
}

// TestLongTexts: edits of long texts are small, and lead to the same texts.
func TestLongTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []rune(strings.Repeat("añ😀\n", rapid.IntRange(60, 200).Draw(t, "length")))
		var lines []string
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			end := min(len(text), at+rapid.IntRange(0, 3).Draw(t, "cut"))
			put := []rune(rapid.SampledFrom([]string{"", "x", "ñ", "😀😀", "😁"}).Draw(t, "put"))
			text = append(append(append([]rune{}, text[:at]...), put...), text[end:]...)
			quoted, _ := json.Marshal(string(text))
			lines = append(lines, `Put {"t":`+string(quoted)+`}`)
		}
		s := inspecttest.SubjectOf(t, lines, "")
		r := reportOf(t, s, inspecttest.Between(s, 0, len(lines)))
		for i, e := range r.Entries[1:] {
			for _, c := range e.Changes {
				if c.Splice == nil || len(c.Splice.Cut)+len(c.Splice.Put) > 40 {
					t.Fatalf("change %d is not a small splice: %+v", i+1, c)
				}
			}
		}
		m := machineOf(t, r)
		for n := range lines {
			_, want, _ := strings.Cut(lines[n], " ")
			v, err := state.Parse([]byte(want))
			if err != nil {
				t.Fatal(err)
			}
			var got string
			if err := json.Unmarshal([]byte(m.call("stateAt", n+1)), &struct{ T *string }{&got}); err != nil || got != v.Node().Get("t").Text() {
				t.Fatalf("after %d edits the page has %q, want %q", n+1, got, v.Node().Get("t").Text())
			}
		}
	})
}

// TestNotes: the part of Markdown that notes need, and nothing else.
func TestNotes(t *testing.T) {
	for _, c := range []struct{ note, want string }{
		{"# A\n## B\n### C", "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>\n"},
		{"one\n### A\ntwo\n- a\n###### B", "<p>one</p>\n<h4>A</h4>\n<p>two</p>\n<ul><li>a</li></ul>\n<h4>B</h4>\n"},
		{"one\n####### no", "<p>one ####### no</p>\n"},
		{"one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>\n"},
		{"- a\n- b\n  more\n\n1. x\n2. y", "<ul><li>a</li><li>b more</li></ul>\n<ol><li>x</li><li>y</li></ol>\n"},
		{"> said\n> so", "<blockquote>said so</blockquote>\n"},
		{"```\n<b>\n```\nafter", "<pre>&lt;b&gt;</pre>\n<p>after</p>\n"},
		{"a `c<d` **b *x*** *e*", "<p>a <code>c&lt;d</code> <strong>b *x</strong>* <em>e</em></p>\n"},
		{"2 * 3 * 4 and a_b_c", "<p>2 * 3 * 4 and a_b_c</p>\n"},
		{"[t](https://x.example/?a&b) [e](#at=3) [f](file:///etc)", "<p><a rel=\"noreferrer noopener\" href=\"https://x.example/?a&amp;b\">t</a> <a rel=\"noreferrer noopener\" href=\"#at=3\">e</a> [f](file:///etc)</p>\n"},
		{"<b onclick=x>", "<p>&lt;b onclick=x&gt;</p>\n"},
		{"```\nopen", "<pre>open</pre>\n"},
		{"#no", "<p>#no</p>\n"},
	} {
		if got := markdown(c.note); got != c.want {
			t.Errorf("%q is\n%s\nwant\n%s", c.note, got, c.want)
		}
	}
	long := markdown(strings.Repeat("*[`", 300_000)) // ends soon
	if len(long) < 900_000 {
		t.Errorf("text is lost: %d bytes", len(long))
	}
}

// TestManyEvents: a page of many events stays small, and its plain part says what it
// leaves to the script.
func TestManyEvents(t *testing.T) {
	var lines []string
	for v := range mostPlain + 1 {
		lines = append(lines, fmt.Sprintf(`Put {"total": %d, "note%d": "word-%d"}`, v, v%20, v))
	}
	s := inspecttest.SubjectOf(t, lines, "")
	for _, events := range []int{mostPlain, mostPlain + 1} {
		r := reportOf(t, s, inspecttest.Between(s, 0, events))
		page := pageOf(t, r, Options{})
		const last = `<code>{"total":4999,`
		if plain, many := strings.Contains(page, last), events > mostPlain; plain == many || many != strings.Contains(page, "shown by the script") {
			t.Errorf("the payloads of %d events are plain: %v", events, plain)
		}
		if !strings.Contains(islandOf(t, r), `"data":{"total":4999,`) {
			t.Errorf("the script has not the payloads of %d events", events)
		}
		if each := len(page) / events; each > 450 {
			t.Errorf("an event takes %d bytes", each)
		}
	}
}
