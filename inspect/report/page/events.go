package page

import (
	"html"
	"time"

	"asof/inspect/markup"
	"asof/inspect/report"
	"asof/replay/state"
)

// The most characters of a text that the plain part of the page shows.
const (
	mostPayload = 400
	mostValue   = 160
	mostState   = 20_000
	mostChanges = 100 // of one event

	// mostPlain is the most events whose payloads are in the plain part as well. Those of
	// more events are in the data alone, because payload and changes say much the same.
	mostPlain = 5000
)

// marks writes the states at the marked points.
func (w *writer) marks() {
	if len(w.r.Marks) == 0 {
		return
	}
	w.put("<section id=\"points\"><h2>States</h2>\n")
	for i, m := range w.r.Marks {
		openly := ""
		if i == len(w.r.Marks)-1 {
			openly = " open"
		}
		w.put("<details%s><summary>%s: %s</summary><pre>%s</pre></details>\n", openly, w.text(m.Name), w.moment(m), w.lines(stateText(m.State)))
		w.flush()
	}
	w.put("</section>\n")
}

// moment links the moment of a mark.
func (w *writer) moment(m report.Mark) string {
	if m.Moment.IsStart() {
		return w.link(m.Moment)
	}
	return w.link(m.Moment) + " " + w.text(m.Moment.EventType)
}

// lines is text with line breaks.
func (w *writer) lines(s string) string { return html.EscapeString(markup.Lines(w.o.Hide(s))) }

// stateText is a state on lines.
func stateText(v state.Value) string {
	return cut(string(state.AppendIndent(nil, v, "  ", false)), mostState)
}

// events writes every event with its payload and its changes.
func (w *writer) events() {
	w.put("<section id=\"list\"><h2>Events <span id=\"count\"></span></h2>\n")
	w.put("<form id=\"filter\" role=\"search\" hidden><label>Find <input type=\"search\" id=\"find\" autocomplete=\"off\" spellcheck=\"false\"></label> " +
		"<label id=\"only-label\" hidden><input type=\"checkbox\" id=\"only\"> only those that changed <span id=\"only-name\"></span></label></form>\n")
	if len(w.r.Entries) > mostPlain {
		w.put("<p class=\"hint plain\">The payloads of this many events are shown by the script of the page alone.</p>\n")
	}
	w.put("<ol id=\"events\">\n<li id=\"at=start\"><a href=\"#at=start\"><i>·</i><span><b>before %s</b></span></a></li>\n", w.beforeFirst())
	for i := range w.r.Entries {
		w.event(&w.r.Entries[i])
		w.flush()
	}
	w.put("</ol></section>\n")
}

func (w *writer) beforeFirst() string {
	if w.r.From.IsStart() {
		return "the first event"
	}
	return "the range, at " + point(w.r.From)
}

func (w *writer) event(e *report.Entry) {
	at := point(e.Moment)
	w.put("<li id=\"at=%s\"><a href=\"#at=%s\"><i>%s</i><span>", at, at, at)
	if !e.Event.Time.IsZero() { // the script knows the rest of it
		w.put("<time>%s</time> ", e.Event.Time.In(w.o.Zone).Format(time.DateTime))
	}
	w.put("<b>%s</b>", w.text(e.Event.Type))
	if w.r.Many {
		w.put(" <span class=w>%s</span>", w.text(string(e.Event.Stream)))
	}
	if e.Event.Meta.Actor != "" {
		w.put(" <span class=w>%s</span>", w.text(e.Event.Meta.Actor))
	}
	w.put("</span></a>")
	data, opaque := w.bodies.Payload(e.Event)
	switch {
	case opaque != "":
		w.put("<p class=unread>payload: %s</p>", w.text(opaque))
	case !data.IsAbsent() && len(w.r.Entries) <= mostPlain:
		w.put("<code>%s</code>", w.value(data, mostPayload))
	}
	if e.Unread != "" && opaque == "" {
		w.put("<p class=unread>not in the state: %s</p>", w.text(e.Unread))
	}
	if !e.Handled {
		w.put("<p class=unread>no handler for it</p>")
	}
	w.changes(e.Changes)
	w.put("</li>\n")
}

// changes writes what an event changed. It leaves out what HTML does not need: a page has
// many of them.
func (w *writer) changes(all []report.Change) {
	if len(all) == 0 {
		return
	}
	w.put("<ul>")
	for i := range all {
		if i == mostChanges {
			w.put("<li>%s more changes</li>", grouped(len(all)-i))
			break
		}
		w.change(&all[i])
	}
	w.put("</ul>")
}

func (w *writer) change(c *report.Change) {
	mark := "<li><i>~</i>"
	switch c.Op {
	case state.OpAdd:
		mark = "<li class=a><i>+</i>"
	case state.OpRemove:
		mark = "<li class=d><i>−</i>"
	case state.OpReplace:
	}
	w.put("%s <b>%s</b> ", mark, w.text(cut(nameOf(c.Name()), mostValue)))
	switch {
	case c.Splice != nil:
		w.put("at character %s: <del>%s</del> → <ins>%s</ins>", grouped(c.Splice.At+1),
			w.value(state.StringValue(c.Splice.Cut), mostValue), w.value(state.StringValue(c.Splice.Put), mostValue))
	case c.Op == state.OpAdd:
		w.put("<ins>%s</ins>", w.value(c.To, mostValue))
	case c.Op == state.OpRemove:
		w.put("<del>%s</del>", w.value(c.From, mostValue))
	default:
		w.put("<del>%s</del> → <ins>%s</ins>", w.value(c.From, mostValue), w.value(c.To, mostValue))
	}
}

// value writes a value as JSON on one line.
func (w *writer) value(v state.Value, most int) string {
	return w.text(cut(string(state.AppendJSON(nil, v)), most))
}
