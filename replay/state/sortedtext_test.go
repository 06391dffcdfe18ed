package state

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sameSorted checks that a text sorter appends what AppendSorted does, if it takes the text.
func sameSorted(t rapid.TB, s *TextSorter, data []byte) (taken bool) {
	t.Helper()
	before := []byte("before")
	got, taken := s.Append(before, data)
	if !taken {
		if string(got) != "before" {
			t.Fatalf("%q: left %q", data, got)
		}
		return false
	}
	v, odd, err := ParsePayload(data)
	if err != nil || odd != 0 {
		t.Fatalf("%q: taken, but %v %v", data, odd, err)
	}
	if want := AppendSorted(before, v); !bytes.Equal(got, want) {
		t.Fatalf("%q: got %q, want %q", data, got, want)
	}
	return true
}

func TestTextSorter(t *testing.T) {
	var s TextSorter
	for _, tt := range []struct {
		in    string
		taken bool
	}{
		{`{}`, true},
		{` { "b" : [ 1 , -0.50e+3 ] , "a" : { } } `, true},
		{`{"z":{"y":1,"x":{"b":2,"a":[{"d":4,"c":3}]}},"m":true,"a":null}`, true},
		{`{"ab":1,"a":2,"a b":3,"a!":4}`, true},
		{`{"é":1,"e":"ü 日本語 😀"}`, true},
		{`"a\n\t\"\\"`, true},
		{payload, true},
		{`"\/"`, false},
		{`"\u0041"`, false},
		{`{"\n":1}`, false},
		{"\"\u2028\"", false},
		{"\"\u0085\"", false},
		{`{"a":1,"b":2,"a":3}`, false},
		{`{"a":1,"a":3}`, false},
		{`NaN`, false},
		{`-Infinity`, false},
		{`{"a":1,}`, false},
		{`[1,]`, false},
		{`[1`, false},
		{``, false},
		{`{} {}`, false},
		{`01`, false},
		{"\"\xff\"", false},
		{`"a`, false},
		{`"\`, false},
		{strings.Repeat("[", textDepth+1) + strings.Repeat("]", textDepth+1), false},
		{strings.Repeat("[", 1<<20), false},
	} {
		if got := sameSorted(t, &s, []byte(tt.in)); got != tt.taken {
			t.Errorf("%.80q: taken %v", tt.in, got)
		}
	}
}

func TestTextSorterAgrees(t *testing.T) {
	var s TextSorter
	rapid.Check(t, func(t *rapid.T) {
		sameSorted(t, &s, AppendIndent(nil, anyValue(4).Draw(t, "value"), rapid.SampledFrom([]string{"", " "}).Draw(t, "indent"), false))
		parts := rapid.SliceOf(rapid.SampledFrom([]string{
			"{", "}", "[", "]", ",", ":", `"a":`, `"b":`, `"ab":`, `"`, `\`, `\n`, "1", "-", "0", ".5", "e1", "true", "null", " ", "é", "\x7f", "\u2028", "\xff", `{"b":1,"a":[]}`,
		})).Draw(t, "parts")
		sameSorted(t, &s, []byte(strings.Join(parts, "")))
	})
}

func FuzzTextSorter(f *testing.F) {
	for _, s := range []string{payload, `{"b":1,"a":{"d":[],"c":"\n"}}`, `{"a":1,"a":2}`, `[[{"x":-0.5E3}]]`} {
		f.Add([]byte(s))
	}
	var s TextSorter
	f.Fuzz(func(t *testing.T, data []byte) { sameSorted(t, &s, data) })
}

func BenchmarkTextSorter(b *testing.B) {
	data, dst := []byte(payload), []byte(nil)
	var s TextSorter
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = s.Append(dst[:0], data)
	}
}
