package jsonfile

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"asof/replay"
	"asof/replay/store/cell"
)

// cloudEvents is CloudEvents 1.0 in its structured JSON form. The specification has no
// streams, versions or actors, so their places are conventions:
//
//   - The stream is the subject, or the source of an event that has no subject. A
//     subject is unique only within its source, so if two sources share a subject,
//     all streams are shown as SOURCE/SUBJECT.
//   - The version is the extension sequence if it is an integer in every event, else
//     the order of the stream's events in the file, from 1.
//   - The time is the extension recordedtime, or else time.
//   - The actor is the extension authid, or else actor. The extensions correlationid,
//     causationid, category, position and revision are read too.
//
// All other attributes are the event's metadata.
var cloudEvents = form{
	dialect:  "cloudevents",
	how:      "the first event has specversion; the stream is the subject",
	needs:    "specversion",
	fits:     func(m []cell.Member) bool { return cell.HasMember(m, "specversion") },
	read:     readCloudEvent,
	describe: describeCloudEvents,
}

func describeCloudEvents(x *index) []string {
	var out []string
	if n := x.seen.notes[noteSource]; n > 0 {
		out = append(out, "the source where there is none ("+replay.Counted(n, "event", "events")+")")
	}
	if x.scoped {
		out = append(out, "some subjects have more than one source, so streams are named SOURCE/SUBJECT")
	}
	switch {
	case !x.counted:
		out = append(out, "the version is the sequence")
	case x.seen.versions == 0:
		out = append(out, "no event has a sequence, so versions are the order within the subject")
	default:
		out = append(out, fmt.Sprintf("%s no sequence that is an integer, so versions are the order within the subject",
			replay.Counted(x.seen.events-x.seen.versions, "event has", "events have")))
	}
	if x.seen.notes[noteCategory] > 0 {
		out = append(out, "the category is the subject up to the first dash")
	}
	return out
}

// A cloudEvent collects the attributes of one event before they are checked.
type cloudEvent struct {
	*event
	skip                        replay.Fields
	version, subject, source    *cell.Member
	data, base64, content       *cell.Member
	time, recorded, auth, actor *cell.Member
	category                    *cell.Member
}

func readCloudEvent(members []cell.Member, e *event, skip replay.Fields) *cell.TextError {
	c := cloudEvent{event: e, skip: skip}
	for i := range members {
		if m := &members[i]; !m.IsNull() {
			if f := c.attribute(m); f != nil {
				return f
			}
		}
	}
	if f := c.identify(); f != nil {
		return f
	}
	if f := c.times(); f != nil {
		return f
	}
	if f := c.payload(); f != nil {
		return f
	}
	if skip&replay.FieldMeta == 0 {
		c.metadata(members)
	}
	return nil
}

// attribute reads one attribute.
func (c *cloudEvent) attribute(m *cell.Member) (f *cell.TextError) {
	switch string(m.Key) {
	case "specversion":
		c.version = m
	case "subject":
		c.subject = m
	case "source":
		c.source = m
	case "id":
		c.id, f = m.Text()
	case "type":
		c.typ, f = m.Text()
	case "time":
		c.time = m
	case "recordedtime":
		c.recorded = m
	case "sequence":
		// The extension promises only an order, so it need not be a number.
		c.event.version, c.hasVersion, _ = m.LooseInteger()
	case "position":
		c.position, c.hasPosition, f = m.LooseInteger()
	case "revision":
		f = c.setRevision(m)
	case "category":
		c.category = m
	case "correlationid":
		c.correlation, f = m.Label()
	case "causationid":
		c.causation, f = m.Label()
	case "authid":
		c.auth = m
	case "actor":
		c.actor = m
	case "datacontenttype":
		c.content = m
	case "data":
		c.data = m
	case "data_base64":
		c.base64 = m
	}
	return f
}

