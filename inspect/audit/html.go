package audit

import (
	_ "embed"
	"fmt"
	"html"
	"maps"
	"slices"

	"asof/inspect/markup"
	"asof/replay"
	"asof/replay/state"
)

//go:embed trail.css
var trailCSS string

//go:embed trail.js
var trailJS string

// htmlTrail writes one self-contained page: no network, a policy that allows only
// its own style and script, and nothing hidden when scripts are off.
type htmlTrail struct {
	textWriter
	day string
}

func esc(s string) string { return markup.Escape(s) }

func (w *htmlTrail) put(format string, a ...any) { w.b = fmt.Appendf(w.b, format, a...) }

func (w *htmlTrail) begin(t *Trail, s *survey) error {
	w.put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	w.put("%s\n", markup.Policy(trailCSS, trailJS))
	w.put("<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
	w.put("<title>Audit trail of %s</title>\n<style>%s</style>\n</head>\n<body>\n", esc(t.About.Store), trailCSS)
	w.put("<header>\n<h1>Audit trail of %s</h1>\n", esc(t.About.Store))
	if err := w.summary(t, s); err != nil {
		return err
	}
	w.put("<form id=\"filter\" hidden><label>Find <input type=\"search\" id=\"find\" autocomplete=\"off\"></label>\n")
	w.options("what", "Type", slices.Sorted(maps.Keys(s.totals)))
	w.put("<output id=\"count\"></output></form>\n</header>\n<main>\n")
	return w.flush()
}

// options writes a select element of the filter.
func (w *htmlTrail) options(id, label string, values []string) {
	w.put("<label>%s <select id=\"%s\"><option value=\"\">all</option>", label, id)
	for _, v := range values {
		w.put("<option>%s</option>", esc(v))
	}
	w.put("</select></label>\n")
}

// summary writes what the page covers and how far it can be trusted.
func (w *htmlTrail) summary(t *Trail, s *survey) error {
	var noActor int64
	for _, n := range s.coverage.missing {
		noActor += n
	}
	row := func(name, value string) { w.put("<dt>%s</dt><dd>%s</dd>\n", name, esc(value)) }
	w.put("<dl>\n")
	row("Events", fmt.Sprintf("%d of the %d in the store", s.exported, s.size))
	for _, why := range []string{reasonStream, reasonBefore, reasonAfter} {
		if s.leftOut[why] > 0 {
			row("Left out", fmt.Sprintf("%d: %s", s.leftOut[why], why))
		}
	}
	row("Without an actor", fmt.Sprint(noActor))
	if s.withheld > 0 {
		row("Withheld", fmt.Sprintf("%s, of %s", replay.Counted(s.withheld, "field", "fields"), replay.Counted(s.redacted, "event", "events")))
	}
	if t.About.SHA256 != "" && t.Redact.none() { // else withheld values could be guessed and tested
		row("Source", fmt.Sprintf("SHA-256 %s, %d bytes", t.About.SHA256, t.About.Bytes))
	}
	row("Times", "in "+t.Zone.String())
	for _, kind := range slices.Sorted(maps.Keys(s.anomalies.counts)) {
		row("Anomaly", fmt.Sprintf("%s: %d", kind, s.anomalies.counts[kind]))
	}
	if len(s.anomalies.counts) == 0 {
		row("Anomalies", "none: no gaps, no duplicates, no times that run backwards, no unreadable payloads")
	}
	if t.Key == nil {
		row("Sealed", "no: this page proves nothing on its own; an export sealed with a key does")
		w.put("</dl>\n")
		return nil
	}
	text, err := t.Key.checkpoint(&s.tree)
	if err != nil {
		return err
	}
	row("Sealed", fmt.Sprintf("all %d events of the store, with the checkpoint below; the page itself is not signed", s.size))
	row("Verifier key", t.Key.vkey)
	w.put("</dl>\n<pre>%s</pre>\n", html.EscapeString(string(text)))
	return nil
}

func (w *htmlTrail) event(e *replay.Event, changes []state.Change, by *trailFold) error {
	day, clock := "no time", ""
	if !e.Time.IsZero() {
		at := e.Time.In(w.zone)
		day, clock = at.Format("2006-01-02"), at.Format("15:04:05.999999999 -07:00")
	}
	if day != w.day {
		if w.day != "" {
			w.put("</ol></section>\n")
		}
		w.put("<section><h2>%s</h2><ol>\n", day)
		w.day = day
	}
	who := "<em>not recorded</em>"
	if e.Meta.Actor != "" {
		who = esc(e.Meta.Actor)
	}
	w.put("<li><p><time datetime=\"%s\">%s</time> <b>%s</b> <span class=\"who\">%s</span> <span class=\"on\">%s · version %d",
		esc(w.when(e.Time)), esc(clock), esc(e.Type), who, esc(string(e.Stream)), e.Version)
	if p := position(e); p != "" {
		w.put(" · position %s", p)
	}
	w.put("</span></p>\n<div>\n")
	w.payload(e)
	w.changes(changes, by)
	w.put("</div></li>\n")
	return w.flush()
}

// payload writes the payload, a row for each member.
func (w *htmlTrail) payload(e *replay.Event) {
	w.put("<table class=\"payload\"><thead><tr><th colspan=\"2\">payload</th></tr></thead><tbody>\n")
	for _, m := range members(e) {
		w.put("<tr><td>%s</td><td>%s</td></tr>\n", esc(m[0]), esc(m[1]))
	}
	w.put("</tbody></table>\n")
}

// changes writes what the event changed in the state, and whose state it is.
func (w *htmlTrail) changes(changes []state.Change, by *trailFold) {
	class := ""
	if by.For != "" {
		class = " class=\"other\""
	}
	w.put("<table><caption%s>state by %s</caption>", class, esc(by.String()))
	if len(changes) == 0 {
		w.put("<tbody><tr><td>not changed</td></tr></tbody></table>\n")
		return
	}
	w.put("<thead><tr><th></th><th>path</th><th>before</th><th>after</th></tr></thead><tbody>\n")
	for _, c := range changes {
		w.change(c)
	}
	w.put("</tbody></table>\n")
}

func (w *htmlTrail) change(c state.Change) {
	mark, class := "~", "r"
	switch c.Op {
	case state.OpAdd:
		mark, class = "+", "a"
	case state.OpRemove:
		mark, class = "−", "d"
	case state.OpReplace:
	}
	w.put("<tr class=\"%s\"><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
		class, mark, esc(c.Name()), esc(valueText(c.From)), esc(valueText(c.To)))
}

func (w *htmlTrail) end() error {
	if w.day != "" {
		w.put("</ol></section>\n")
	}
	w.put("</main>\n<script>%s</script>\n</body>\n</html>\n", trailJS)
	return w.flush()
}
