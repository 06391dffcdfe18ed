package wire

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"asof/inspect"
	"asof/replay"
)

// A line of a log is the same whether it is appended directly or by the fields of [Entry].
func TestLogLine(t *testing.T) {
	var fast, slow Bodies
	text := rapid.SampledFrom([]string{"", "a", `"\`, "é\u2028", "\x00\xff"})
	body := rapid.SampledFrom([]string{
		`{"b":1.0,"a":{"d":[],"c":"x"}}`, `[1, 2]`, `"\u0041"`, `{"a":1,"a":2}`, `NaN`, `{`, `null`, ` {"é" : -0}`, "\xff",
	})
	rapid.Check(t, func(t *rapid.T) {
		e := replay.Event{
			Stream: replay.StreamID(text.Draw(t, "stream")), Category: text.Draw(t, "category"), Type: text.Draw(t, "type"), ID: text.Draw(t, "id"),
			Version: replay.Version(rapid.Int64().Draw(t, "version")), Opaque: text.Draw(t, "opaque"), Data: []byte(body.Draw(t, "data")),
			Position: rapid.SampledFrom([]replay.Position{replay.NoPosition, 0, 1 << 60}).Draw(t, "position"),
			Revision: rapid.IntRange(0, 3).Draw(t, "revision"),
			Meta:     replay.Meta{Actor: text.Draw(t, "actor"), Correlation: text.Draw(t, "correlation"), Causation: text.Draw(t, "causation")},
		}
		if rapid.Bool().Draw(t, "timed") {
			e.Time = time.Unix(0, rapid.Int64().Draw(t, "time")).In(time.FixedZone("", rapid.IntRange(-40_000, 40_000).Draw(t, "zone")))
		}
		if rapid.Bool().Draw(t, "metadata") {
			e.Meta.Raw = []byte(body.Draw(t, "raw"))
		}
		entry := inspect.Entry{Event: &e, Cursor: text.Draw(t, "cursor")}
		all := slow.Entry(&entry, false)
		want := string(Append(nil, &all))
		if got := string(fast.logLine(nil, &entry)); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
