package cell

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestTextsReturn checks that texts of any bytes return as they were, in both forms.
func TestTextsReturn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var framed []byte
		var listed []any
		var want [][]byte
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			if rapid.Bool().Draw(t, "none") {
				framed, listed, want = AppendNoText(framed), append(listed, nil), append(want, nil)
				continue
			}
			text := rapid.String().Draw(t, "text")
			framed, listed, want = AppendText(framed, text), append(listed, text), append(want, []byte(text))
		}
		doc, err := json.Marshal(listed)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range [][]byte{framed, doc} {
			if listed == nil && len(in) > 0 { // null
				continue
			}
			got, err := SplitTexts(in, nil)
			if err != nil || len(got) != len(want) {
				t.Fatalf("%q: %q, %v", in, got, err)
			}
			for i := range got {
				if !reflect.DeepEqual(got[i] == nil, want[i] == nil) || string(got[i]) != string(want[i]) {
					t.Fatalf("%q: %q, want %q", in, got[i], want[i])
				}
			}
			for end := range in { // cut anywhere, it is an error or fewer texts, and no panic
				if got, err := SplitTexts(in[:end], nil); err == nil && len(got) >= len(want) && len(want) > 0 {
					t.Fatalf("%q reads as all of %q", in[:end], in)
				}
			}
		}
	})
}
