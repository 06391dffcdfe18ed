package browse

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestSplice: what stands between the common beginning and end makes one text of the
// other, and no character is split.
func TestSplice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		long := strings.Repeat(rapid.SampledFrom([]string{"añ😀", "aa", "\xff\x80b"}).Draw(t, "text"), 150)
		runes := []rune(long)
		i := rapid.IntRange(0, len(runes)).Draw(t, "at")
		j := rapid.IntRange(i, min(i+3, len(runes))).Draw(t, "end")
		other := string(runes[:i]) + rapid.SampledFrom([]string{"", "x", "😁ñ", "\x00"}).Draw(t, "put") + string(runes[j:])
		long = string(runes)
		at, cut, put, ok := splice(long, other)
		if !ok {
			t.Fatalf("one edit at %d is not found", i)
		}
		head := len(string(runes[:at]))
		if got := long[:head] + put + long[head+len(cut):]; got != other || long[head:head+len(cut)] != cut {
			t.Fatalf("at %d, %q becomes %q: %q, not %q", at, cut, put, got, other)
		}
		if !utf8.ValidString(cut) || !utf8.ValidString(put) {
			t.Fatalf("a character is split: %q %q", cut, put)
		}
	})
}
