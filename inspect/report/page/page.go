package page

import (
	"bufio"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"

	"asof/inspect/markup"
	"asof/inspect/report"
	"asof/inspect/wire"
	"asof/replay"
)

var (
	//go:embed page.css
	css string
	//go:embed core.js
	coreJS string
	//go:embed lcs.js
	lcsJS string
	//go:embed diff.js
	diffJS string
	//go:embed view.js
	viewJS string
	//go:embed page.js
	pageJS string
)

// script returns the script of a page. It is put together for each page: the program
// starts without it.
func script() string { return coreJS + lcsJS + diffJS + viewJS + pageJS }

// head is how a page begins. [Ours] knows a page by it.
const head = "<!doctype html>\n<!-- report by asof, format 1 -->\n"

// Ours reports whether a file that begins with these bytes is a page of this package.
func Ours(start []byte) bool { return bytes.HasPrefix(start, []byte(head)) }

// Options say how a page shows a report.
type Options struct {
	Zone *time.Location           // of the times shown; nil: UTC
	Hide func(text string) string // replaces what a redaction erased in other texts; nil: nothing
}

// Write writes the page of a report.
func Write(to io.Writer, r *report.Report, o Options) error {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Hide == nil {
		o.Hide = func(text string) string { return text }
	}
	w := &writer{to: bufio.NewWriterSize(to, 1<<16), r: r, o: o, bodies: new(wire.Bodies)}
	w.page()
	w.flush()
	if w.err == nil {
		w.err = w.to.Flush()
	}
	return w.err
}

// A writer writes one page. The first error of any write ends it.
type writer struct {
	to     *bufio.Writer
	r      *report.Report
	o      Options
	b      []byte
	err    error
	bodies *wire.Bodies
	json   []byte // of the last value
}

func (w *writer) put(format string, a ...any) { w.b = fmt.Appendf(w.b, format, a...) }

// text returns text from the store or from the author, for an element.
func (w *writer) text(s string) string { return markup.Text(w.o.Hide(s)) }

func (w *writer) flush() {
	if w.err == nil {
		_, w.err = w.to.Write(w.b)
	}
	w.b = w.b[:0]
}

func (w *writer) page() {
	code := script()
	w.b = append(w.b, head...)
	w.put("<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n%s\n", markup.Policy(css, code))
	w.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
	w.put("<meta name=\"color-scheme\" content=\"light dark\">\n")
	w.put("<title>%s · report by asof</title>\n<style>%s</style>\n</head>\n<body>\n", w.text(w.r.Stream), css)
	w.header()
	w.note()
	for i := range w.r.Findings {
		w.finding(&w.r.Findings[i])
	}
	w.bar()
	w.put("<main>\n")
	w.marks()
	w.events()
	w.panels()
	w.put("</main>\n")
	w.footer()
	w.flush()
	w.island()
	w.put("<script>%s</script>\n</body>\n</html>\n", code)
}

// header says what the page is about, and what its answers do not cover.
func (w *writer) header() {
	r := w.r
	w.put("<header>\n<p class=\"kind\">report by asof</p>\n<h1>%s</h1>\n<p class=\"lede\">", w.text(r.Stream))
	n := len(r.Entries)
	switch {
	case n == 0:
		w.put("no events")
	case n == 1:
		w.put("1 event, version %d", r.To.Version())
	default:
		w.put("%s events, %s %d to %d", grouped(n), w.versions(), r.Entries[0].Moment.Version(), r.To.Version())
	}
	if span := w.span(); span != "" {
		w.put(" · %s", span)
	}
	by := "state by " + w.text(r.Projection)
	if r.Guessed {
		by = "state by merge: no projection was given"
	}
	w.put(" · %s · %s · times in <span id=\"zone-name\">%s</span></p>\n", by, w.text(r.Store), markup.Escape(w.o.Zone.String()))
	w.list("remarks", "Not covered", r.Remarks)
	if len(r.Withheld) > 0 {
		w.list("remarks", "Withheld from every event before it was folded", r.Withheld)
	}
	w.put("</header>\n<p id=\"damage\" role=\"alert\" hidden></p>\n")
}

// versions is what the numbers of events are.
func (w *writer) versions() string {
	if w.r.Many {
		return "positions"
	}
	return "versions"
}

// list writes lines under a title, if there are any.
func (w *writer) list(class, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	w.put("<div class=\"%s\"><h2>%s</h2><ul>\n", class, title)
	for _, line := range lines {
		w.put("<li>%s</li>\n", w.text(line))
	}
	w.put("</ul></div>\n")
}

// span is the time from the first event to the last.
func (w *writer) span() string {
	var first, last time.Time
	for i := range w.r.Entries {
		if t := w.r.Entries[i].Event.Time; !t.IsZero() {
			if first.IsZero() {
				first = t
			}
			last = t
		}
	}
	switch {
	case first.IsZero():
		return ""
	case first.Equal(last):
		return w.time(first)
	}
	return w.time(first) + " to " + w.time(last)
}

