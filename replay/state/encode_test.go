package state

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAppendQuoted(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `""`},
		{"plain", `"plain"`},
		{`say "no"\`, `"say \"no\"\\"`},
		{"\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"\x00\x1b[31m", `"\u0000\u001b[31m"`},
		{"a\x7fb", `"a\u007fb"`},
		{"\u0080\u009b\u009f\u00a0", `"\u0080\u009b\u009f` + "\u00a0" + `"`},
		{"\u2027\u2028\u2029\u202a\u202e\u202f", `"` + "\u2027" + `\u2028\u2029\u202a\u202e` + "\u202f" + `"`},
		{"\u2065\u2066\u2069\u206a", `"` + "\u2065" + `\u2066\u2069` + "\u206a" + `"`},
		{"<b>&amp;</b>", `"<b>&amp;</b>"`},
		{"日本語 😀", `"日本語 😀"`},
		{"a\xffb\xc3", `"a\ufffdb\ufffd"`},
		{"\ufffd", `"` + "\ufffd" + `"`},
	}
	for _, tt := range tests {
		if got := string(AppendQuoted(nil, tt.in)); got != tt.want {
			t.Errorf("AppendQuoted(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\xc2\xe2\x80\xa8\x85\"\\\n")))).Draw(t, "bytes"))
		out := AppendQuoted([]byte("x"), in)[1:]
		var back string
		if err := json.Unmarshal(out, &back); err != nil || back != strings.ToValidUTF8(in, "\ufffd") && utf8.ValidString(in) {
			t.Fatalf("%q: %s reads as %q, %v", in, out, back, err)
		}
		for _, r := range string(out) {
			if r < 0x20 || 0x7f <= r && r <= 0x9f || r == 0x2028 || r == 0x202e {
				t.Fatalf("%q: %q holds %U", in, out, r)
			}
		}
	})
}

func TestAppendSorted(t *testing.T) {
	v := mustParse(t, `{"b":{"z":1,"é":2,"a":[{"y":1,"x":2}]},"":0,"a":[],"B":{}}`)
	v.n.Set("gone", NullValue())
	v.n.Delete("gone")
	want := `{"":0,"B":{},"a":[],"b":{"a":[{"x":2,"y":1}],"z":1,"é":2}}`
	if got := string(AppendSorted(nil, v)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := text(v), `{"b":{"z":1,"é":2,"a":[{"y":1,"x":2}]},"":0,"a":[],"B":{}}`; got != want {
		t.Errorf("the tree's order is %s, want %s", got, want)
	}
}

func TestAppendIndent(t *testing.T) {
	v := mustParse(t, `{"b":[1,{"c":"x"},[],{}],"a":0.10}`)
	want := `{
  "b": [
    1,
    {
      "c": "x"
    },
    [],
    {}
  ],
  "a": 0.10
}`
	if got := string(AppendIndent(nil, v, "  ", false)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := string(AppendIndent(nil, v, "\t", true)); !strings.HasPrefix(got, "{\n\t\"a\": 0.10,\n\t\"b\": [\n\t\t1,") {
		t.Errorf("sorted: got\n%s", got)
	}
	v = mustParse(t, `{"a":1}`)
	v.n.Delete("a")
	if got := string(AppendIndent(nil, v, "  ", false)); got != "{}" {
		t.Errorf("without its only member: %s", got)
	}
	deep := strings.Repeat(`{"a":[`, 60) + strings.Repeat("]}", 60)
	lines := strings.Split(string(AppendIndent(nil, mustParse(t, deep), " ", false)), "\n")
	if len(lines) != 2*maxIndent+1 || strings.TrimLeft(lines[maxIndent], " ") != deep[len(`{"a":[`)*50:len(deep)-len("]}")*50] {
		t.Errorf("%d lines; in the middle %s", len(lines), lines[maxIndent])
	}
}

func TestEqual(t *testing.T) {
	equal := [][2]string{
		{`1`, `1.0`},
		{`{"a":1,"b":[1e2]}`, `{"b":[100],"a":1.00}`},
		{`"\u0041"`, `"A"`},
		{`[]`, `[ ]`},
	}
	for _, tt := range equal {
		if !Equal(mustParse(t, tt[0]), mustParse(t, tt[1])) {
			t.Errorf("%s is not equal to %s", tt[0], tt[1])
		}
	}
	all := []string{
		`null`, `true`, `false`, `0`, `1`, `"1"`, `""`, `[]`, `{}`, `[1]`, `[1,2]`, `[2,1]`, `[null]`,
		`{"a":1}`, `{"a":null}`, `{"b":1}`, `{"a":1,"b":1}`, `{"a":[1]}`, `{"a":{"a":1}}`,
	}
	for i, a := range all {
		for j, b := range all {
			if got := Equal(mustParse(t, a), mustParse(t, b)); got != (i == j) {
				t.Errorf("Equal(%s, %s) = %v", a, b, got)
			}
		}
	}
	if !Equal(Value{}, Value{}) || Equal(Value{}, NullValue()) || Equal(NewObject().Value(), Value{}) {
		t.Error("Absent equals Absent alone")
	}
}

// A clone is equal, shares no container, and has no deleted members.
func TestClone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(3).Draw(t, "value")
		was := text(v)
		c := Clone(v)
		if text(c) != was || !Equal(c, v) {
			t.Fatalf("%s: cloned as %s", was, text(c))
		}
		var edit func(v Value)
		edit = func(v Value) {
			if v.n == nil {
				return
			}
			for _, e := range v.n.Elems() {
				edit(e)
			}
			v.n.Each(func(_ string, m Value) bool { edit(m); return true })
			if v.n.Kind() == Array {
				v.n.Append(NullValue())
			} else {
				v.n.Set("more", NullValue())
				v.n.Delete("k0")
			}
		}
		edit(c)
		if text(v) != was {
			t.Fatalf("%s: became %s by edits of its clone", was, text(v))
		}
	})
}
