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
	fast, same := 0, 0
	last := ""
	rapid.Check(t, func(t *rapid.T) {
		before, changed := []byte(rows.Draw(t, "before")), []byte(changes.Draw(t, "changes"))
		switch rapid.IntRange(0, 3).Draw(t, "none") {
		case 0:
			before = nil
		case 1:
			if last != "" {
				before = []byte(last)
				same++
			}
		}
		got, ok := m.After(before, changed)
		if !ok {
			return
		}
		fast++
		last = string(got)
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
		v, _, err := state.ParsePayload(got)
		if opaque != "" || err != nil || string(state.AppendJSON(nil, v)) != string(want.Append(nil)) {
			t.Fatalf("%q after %q is %q, want %q, %s %v", before, changed, got, want.Append(nil), opaque, err)
		}
	})
	if fast == 0 || same == 0 {
		t.Errorf("%d rows were merged, %d with the last one", fast, same)
	}
}
