package quick

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/decimal"
	"asof/replay/state"
)

// TestParsePlain holds the digits of a number to what each conversion makes of its text.
func TestParsePlain(t *testing.T) {
	num := rapid.StringMatching(`-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?`)
	rapid.Check(t, func(t *rapid.T) {
		s := num.Draw(t, "number")
		p, ok := parsePlain(s)
		want, err := decimal.Parse(s)
		f, err2 := strconv.ParseFloat(s, 64)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if !ok {
			if len(s) <= maxDigits {
				t.Fatalf("%s is not parsed", s)
			}
			return
		}
		if got := decimal.Small(p.signed(), p.places); got != want {
			t.Fatalf("%s as a Decimal: %s, want %s", s, got.JSON(), want.JSON())
		}
		if math.Float64bits(p.float()) != math.Float64bits(f) {
			t.Fatalf("%s as a double: %g", s, p.float())
		}
		if isPlain := state.FormatFloat(f) == s && (f != 0 || !math.Signbit(f)); p.plain != isPlain && (math.Abs(f) >= 1e-6 || p.plain) {
			t.Fatalf("%s: plain %v", s, p.plain)
		}
	})
}
