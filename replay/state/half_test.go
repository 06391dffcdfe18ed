package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// genUnits draws UTF-16 units, many of them halves of a surrogate pair.
var genUnits = rapid.SliceOf(rapid.SampledFrom([]uint16{
	'a', '"', '\\', 0, 0x7f, 0x9f, 0xe9, 0x2028, 0xd7ff, 0xd800, 0xd83d, 0xdbff, 0xdc00, 0xde00, 0xdfff, 0xe000, 0xfffd, 0xffff,
}))

// escapedUnits is a JSON string of units, some of them as characters.
func escapedUnits(units []uint16, plain func() bool) string {
	var b strings.Builder
	for _, u := range units {
		if !utf16.IsSurrogate(rune(u)) && u > 0x1f && u != '"' && u != '\\' && plain() {
			b.WriteRune(rune(u))
		} else {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return `"` + b.String() + `"`
}

// Units survive a payload, a value and a key, and what is written of them; equal strings
// have equal bytes, in the order of their characters.
func TestHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units, more := genUnits.Draw(t, "units"), genUnits.Draw(t, "more")
		text := escapedUnits(units, func() bool { return rapid.Bool().Draw(t, "plain") })
		v := mustParse(t, `[`+text+`,{`+text+`:1}]`)
		s := v.n.At(0).s
		if got := Units(s); !slices.Equal(got, units) || FromUnits(units) != s {
			t.Fatalf("%s: %q has the units %x", text, s, got)
		}
		if HasHalf(s) == utf8.ValidString(s) {
			t.Fatalf("%q: HasHalf is %v", s, HasHalf(s))
		}
		if key := v.n.At(1).n.members[0].key; key != s {
			t.Fatalf("%s is the key %q and the value %q", text, key, s)
		}
		both := JoinHalves(s + FromUnits(more))
		if want := FromUnits(slices.Concat(units, more)); both != want {
			t.Fatalf("%q and %q join to %q, want %q", s, FromUnits(more), both, want)
		}
		out := AppendIndent(nil, v, " ", true)
		if !json.Valid(out) || !utf8.Valid(out) {
			t.Fatalf("%s is written as %q", text, out)
		}
		if back := mustParse(t, string(out)); !Equal(back, v) {
			t.Fatalf("%s is written as %s", text, out)
		}
		if label := string(key{name: s, text: "x"}.append(nil)); s != "" {
			k, rest, ok := cutKey(label)
			if !ok || rest != "" || k.name != s || !utf8.ValidString(label) {
				t.Fatalf("%s is the label %q, read as %q", text, label, k.name)
			}
		}
	})
}

// A text that itself holds halves reads as the text with their escapes.
func TestParseHalves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := genUnits.Draw(t, "units")
		raw := strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\x00", `\u0000`).Replace(FromUnits(units))
		if high := strings.LastIndex(raw, "\xed\xa0"); high >= 0 && rapid.Bool().Draw(t, "mixed") {
			unit, _ := halfAt(raw, high)
			raw = raw[:high] + fmt.Sprintf(`\u%04x`, unit) + raw[high+3:]
		}
		v, err := ParseHalves([]byte(`"` + raw + `"`))
		if err != nil || v.s != FromUnits(units) {
			t.Fatalf("%q reads as %q, %v", raw, v.s, err)
		}
		if _, err := Parse([]byte(`"` + raw + `"`)); (err == nil) != utf8.ValidString(raw) {
			t.Fatalf("%q is a payload: %v", raw, err)
		}
	})
	for _, text := range []string{"\"\xed\xa0\"", "\"\xed\"", "\"\\\xed\xa0\x80\"", "\xed\xa0\x80"} {
		if v, err := ParseHalves([]byte(text)); err == nil {
			t.Errorf("%q reads as %q", text, v.s)
		}
	}
}
