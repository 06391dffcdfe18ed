package audit_test

import (
	"asof/inspect/audit"
	"asof/replay/state"
)

// An insiderEdit is an edit of an export by its owner, with the expected finding.
type insiderEdit struct {
	name string
	do   func(b *insider)
	kind audit.Kind
	file string
}

// detectable are edits that verify finds with the bundle alone.
var detectable = []insiderEdit{
	{"an event cut out", func(b *insider) { b.drop("cart-1", "4") }, audit.Gap, events},
	{"the first event cut out", func(b *insider) { b.drop("cart-1", "1") }, audit.Gap, events},
	{"the last event cut out", func(b *insider) { b.drop("cart-1", "last") }, audit.Missing, events},
	{"the last event cut out of a stream listed as shorter", func(b *insider) {
		b.drop("cart-1", "last")
		b.stream("cart-1", func(n *state.Node) { num(n, -1, "events"); num(n, -1, "last"); num(n, -1, "exported", "last") })
	}, audit.Manipulated, "streams.json"},
	{"an event listed in another stream", func(b *insider) {
		b.drop("cart-1", "last")
		b.stream("cart-1", func(n *state.Node) { num(n, -1, "events") })
		b.stream("cart-3", func(n *state.Node) { num(n, 1, "events") })
	}, audit.Manipulated, "streams.json"},
	{"a stream listed as not exported", func(b *insider) {
		b.stream("cart-1", func(n *state.Node) { n.Set("exported", state.NullValue()) })
	}, audit.Missing, events},
	{"a stream not listed", func(b *insider) {
		b.lines("streams.json", func(n *state.Node) *state.Node {
			if n.Get("stream").Text() == "cart-1" {
				return nil
			}
			return n
		})
	}, audit.Manipulated, "streams.json"},
	{"a first version", func(b *insider) { b.stream("cart-1", func(n *state.Node) { num(n, -1, "first") }) }, audit.Missing, events},
	{"a last version", func(b *insider) { b.stream("cart-1", func(n *state.Node) { num(n, 5, "last") }) }, audit.Manipulated, "streams.json"},
	{"a category", func(b *insider) { b.stream("cart-1", func(n *state.Node) { set(n, `"x"`, "category") }) }, audit.Manipulated, "streams.json"},
	{"a head", func(b *insider) { b.stream("cart-1", func(n *state.Node) { num(n, 1, "head", "leaf") }) }, audit.Manipulated, "streams.json"},

	{"the number of exported events", func(b *insider) { b.object("report.json", func(n *state.Node) { num(n, -1, "counts", "exported") }) }, audit.Manipulated, "report.json"},
	{"the number of events", func(b *insider) { b.object("report.json", func(n *state.Node) { num(n, 1, "counts", "store") }) }, audit.Manipulated, "report.json"},
	{"the rows", func(b *insider) { b.object("report.json", func(n *state.Node) { num(n, 1, "before", "rows") }) }, audit.Manipulated, "report.json"},
	{"the highest position", func(b *insider) {
		b.object("report.json", func(n *state.Node) { num(n, 1, "before", "highest_position") })
	}, audit.Manipulated, "report.json"},
	{"rows that disappeared", func(b *insider) { b.report(`{"rows":3,"highest_position":3}`, "after") }, audit.Missing, "report.json"},
	{"the number of events left out", func(b *insider) { b.report(`1`, "counts", "left_out", "its stream was not selected") }, audit.Manipulated, "report.json"},
	{"the newest event", func(b *insider) { b.report(`"2031-01-01T00:00:00Z"`, "newest_event") }, audit.Manipulated, "report.json"},
	{"decoded payloads", func(b *insider) { b.report(`7`, "counts", "payloads_decoded") }, audit.Manipulated, "report.json"},
	{"withheld fields", func(b *insider) { b.report(`7`, "counts", "fields_withheld") }, audit.Manipulated, "report.json"},
	{"redacted events", func(b *insider) { b.report(`7`, "counts", "events_with_fields_withheld") }, audit.Manipulated, "report.json"},
	{"what a projection is for", func(b *insider) {
		b.report(`[{"projection":"merge","for":"category = \"order\"","streams":3}]`, "states", "not_for")
	}, audit.Manipulated, "report.json"},
	{"a control total", func(b *insider) {
		b.object("report.json", func(n *state.Node) { num(n.Get("control_totals").Node().At(0).Node(), 1, "payload_bytes") })
	}, audit.Manipulated, "report.json"},
	{"the report's key", func(b *insider) { b.report(`"shop+00000000+AAAA"`, "verifier_key") }, audit.Manipulated, "report.json"},
	{"the report's origin", func(b *insider) { b.report(`"other"`, "checkpoint", "origin") }, audit.Manipulated, "checkpoint"},
	{"the report's format", func(b *insider) { b.report(`"asof-audit/9"`, "format") }, audit.Manipulated, "report.json"},
	{"a filter", func(b *insider) { b.report(`["order-*"]`, "filters", "streams") }, audit.Manipulated, "report.json"},
	{"the start of the period", func(b *insider) { b.report(`"2030-01-01T00:00:00Z"`, "filters", "from") }, audit.Manipulated, "report.json"},
	{"the end of the period", func(b *insider) { b.report(`"2020-01-01T00:00:00Z"`, "filters", "to") }, audit.Manipulated, "report.json"},
	{"the projections", func(b *insider) { b.report(`[]`, "states", "projections") }, audit.Manipulated, "report.json"},
	{"no states", func(b *insider) { b.report(`"none"`, "states", "mode") }, audit.Manipulated, "report.json"},

	{"coverage", func(b *insider) { b.object("coverage.json", func(n *state.Node) { num(n, 1, "events") }) }, audit.Manipulated, "coverage.json"},
	{"an anomaly hidden", func(b *insider) { b.object("anomalies.json", func(n *state.Node) { set(n, `{}`, "kinds") }) }, audit.Manipulated, "anomalies.json"},
	{"the kinds of anomalies looked for", func(b *insider) { b.object("anomalies.json", func(n *state.Node) { set(n, `[]`, "looked_for") }) }, audit.Manipulated, "anomalies.json"},
	{"a remaining value although nothing was erased", func(b *insider) {
		b.object("anomalies.json", func(n *state.Node) { set(n, `{}`, "kinds", "erased value remains") })
	}, audit.Manipulated, "anomalies.json"},

	{"an event's type in the changes", func(b *insider) { b.firstLine(changes, func(n *state.Node) { set(n, `"X"`, "type") }) }, audit.Manipulated, changes},
	{"an event marked as unhandled", func(b *insider) { b.firstLine(changes, func(n *state.Node) { set(n, `false`, "handled") }) }, audit.Manipulated, "report.json"},
	{"a projection's name", func(b *insider) { b.firstLine(ends, func(n *state.Node) { set(n, `"x"`, "projection") }) }, audit.Manipulated, "report.json"},
	{"a projection's hash", func(b *insider) { b.firstLine(ends, func(n *state.Node) { set(n, `"00"`, "projection_sha256") }) }, audit.Manipulated, "report.json"},
	{"the version of the first state", func(b *insider) { b.firstLine(ends, func(n *state.Node) { set(n, `1`, "from", "version") }) }, audit.Manipulated, ends},
	{"the version of the last state", func(b *insider) { b.firstLine(ends, func(n *state.Node) { set(n, `99`, "to", "version") }) }, audit.Manipulated, ends},

	{"a member added to an event", func(b *insider) { b.firstLine(events, func(n *state.Node) { set(n, `"yes"`, "approved") }) }, audit.Manipulated, events},
	{"an event's source", func(b *insider) { b.firstLine(events, func(n *state.Node) { set(n, `"/bank"`, "source") }) }, audit.Manipulated, events},
	{"an event's category", func(b *insider) { b.firstLine(events, func(n *state.Node) { set(n, `"x"`, "category") }) }, audit.Manipulated, events},
	{"an event with a count of withheld fields", func(b *insider) { b.firstLine(events, func(n *state.Node) { set(n, `1`, "withheld") }) }, audit.Manipulated, events},
	{"an event's id marked as generated", func(b *insider) { b.firstLine(events, func(n *state.Node) { set(n, `true`, "generatedid") }) }, audit.Manipulated, events},
	{"an event's data, with its payload marked as packed", func(b *insider) {
		b.firstLine(events, func(n *state.Node) { set(n, `{"x":1}`, "data") })
		b.firstLine(stored, func(n *state.Node) { set(n, `true`, "decoded") })
	}, audit.Manipulated, events},
	{"a payload marked as packed", func(b *insider) { b.firstLine(stored, func(n *state.Node) { set(n, `true`, "decoded") }) }, audit.Manipulated, "report.json"},
	{"a stored payload removed", func(b *insider) { b.firstLine(stored, func(n *state.Node) { n.Delete("payload") }) }, audit.Missing, stored},
	{"a secret removed", func(b *insider) { b.firstLine(leaves, func(n *state.Node) { n.Delete("secret") }) }, audit.Unreadable, leaves},

	{"SHA256SUMS", func(b *insider) { b.files["SHA256SUMS"] = []byte("!" + string(b.files["SHA256SUMS"])) }, audit.Manipulated, "SHA256SUMS"},
	{"key.pub", func(b *insider) { b.files["key.pub"] = append(b.files["key.pub"], "x"...) }, audit.Manipulated, "key.pub"},
	{"the first lines of README.txt", func(b *insider) {
		b.files["README.txt"] = replaced(b.files["README.txt"], "300 events of", "299 events of")
	}, audit.Manipulated, "README.txt"},
}
