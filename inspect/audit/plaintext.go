package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"asof/inspect/markup"
	"asof/replay"
	"asof/replay/state"
)

// csvTrail writes a line for each change of an event, or one line for an event
// without changes. The label is the path with the keys of array elements, if it has any.
type csvTrail struct{ textWriter }

var csvHead = []string{
	"position", "stream", "version", "when", "who", "what", "event_id", "correlation_id", "causation_id",
	"change", "path", "before", "after", "payload", "projection", "label",
}

func (w *csvTrail) begin(*Trail, *survey) error {
	w.b = append(w.b, strings.Join(csvHead, ",")...)
	w.b = append(w.b, '\r', '\n')
	return w.flush()
}

func (w *csvTrail) end() error { return nil }

func (w *csvTrail) event(e *replay.Event, changes []state.Change, by *trailFold) error {
	data, unread := payload(e)
	if unread != "" {
		data = state.StringValue("unreadable: " + unread)
	}
	if len(changes) == 0 {
		changes = []state.Change{{}}
	}
	for _, c := range changes {
		w.b = append(append(w.b, position(e)...), ',')
		w.cell(string(e.Stream))
		w.b = append(append(w.b, integer(int64(e.Version)).Text()...), ',')
		w.b = append(append(w.b, w.when(e.Time)...), ',')
		for _, s := range []string{e.Meta.Actor, e.Type, e.ID, e.Meta.Correlation, e.Meta.Causation, string(c.Op), c.Path} {
			w.cell(s)
		}
		w.value(c.From)
		w.value(c.To)
		w.value(data)
		w.cell(by.String())
		w.cell(c.Label)
		w.b = append(w.b[:len(w.b)-1], '\r', '\n')
	}
	return w.flush()
}

// value writes a value. Numbers need no protection, since none is a formula.
func (w *csvTrail) value(v state.Value) {
	if v.Kind() == state.Number {
		w.b = append(append(w.b, v.Text()...), ',')
		return
	}
	w.cell(valueText(v))
}

// cell writes text so that no spreadsheet takes any part of it for a formula,
// whichever separator it uses. It puts an apostrophe before characters that start a
// formula, at the beginning and after each possible separator.
func (w *csvTrail) cell(s string) {
	w.b = append(w.b, '"')
	start := true
	for _, r := range markup.Visible(s) {
		if start && strings.ContainsRune("=+-@|%＝＋－＠", r) {
			w.b = append(w.b, '\'')
		}
		if r == '"' {
			w.b = append(w.b, '"')
		}
		w.b = utf8.AppendRune(w.b, r)
		start = strings.ContainsRune(",;:|", r) || start && (unicode.IsSpace(r) || r == '"' || r == '\'')
	}
	w.b = append(w.b, '"', ',')
}

// markdownTrail writes a Markdown table.
type markdownTrail struct {
	textWriter
	events, noActor int64
	trail           *Trail
}

func (w *markdownTrail) begin(t *Trail, _ *survey) error {
	w.trail = t
	w.b = append(w.b, "# Audit trail of "+markdown(t.About.Store)+"\n\nTimes are in "+markdown(t.Zone.String())+".\n\n"...)
	w.b = append(w.b, "| when | who | what | on what | payload | before → after |\n| --- | --- | --- | --- | --- | --- |\n"...)
	return w.flush()
}

func (w *markdownTrail) event(e *replay.Event, changes []state.Change, _ *trailFold) error {
	w.events++
	who := markdown(e.Meta.Actor)
	if who == "" {
		w.noActor++
		who = "*not recorded*"
	}
	on := markdown(string(e.Stream)) + "<br>version " + integer(int64(e.Version)).Text()
	if p := position(e); p != "" {
		on += "<br>position " + p
	}
	w.b = append(w.b, "| "+markdown(w.when(e.Time))+" | "+who+" | "+markdown(e.Type)+" | "+on+" | "...)
	for i, m := range members(e) {
		if i > 0 {
			w.b = append(w.b, "<br>"...)
		}
		if m[0] != "" {
			w.b = append(w.b, markdown(m[0])+": "...)
		}
		w.b = append(w.b, markdown(m[1])...)
	}
	w.b = append(w.b, " | "...)
	for i, c := range changes {
		if i > 0 {
			w.b = append(w.b, "<br>"...)
		}
		w.b = append(w.b, opMark(c.Op)+" "+markdown(c.Name())...)
		if c.Op != state.OpAdd {
			w.b = append(w.b, " "+markdown(valueText(c.From))...)
		}
		w.b = append(w.b, " →"...)
		if c.Op != state.OpRemove {
			w.b = append(w.b, " "+markdown(valueText(c.To))...)
		}
	}
	w.b = append(w.b, " |\n"...)
	return w.flush()
}

// members returns the parts of a payload for people: name and value of each member of an
// object, or the whole without a name.
func members(e *replay.Event) (all [][2]string) {
	data, unread := payload(e)
	switch {
	case unread != "":
		return [][2]string{{"", "unreadable: " + unread}}
	case data.Kind() != state.Object:
		return [][2]string{{"", valueText(data)}}
	}
	data.Node().Each(func(name string, v state.Value) bool {
		all = append(all, [2]string{name, valueText(v)})
		return true
	})
	return all
}

func (w *markdownTrail) end() error {
	w.b = append(w.b, "\nWhat changed is what these projections make of the events:\n\n"...)
	byName := func(a, b *trailFold) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.For, b.For)) }
	for _, f := range slices.SortedFunc(maps.Values(w.trail.uses), byName) {
		w.b = append(w.b, "- "+markdown(f.name)+", of "+replay.Counted(f.streams, "stream", "streams")...)
		if f.For != "" {
			w.b = append(w.b, " it is not meant for; it is meant for "+markdown(f.For)...)
		}
		w.b = append(w.b, '\n')
	}
	w.b = append(w.b, fmt.Sprintf("\n%s, %d without an actor. This list proves nothing on its own.\n", replay.Counted(w.events, "event", "events"), w.noActor)...)
	return w.flush()
}

func opMark(op state.Op) string {
	switch op {
	case state.OpAdd:
		return "+"
	case state.OpRemove:
		return "-"
	case state.OpReplace:
	}
	return "\\~"
}

// markdown escapes text for a cell of a table. It escapes the punctuation that has a
// meaning within a line, and the characters that turn plain text into a link, a
// mention or an emoji.
func markdown(s string) string {
	s = markup.Visible(s)
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@', r == ':' && !between(s, i, isDigit), r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www"):
			fmt.Fprintf(&b, "&#%d;", r)
		case strings.ContainsRune("\\`*_[]!|~$#", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// between reports whether is holds for both bytes next to s[i].
func between(s string, i int, is func(byte) bool) bool {
	return i > 0 && i+1 < len(s) && is(s[i-1]) && is(s[i+1])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