// time writes a time, which the script can show in another zone.
func (w *writer) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf("<time datetime=\"%s\">%s</time>", t.UTC().Format(time.RFC3339Nano), t.In(w.o.Zone).Format("2006-01-02 15:04:05"))
}

// bar is the control of the script.
func (w *writer) bar() {
	w.put(`<nav id="bar" aria-label="Timeline" hidden>
<div class="steps">
<button id="first" title="before the first event (Home)" aria-label="before the first event">⇤</button>
<button id="back" title="one event back (←)" aria-label="one event back">←</button>
<button id="on" title="one event on (→)" aria-label="one event on">→</button>
<button id="end" title="after the last event (End)" aria-label="after the last event">⇥</button>
</div>
<div class="track"><input type="range" id="slider" min="0" max="%d" value="0" step="1" aria-label="Event"><svg id="ticks" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true"></svg></div>
<output id="where" aria-live="polite"></output>
<div class="tools">
<label>Times <select id="zone">%s<option value="utc">UTC</option><option value="local">this computer</option></select></label>
<button id="help" title="all keys (?)" aria-haspopup="dialog">Keys</button>
</div>
</nav>
`, len(w.r.Entries), w.ownZone())
}

// ownZone is the zone of the page as a choice, unless that is UTC, which is one already.
func (w *writer) ownZone() string {
	if w.o.Zone.String() == time.UTC.String() {
		return ""
	}
	return fmt.Sprintf("<option value=\"page\">%s</option>", markup.Escape(w.o.Zone.String()))
}

// panels are what the script fills in.
func (w *writer) panels() {
	w.b = append(w.b, `<div id="side" hidden>
<section id="state"><h2>State <span id="state-at"></span></h2>
<p class="hint">On the left, the event that set each value. Choose a name to see its history.</p>
<ul id="removed" class="changes" aria-label="Removed by this event"></ul>
<div id="tree" class="tree"></div></section>
<section id="field" hidden><h2>History of <span id="field-name"></span></h2>
<p class="acts"><button id="prev-change" title="the change before ({)">earlier change</button> <button id="next-change" title="the change after (})">later change</button> <button id="unpick" title="Esc">close</button></p>
<ol id="field-list" class="rows"></ol></section>
<section id="event"><h2>Event <span id="event-at"></span></h2>
<dl id="event-facts"></dl>
<h3>What it changed</h3><ul id="event-changes" class="changes"></ul>
<h3>Payload</h3><div id="payload" class="tree"></div>
<div id="metadata-part" hidden><h3>Metadata</h3><div id="metadata" class="tree"></div></div></section>
<section id="compare"><h2>Compare</h2>
<p class="acts"><button id="set-a" title="a">A is here</button> <button id="set-b" title="b">B is here</button> <button id="swap">swap</button></p>
<p>From <a id="a-at"></a> to <a id="b-at"></a></p>
<ul id="compare-list" class="changes"></ul></section>
</div>
<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2>
<dl><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>one event back, one on</dd>
<dt><kbd>Home</kbd> <kbd>End</kbd></dt><dd>before the first event, after the last</dd>
<dt><kbd>{</kbd> <kbd>}</kbd></dt><dd>the change of the chosen value before and after</dd>
<dt><kbd>a</kbd> <kbd>b</kbd></dt><dd>compare from here, to here</dd>
<dt><kbd>/</kbd></dt><dd>find events</dd>
<dt><kbd>u</kbd></dt><dd>times in another zone</dd>
<dt><kbd>Esc</kbd></dt><dd>close the history of a value</dd>
<dt><kbd>?</kbd></dt><dd>this list</dd></dl>
<p><label><input type="checkbox" id="letters" checked> single keys are shortcuts</label></p>
<form method="dialog"><button>Close</button></form></dialog>
`...)
}

func (w *writer) footer() {
	w.put("<footer><p>Made by asof from the events of the store, which it only reads. The page needs no network: its policy forbids it.</p></footer>\n")
}

// grouped writes a number with a comma before each three digits.
func grouped[N ~int | ~int64](n N) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// point names a moment in the address of the page.
func point(m replay.Moment) string {
	if m.IsStart() {
		return "start"
	}
	return fmt.Sprint(m.Version())
}

// link links a moment.
func (w *writer) link(m replay.Moment) string {
	return fmt.Sprintf("<a href=\"#at=%s\">%s</a>", point(m), point(m))
}

// cut shortens text that is too long to read, and says by how much.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for at := range s {
		if n == most {
			return fmt.Sprintf("%s … %s more characters", s[:at], grouped(len([]rune(s[at:]))))
		}
		n++
	}
	return s
}

// words joins the parts that are not empty.
func words(parts ...string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, " · ")
}
