package quick

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// Units and bytes of a string agree with its UTF-16 form, and a string is cut only between
// characters.
func TestUnits(t *testing.T) {
	letters := rapid.SampledFrom([]string{"a", "b", "é", "日", "😀", strings.Repeat("x", 9), strings.Repeat("é", 7), "\U0010ffff", "\u07ff", "\uffff"})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOf(letters).Draw(t, "letters"), "")
		wide := utf16.Encode([]rune(s))
		r := &run{budget: maxSteps}
		if got := r.units(s); got != len(wide) {
			t.Fatalf("%q: %d units, want %d", s, got, len(wide))
		}
		if got, want := r.ascii(s), len(wide) == len(s) && !strings.ContainsFunc(s, func(c rune) bool { return c > 0x7f }); got != want {
			t.Fatalf("%q: ascii %v", s, got)
		}
		for unit := range len(wide) + 2 {
			at, ok := byteOf(r, s, unit)
			inside := unit < len(wide) && unit > 0 && 0xDC00 <= wide[unit] && wide[unit] < 0xE000
			if ok == inside {
				t.Fatalf("%q: unit %d at byte %d, %v", s, unit, at, ok)
			}
			if ok && !slices.Equal(utf16.Encode([]rune(s[:at])), wide[:min(unit, len(wide))]) {
				t.Fatalf("%q: unit %d at byte %d", s, unit, at)
			}
		}
	})
}

func byteOf(r *run, s string, unit int) (at int, ok bool) {
	defer func() { ok = recover() == nil }()
	return r.byteOf(s, unit), true
}
