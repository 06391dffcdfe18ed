package page

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"asof/inspect/markup"
	"asof/inspect/report"
	"asof/replay"
	"asof/replay/state"
)

// Format names the JSON in a page, and its version.
const Format = "asof-report/1"

// island writes the history for the script: JSON, packed with gzip. Events repeat each
// other, so that it takes a tenth of the room.
func (w *writer) island() {
	w.put("<script type=\"application/gzip\" id=\"data\">")
	w.flush()
	page := w.to
	text := base64.NewEncoder(base64.StdEncoding, page)
	pack := gzip.NewWriter(text)
	w.to = bufio.NewWriterSize(pack, 1<<16)
	w.history()
	w.flush()
	if w.err == nil {
		w.err = errors.Join(w.to.Flush(), pack.Close(), text.Close())
	}
	w.to = page
	w.put("</script>\n")
}

// history writes an opening state and the changes of each event, as JSON. The names are
// those of the JSON that asof's other answers have.
func (w *writer) history() {
	o := object{w: w}
	o.text("format", Format)
	o.text("stream", w.o.Hide(w.r.Stream))
	o.raw("many", strconv.FormatBool(w.r.Many))
	if v, ok := w.r.From.At(); ok {
		o.number("from", int64(v))
	}
	if w.r.ArrayKeys != nil {
		keys := state.NewArray()
		for _, k := range w.r.ArrayKeys {
			keys.Append(state.StringValue(k))
		}
		o.value("array_keys", keys.Value())
	}
	o.number("start", int64(w.start()))
	o.value("opening", w.r.Opening)
	o.value("closing", w.r.Closing)
	o.name("events")
	w.b = append(w.b, '[')
	for i := range w.r.Entries {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.entry(&w.r.Entries[i])
		w.flush()
	}
	w.b = append(w.b, ']')
	o.end()
}

// start is the number of events of the state that the page opens with: the first bad one,
// or the last.
func (w *writer) start() int {
	for _, f := range w.r.Findings {
		if f.Bisect.Culprit == nil {
			continue
		}
		for i := range w.r.Entries {
			if w.r.Entries[i].Moment.Version() == f.Bisect.After.Version() {
				return i + 1
			}
		}
	}
	return len(w.r.Entries)
}

// entry writes an event.
func (w *writer) entry(e *report.Entry) {
	o := object{w: w}
	o.number("version", int64(e.Moment.Version()))
	if w.r.Many {
		o.text("stream", w.o.Hide(string(e.Event.Stream)))
		o.number("stream_version", int64(e.Event.Version))
	} else if e.Event.Position != replay.NoPosition {
		o.number("position", int64(e.Event.Position))
	}
	if !e.Event.Time.IsZero() {
		o.text("time", e.Event.Time.UTC().Format(time.RFC3339Nano))
	}
	o.text("type", w.o.Hide(e.Event.Type))
	o.given("id", w.o.Hide(e.Event.ID))
	if e.Event.Revision != 0 {
		o.number("revision", int64(e.Event.Revision))
	}
	o.given("actor", w.o.Hide(e.Event.Meta.Actor))
	o.given("correlation_id", w.o.Hide(e.Event.Meta.Correlation))
	o.given("causation_id", w.o.Hide(e.Event.Meta.Causation))
	data, opaque := w.bodies.Payload(e.Event)
	if opaque == "" {
		o.value("data", data)
	}
	o.given("opaque", w.o.Hide(opaque))
	if e.Event.Meta.Raw != nil {
		o.value("metadata", w.bodies.Metadata(e.Event))
	}
	o.given("unread", w.o.Hide(e.Unread))
	if !e.Handled {
		o.raw("handled", "false")
	}
	o.name("changes")
	w.b = append(w.b, '[')
	for i := range e.Changes {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.edit(&e.Changes[i])
	}
	w.b = append(w.b, ']')
	o.end()
}

// edit writes a change.
func (w *writer) edit(c *report.Change) {
	o := object{w: w}
	o.text("op", string(c.Op))
	o.text("path", c.Path)
	o.given("label", c.Label)
	if c.Splice != nil {
		o.name("splice")
		s := object{w: w}
		s.number("at", int64(c.Splice.At))
		s.text("cut", c.Splice.Cut)
		s.text("put", c.Splice.Put)
		s.end()
	}
	if !c.From.IsAbsent() {
		o.value("from", c.From)
	}
	if !c.To.IsAbsent() {
		o.value("to", c.To)
	}
	o.end()
}

// An object writes the members of an object, in order.
type object struct {
	w    *writer
	some bool
}

func (o *object) name(name string) {
	sep := byte('{')
	if o.some {
		sep = ','
	}
	o.some = true
	o.w.b = append(state.AppendQuoted(append(o.w.b, sep), name), ':')
}

func (o *object) raw(name, text string) {
	o.name(name)
	o.w.b = append(o.w.b, text...)
}

func (o *object) number(name string, n int64) { o.raw(name, strconv.FormatInt(n, 10)) }

func (o *object) text(name, text string) { o.value(name, state.StringValue(text)) }

// given writes a text unless it is empty.
func (o *object) given(name, text string) {
	if text != "" {
		o.text(name, text)
	}
}

func (o *object) value(name string, v state.Value) {
	o.name(name)
	o.w.json = state.AppendJSON(o.w.json[:0], v)
	o.w.b = markup.JSON(o.w.b, o.w.json)
}

func (o *object) end() { o.w.b = append(o.w.b, '}') }