// identify sets the stream, the category and the actor. It returns an error if a
// required attribute is missing.
func (c *cloudEvent) identify() (f *cell.TextError) {
	if c.version == nil {
		return missing("specversion")
	}
	v, f := c.version.Text()
	if f != nil {
		return f
	}
	if s := string(v); s != "1.0" && !strings.HasPrefix(s, "1.0.") {
		return c.version.Fault("CloudEvents 1.0")
	}
	switch {
	case c.subject != nil:
		c.stream, f = c.subject.Text()
		if c.source != nil {
			c.scope, _ = c.source.Label()
		}
	case c.source != nil:
		c.stream, f = c.source.Text()
		c.note(noteSource)
	}
	switch {
	case f != nil:
		return f
	case len(c.stream) == 0:
		return missing("subject, nor a source")
	case len(c.typ) == 0:
		return missing("type")
	}
	if c.category != nil {
		c.event.category, f = c.category.Label()
	} else if _, uuid := cell.UUIDDigits(string(c.stream)); !uuid {
		if prefix := cell.CategoryBeforeDash(string(c.stream)); prefix != "" {
			c.event.category = []byte(prefix)
			c.note(noteCategory)
		}
	}
	if f != nil {
		return f
	}
	switch {
	case c.auth != nil:
		c.event.actor, f = c.auth.Label()
	case c.actor != nil:
		c.event.actor, f = c.actor.Label()
	}
	return f
}

func (c *cloudEvent) times() *cell.TextError {
	m := c.recorded
	if m == nil {
		m = c.time
	}
	if m == nil || c.skip&replay.FieldTime != 0 {
		return nil
	}
	return c.looseTime(m)
}

func (c *cloudEvent) payload() *cell.TextError {
	switch {
	case c.data != nil && c.base64 != nil:
		return &cell.TextError{At: c.base64.At, Msg: "the event has both data and data_base64"}
	case c.data != nil:
		c.event.data = c.data.Value
		return nil
	case c.base64 == nil || c.skip&replay.FieldData != 0:
		return nil
	}
	text, f := c.base64.Text()
	if f != nil {
		return f
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return c.base64.Fault("base64")
	}
	kind := "application/json"
	if c.content != nil {
		b, f := c.content.Text()
		if f != nil {
			return f
		}
		kind = string(b)
	}
	if !isJSONType(kind) {
		c.opaque = "it is binary, of type " + cell.Cut([]byte(kind))
		return nil
	}
	form := cell.KnownForm(raw)
	switch fault := c.document(raw); {
	case fault != nil && form != "":
		c.opaque = "its base64 holds no JSON: it looks like " + form
	case fault != nil:
		c.opaque = "its base64 holds no JSON: " + fault.Msg
	default:
		c.event.data = bytes.TrimSpace(raw)
	}
	return nil
}

// isJSONType reports whether a media type denotes JSON.
func isJSONType(kind string) bool {
	kind, _, _ = strings.Cut(strings.ToLower(kind), ";")
	_, sub, _ := strings.Cut(strings.TrimSpace(kind), "/")
	return sub == "json" || strings.HasSuffix(sub, "+json")
}

// metadata gathers the attributes that no other field shows.
func (c *cloudEvent) metadata(members []cell.Member) {
	b := c.scratch[:0]
	for i := range members {
		m := &members[i]
		if m.IsNull() || c.has(m) {
			continue
		}
		if len(b) == 0 {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		b = cell.AppendJSON(b, string(m.Key))
		b = append(append(b, ':'), m.Value...)
	}
	if len(b) > 0 {
		b = append(b, '}')
		c.raw, c.scratch = b, b
	}
}

// has reports whether another field of the event shows the attribute.
func (c *cloudEvent) has(m *cell.Member) bool {
	switch string(m.Key) {
	case "specversion", "id", "type", "subject", "category", "position", "revision",
		"correlationid", "causationid", "authid", "recordedtime", "data", "data_base64":
		return true
	case "sequence", "sequencetype":
		return c.hasVersion
	case "time":
		return c.recorded == nil
	case "actor":
		return c.auth == nil
	case "source":
		return c.subject == nil
	}
	return false
}
