package rowdoc

import (
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// TestMergerAgrees compares the row after changes with what is built from values, for
// documents of any form.
func TestMergerAgrees(t *testing.T) {
	// Most documents are plain ones, which are merged.
	mostly := func(plain, odd []string) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if rapid.IntRange(0, 15).Draw(t, "odd") == 15 {
				return rapid.SampledFrom(odd).Draw(t, "text")
			}
			return rapid.SampledFrom(plain).Draw(t, "text")
		})
	}
	value := mostly([]string{"null", "true", `""`, `"ü\n\u00e9\ud83d\ude00"`, "0", "-1.50", "12345678901234567890", "1e400", `{"a":[1,{"b":null}]}`, "[]", `[[1],[2]]`},
		[]string{"NaN", "-Infinity", "01", "nul", `"`, ""})
	key := mostly([]string{`"a"`, `"b"`, `"c d"`, `""`, `"é"`}, []string{`"\u0061"`, `"\\"`, `"\ud800"`, "a"})
	pair := rapid.Custom(func(t *rapid.T) string {
		if rapid.IntRange(0, 20).Draw(t, "odd") == 20 {
			return rapid.SampledFrom([]string{"[]", "[1]", "[1,2,3]", "7", "[1,2", `{"0":1}`}).Draw(t, "pair")
		}
		return "[ " + value.Draw(t, "old") + "," + value.Draw(t, "new") + " ]"
	})
	document := func(of *rapid.Generator[string]) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			doc := ""
			for range rapid.IntRange(0, 4).Draw(t, "columns") {
				if doc != "" {
					doc += ", "
				}
				doc += key.Draw(t, "key") + ":" + of.Draw(t, "value")
			}
			return mostly([]string{"{", " {"}, []string{"["}).Draw(t, "start") + doc + mostly([]string{"}", "} "}, []string{"]", ""}).Draw(t, "end")
		})
	}
	rows, changes := document(value), document(pair)
	var m Merger
	fast := 0
	rapid.Check(t, func(t *rapid.T) {
		before, changed := []byte(rows.Draw(t, "before")), []byte(changes.Draw(t, "changes"))
		if rapid.IntRange(0, 3).Draw(t, "none") == 0 {
			before = nil
		}
		got, ok := m.Append([]byte("x"), before, changed)
		if !ok {
			if string(got) != "x" {
				t.Fatalf("refused, and wrote %q", got)
			}
			return
		}
		fast++
		var row Doc
		var opaque string
		if before != nil {
			if row, opaque = Parse(before); opaque != "" {
				t.Fatalf("%q is taken: %s", before, opaque)
			}
		}
		with, opaque := Parse(changed)
		if opaque != "" {
			t.Fatalf("%q is taken: %s", changed, opaque)
		}
		want, opaque := row.Then(with)
		v, _, err := state.ParsePayload(got[1:])
		if opaque != "" || err != nil || string(state.AppendJSON(nil, v)) != string(want.Append(nil)) {
			t.Fatalf("%q after %q is %q, want %q, %s %v", before, changed, got[1:], want.Append(nil), opaque, err)
		}
	})
	if fast == 0 {
		t.Error("nothing was merged")
	}
}
