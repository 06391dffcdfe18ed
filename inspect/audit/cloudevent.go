package audit

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"asof/replay"
	"asof/replay/state"
)

// cloudEvent returns an exported event as CloudEvents 1.0: the stream is the
// subject, the version the sequence. Extensions hold the rest: category, revision,
// position, metadata (JSON in a string), leaf (the place in the tree), withheld (the
// number of withheld fields), opaque (why there is no data), and generatedid if the
// store has no id.
func cloudEvent(l *leaf, index int64, origin string) state.Value {
	e, c := l.event, &l.content
	n := state.NewObject()
	set := func(k, v string) {
		if v != "" {
			n.Set(k, state.StringValue(v))
		}
	}
	set("specversion", "1.0")
	if set("id", c.id); c.id == "" {
		set("id", l.record.Label())
		n.Set("generatedid", state.BoolValue(true))
	}
	set("source", "/"+url.PathEscape(origin))
	set("type", c.typ)
	set("subject", valid(string(e.Stream)))
	set("time", c.time)
	set("sequence", strconv.FormatInt(int64(e.Version), 10))
	set("recordedtime", c.time)
	set("authid", c.actor)
	set("correlationid", c.correlation)
	set("causationid", c.causation)
	set("category", c.category)
	set("revision", c.revision)
	if e.Position != replay.NoPosition {
		set("position", strconv.FormatInt(int64(e.Position), 10))
	}
	set("leaf", strconv.FormatInt(index, 10))
	if l.redacted {
		n.Set("withheld", integer(int64(l.withheldFields)))
	}
	if !c.meta.IsAbsent() {
		set("metadata", string(state.AppendJSON(nil, c.meta)))
	}
	if l.opaque != "" {
		set("opaque", valid(l.opaque))
		return n.Value()
	}
	set("datacontenttype", "application/json")
	n.Set("data", c.data)
	return n.Value()
}

// readCloudEvent is the inverse of [cloudEvent].
func readCloudEvent(v state.Value) (c content, e replay.Event, index int64, ok bool) {
	text := func(key string) string { s, _ := textAt(v, key); return s }
	number := func(key string) int64 {
		n, err := strconv.ParseInt(text(key), 10, 64)
		ok = ok && err == nil
		return n
	}
	ok = text("specversion") == "1.0"
	index = number("leaf")
	e.Stream, e.Version = replay.StreamID(text("subject")), replay.Version(number("sequence"))
	if e.Position = replay.NoPosition; !get(v, "position").IsAbsent() {
		e.Position = replay.Position(number("position"))
	}
	c.envelope = envelope{
		id: text("id"), typ: text("type"), category: text("category"), revision: text("revision"),
		time: text("time"), actor: text("authid"), correlation: text("correlationid"), causation: text("causationid"),
	}
	if get(v, "generatedid").Bool() {
		c.id = ""
	}
	if c.revision != "" && !state.IsNumber(c.revision) {
		return c, e, index, false
	}
	if text("recordedtime") != c.time {
		return c, e, index, false
	}
	if c.time != "" {
		t, err := time.Parse(time.RFC3339Nano, c.time)
		e.Time, ok = t, ok && err == nil
	}
	if m := text("metadata"); m != "" {
		parsed, err := state.Parse([]byte(m))
		c.meta, ok = parsed, ok && err == nil
	}
	c.data = get(v, "data")
	e.Type, e.Category, e.ID = c.typ, c.category, c.id
	e.Meta.Actor, e.Meta.Correlation, e.Meta.Causation = c.actor, c.correlation, c.causation
	e.Opaque = text("opaque")
	return c, e, index, ok
}

// storedJSON writes bytes losslessly: as a string if they are UTF-8, else in base64.
func storedJSON(n *state.Node, key string, b []byte) {
	switch {
	case b == nil:
		n.Set(key, state.NullValue())
	case utf8.Valid(b):
		n.Set(key, state.StringValue(string(b)))
	default:
		n.Set(key+"_base64", state.StringValue(base64.StdEncoding.EncodeToString(b)))
	}
}

// storedAt reads the bytes that [storedJSON] wrote.
func storedAt(v state.Value, key string) (b []byte, present, ok bool) {
	if m := get(v, key+"_base64"); !m.IsAbsent() {
		b, err := base64.StdEncoding.DecodeString(m.Text())
		return b, true, err == nil && m.Kind() == state.String
	}
	switch m := get(v, key); m.Kind() {
	case state.String:
		return []byte(m.Text()), true, true
	case state.Null:
		return nil, true, true
	case state.Absent:
		return nil, false, true
	}
	return nil, true, false
}
