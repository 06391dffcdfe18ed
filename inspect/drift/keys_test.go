package drift

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

// TestNumbersAsStreams notes streams that are numbers in one form, with a zero of any sign among
// them, and writes each as a column may: with more zeros, or with an exponent. It is the stream
// again.
func TestNumbersAsStreams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom([]string{`-?[1-9][0-9]{0,3}`, `-?[1-9][0-9]{0,3}(\.[0-9]{0,2}[1-9])?`, `-?[1-9][0-9]{0,3}\.[0-9]{2}`}).Draw(t, "form")
		ids := rapid.SliceOfN(rapid.StringMatching(form), 1, 6).Draw(t, "ids")
		var f KeyForms
		for _, id := range ids {
			f.See(id)
		}
		if !strings.HasSuffix(form, "{2}") && rapid.Bool().Draw(t, "with a zero") {
			f.See(rapid.SampledFrom([]string{"0", "-0"}).Draw(t, "zero"))
		}
		for _, id := range ids {
			more := id
			if !strings.Contains(id, ".") {
				more += "."
			}
			more += strings.Repeat("0", rapid.IntRange(1, 4).Draw(t, "zeros"))
			for _, text := range []string{id, more, id + "e0"} {
				v, err := state.Parse([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				if got := f.Written(v, text); got != id {
					t.Fatalf("%s is %s among %q", text, got, ids)
				}
			}
		}
	})
}
