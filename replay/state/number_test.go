package state

import (
	"cmp"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIsNumber(t *testing.T) {
	for _, s := range []string{"0", "-0", "10", "-1.50", "1e5", "1E+5", "0e-0", "0.0", "123456789012345678901234567890"} {
		if !IsNumber(s) {
			t.Errorf("IsNumber(%q) = false", s)
		}
	}
	for _, s := range []string{
		"", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e5", "1e", "1e+", "e5", "0x1", "1_0",
		"NaN", "Infinity", " 1", "1 ", "1,5", "--1", "1-", "1\x00", "１", "1/", "1:",
	} {
		if IsNumber(s) {
			t.Errorf("IsNumber(%q) = true", s)
		}
	}
}

func TestCompareNumbers(t *testing.T) {
	long := strings.Repeat("9", 5000)
	tests := []struct {
		a, b string
		want int
	}{
		{"0", "-0", 0},
		{"0e99", "-0.000e-7", 0},
		{"1", "1.0", 0},
		{"1", "10e-1", 0},
		{"100", "1e2", 0},
		{"0.10", "0.1", 0},
		{"9007199254740993", "9007199254740992", 1},
		{"9007199254740993.0", "9007199254740993", 0},
		{"-1", "1", -1},
		{"-2", "-1", -1},
		{"-1e5", "-1e4", -1},
		{"12", "1.3e1", -1},
		{"1.05", "1.5", -1},
		{"999999999999999999", "1000000000000000000", -1},
		{"1e999999999", "2", 1},
		{"-1e999999999", "2", -1},
		{"1e-999999999", "0", 1},
		{"1e999999999", "10e999999998", 0},
		{"1e99999999999999999999", "10e99999999999999999998", 0},
		{"1e100000000000000000000", "0.1e100000000000000000001", 0},
		{"1e99999999999999999999", "0.1e100000000000000000000", 0},
		{"1e100000000000000000", "10e99999999999999999", 0},
		{"1e-100000000000000000", "0.1e-99999999999999999", 0},
		{"1e-99999999999999999999", "10e-100000000000000000000", 0},
		{"1e-99999999999999999999", "1e-99999999999999999998", -1},
		{"-1e-99999999999999999999", "-1e-99999999999999999998", 1},
		{"1e99999999999999999999", "1e-99999999999999999999", 1},
		{"1e" + long, "1" + strings.Repeat("0", 5000), 1},
		{"1e" + long, "1e" + long + "0", -1},
		{"1e" + long, "0.1e1" + strings.Repeat("0", 5000), 0},
		{"1e00000000000000000000000000002", "100", 0},
		{"0." + strings.Repeat("0", 5000) + "1e5001", "1", 0},
	}
	for _, tt := range tests {
		if got := CompareNumbers(tt.a, tt.b); got != tt.want {
			t.Errorf("CompareNumbers(%.40s, %.40s) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := CompareNumbers(tt.b, tt.a); got != -tt.want {
			t.Errorf("CompareNumbers(%.40s, %.40s) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
		if got := EqualNumbers(tt.a, tt.b); got != (tt.want == 0) {
			t.Errorf("EqualNumbers(%.40s, %.40s) = %v", tt.a, tt.b, got)
		}
		if a, b := Canonical(tt.a), Canonical(tt.b); (a == b) != (tt.want == 0) {
			t.Errorf("Canonical(%.40s) = %.60s, Canonical(%.40s) = %.60s", tt.a, a, tt.b, b)
		}
	}
}

// Numbers with exponents that math/big can expand compare as it says.
func TestCompareNumbersExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,6}0{0,4})?([eE][+-]?[0-9]{1,2})?`)
		a := number.Draw(t, "a")
		b := number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if rapid.Bool().Draw(t, "equal") {
			k := rapid.IntRange(-30, 30).Draw(t, "shift")
			ten := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(k, -k))), nil))
			if k < 0 {
				ten.Inv(ten)
			}
			b = new(big.Rat).Mul(x, ten).FloatString(150) + "e" + strconv.Itoa(-k)
			y = x
		}
		want := x.Cmp(y)
		if got := CompareNumbers(a, b); got != want {
			t.Fatalf("CompareNumbers(%s, %s) = %d, want %d", a, b, got, want)
		}
		if (Canonical(a) == Canonical(b)) != (want == 0) || EqualNumbers(a, b) != (want == 0) {
			t.Fatalf("%s and %s: canonical %s and %s, equal %v, want %v",
				a, b, Canonical(a), Canonical(b), EqualNumbers(a, b), want == 0)
		}
	})
}

// All ways of comparing agree, and the order is one.
func TestCompareNumbersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := [3]string{}
		for i := range n {
			n[i] = anyNumber().Draw(t, "number")
		}
		a, b, c := n[0], n[1], n[2]
		ab := CompareNumbers(a, b)
		if ab != -CompareNumbers(b, a) || (ab == 0) != EqualNumbers(a, b) || (ab == 0) != (Canonical(a) == Canonical(b)) {
			t.Fatalf("%s and %s: %d, %d, %v, %s, %s", a, b, ab, CompareNumbers(b, a), EqualNumbers(a, b), Canonical(a), Canonical(b))
		}
		if bc := CompareNumbers(b, c); ab == bc && CompareNumbers(a, c) != ab {
			t.Fatalf("%s, %s, %s: %d, %d, but %d", a, b, c, ab, bc, CompareNumbers(a, c))
		}
	})
}

func TestCanonical(t *testing.T) {
	tests := []struct{ in, want string }{
		{"0", "0"},
		{"-0.0e7", "0"},
		{"17", "17"},
		{"-17", "-17"},
		{"1.50", "0.15e1"},
		{"150e-2", "0.15e1"},
		{"1e3", "1000"},
		{"999999999999999999", "999999999999999999"},
		{"1000000000000000000", "0.1e19"},
		{"1e18", "0.1e19"},
		{"-10000000000000000", "-10000000000000000"},
		{"-1000000000000000000", "-0.1e19"}, // the sign is one of the 18 bytes
		{"0.001", "0.1e-2"},
	}
	for _, tt := range tests {
		if got := Canonical(tt.in); got != tt.want {
			t.Errorf("Canonical(%s) = %s, want %s", tt.in, got, tt.want)
		}
	}
	if n := len(Canonical("1e999999999")); n > 30 {
		t.Errorf("Canonical(1e999999999) has %d bytes", n)
	}
}

func TestFloatExact(t *testing.T) {
	tests := []struct {
		in    string
		f     float64
		exact bool
	}{
		{"0", 0, true},
		{"17", 17, true},
		{"-0", math.Copysign(0, -1), true},
		{"0.10", 0.1, true},
		{"0.1", 0.1, true},
		{"0.30000000000000004", 0.30000000000000004, true},
		{"0.300000000000000044", 0.30000000000000004, false},
		{"9007199254740992", 9007199254740992, true},
		{"9007199254740993", 9007199254740992, false},
		{"999999999999999", 999999999999999, true},
		{"-9223372036854775808", -9223372036854775808, false}, // shortest: -9223372036854776000
		{"1e21", 1e21, true},
		{"1e308", 1e308, true},
		{"1e309", math.Inf(1), false},
		{"-1e309", math.Inf(-1), false},
		{"1e-400", 0, false},
		{"5e-324", 5e-324, true},
		{"1e999999999", math.Inf(1), false},
		{"0e999999999", 0, true},
	}
	for _, tt := range tests {
		f, exact := FloatExact(tt.in)
		if f != tt.f || math.Signbit(f) != math.Signbit(tt.f) || exact != tt.exact {
			t.Errorf("FloatExact(%s) = %v, %v, want %v, %v", tt.in, f, exact, tt.f, tt.exact)
		}
	}
}

func TestFormatFloat(t *testing.T) {
	tests := []struct {
		f    float64
		want string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "0"},
		{1, "1"},
		{-1.5, "-1.5"},
		{0.1, "0.1"},
		{1e20, "100000000000000000000"},
		{1e21, "1e+21"},
		{1.5e300, "1.5e+300"},
		{0.000001, "0.000001"},
		{1e-7, "1e-7"},
		{-1.5e-10, "-1.5e-10"},
		{5e-324, "5e-324"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{123456789012345680000, "123456789012345680000"},
		{math.NaN(), "null"},
		{math.Inf(-1), "null"},
	}
	for _, tt := range tests {
		if got := FormatFloat(tt.f); got != tt.want {
			t.Errorf("FormatFloat(%v) = %s, want %s", tt.f, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		text := FormatFloat(f)
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return
		}
		back, exact := FloatExact(text)
		if !IsNumber(text) || back != f || !exact {
			t.Fatalf("FormatFloat(%v) = %s, which reads as %v, %v", f, text, back, exact)
		}
		if std, _ := json.Marshal(f); f != 0 && string(std) != text {
			t.Fatalf("FormatFloat(%v) = %s, encoding/json says %s", f, text, std)
		}
	})
}

func TestPrintFloat(t *testing.T) {
	for f, want := range map[float64]string{1.5: "1.5", 1e21: "1e+21", math.Inf(1): "Infinity", math.Inf(-1): "-Infinity"} {
		if got := PrintFloat(f); got != want {
			t.Errorf("PrintFloat(%v) = %s, want %s", f, got, want)
		}
	}
	if got := PrintFloat(math.NaN()); got != "NaN" {
		t.Errorf("NaN is printed as %s", got)
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add("1e999999999", "2")
	f.Add("-0.0", "0")
	f.Add("1e99999999999999999999", "10e99999999999999999998")
	f.Fuzz(func(t *testing.T, a, b string) {
		if IsNumber(a) != (json.Valid([]byte(a)) && strings.Trim(a, "-0123456789.eE+") == "" && a != "") {
			t.Fatalf("IsNumber(%q) = %v", a, IsNumber(a))
		}
		if !IsNumber(a) || !IsNumber(b) {
			return
		}
		c := CompareNumbers(a, b)
		if c != -CompareNumbers(b, a) || (c == 0) != EqualNumbers(a, b) || (c == 0) != (Canonical(a) == Canonical(b)) {
			t.Fatalf("%s and %s: %d, %d, %v", a, b, c, CompareNumbers(b, a), EqualNumbers(a, b))
		}
		x, xExact := FloatExact(a)
		y, yExact := FloatExact(b)
		if xExact && yExact && c != cmp.Compare(x, y) {
			t.Fatalf("%s and %s: %d, but the doubles %v and %v", a, b, c, x, y)
		}
	})
}

func BenchmarkCompareNumbers(b *testing.B) {
	for _, bm := range []struct{ name, x, y string }{
		{"integers", "1041", "1042"},
		{"decimals", "18.90", "18.9"},
		{"huge", "1e99999999999999999999", "1e99999999999999999998"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				CompareNumbers(bm.x, bm.y)
			}
		})
	}
}
