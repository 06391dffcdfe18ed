package cell

import (
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// TestJSONBAnyBytes checks that the JSONB reader never fails on arbitrary bytes, and that JSON
// is not taken for JSONB.
func TestJSONBAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r jsonbReader
		b := rapid.SliceOf(rapid.SampledFrom([]byte{0, 1, 3, 5, 7, 8, 9, 10, 11, 12, 0x13, 0x1B, 0x2C, 0x3B, 0x17, 'a', '1', '\\', 'x', 0xCB, 0xDB, 0xEC, 0xFC, 0xFF})).Draw(t, "bytes")
		if out, ok := r.jsonb(b); ok {
			_, _ = state.Parse(out)
		}
	})
	for _, in := range []string{`{"a":12}`, `[1,2]  `, `{"a": "b"}`, `["abc"]`, "{\t\"a\":1}", `{}`, `[]`} {
		var r jsonbReader
		if out, ok := r.jsonb([]byte(in)); ok {
			t.Errorf("%s is read as JSONB: %s", in, out)
		}
	}
}
