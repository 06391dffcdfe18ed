package cell_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/store/cell"
)

// TestReals: a number is written as people write it, and reads back as the same one.
func TestReals(t *testing.T) {
	for f, want := range map[float64]string{1000011.5: "1000011.5", -2e6: "-2000000", 1e20: "100000000000000000000", 1e21: "1e+21", 0.00001: "0.00001", 1e-7: "1e-07", 0: "0"} {
		if got := string(cell.AppendReal(nil, f)); got != want {
			t.Errorf("%g is %s, not %s", f, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "number")
		text := string(cell.AppendReal(nil, f))
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || back != f || math.Signbit(back) != math.Signbit(f) || strings.Contains(text, "e") && math.Abs(f) >= 1e-6 && math.Abs(f) < 1e21 {
			t.Fatalf("%g is %s", f, text)
		}
	})
}
