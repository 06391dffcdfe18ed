package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// payload is an event as shops write them, of about 220 bytes.
const payload = `{"cart_id":"3f2a9c1e-77aa-4c1b-9d54-0f1e2d3c4b5a","item":{"sku":"SKU-10482",` +
	`"name":"Espresso cups, set of 4","qty":2,"price":18.90,"tags":["kitchen","sale"]},` +
	`"total":37.80,"currency":"EUR","first":true,"note":null,"seq":1041}`

func mustParse(t rapid.TB, text string) Value {
	t.Helper()
	v, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%.80q): %v", text, err)
	}
	return v
}

func text(v Value) string { return string(AppendJSON(nil, v)) }

func TestParse(t *testing.T) {
	tests := []struct{ in, want string }{
		{`null`, `null`},
		{` true `, `true`},
		{"\t\r\nfalse\n", `false`},
		{`0`, `0`},
		{`-0`, `-0`},
		{`9007199254740993`, `9007199254740993`},
		{`0.10`, `0.10`},
		{`1E+400`, `1E+400`},
		{`""`, `""`},
		{`"a\"\\\/\b\f\n\r\t"`, `"a\"\\/\b\f\n\r\t"`},
		{`"\u00e4\u20AC"`, `"ä€"`},
		{`"\ud83d\ude00"`, `"😀"`},
		{`"\uD83D"`, `"\ud83d"`},
		{`"\ud83dx"`, `"\ud83dx"`},
		{`"\ude00\ud83d"`, `"\ude00\ud83d"`},
		{`"\ud83d\ud83d\ude00"`, `"\ud83d😀"`},
		{`{"\udfff":1,"\ud800":2,"\ufffd":3,"\udfff":4}`, `{"\udfff":4,"\ud800":2,"` + "\ufffd" + `":3}`},
		{`"\u0000"`, `"\u0000"`},
		{"\"\x7f\"", `"\u007f"`},
		{`[]`, `[]`},
		{`[ ]`, `[]`},
		{`{}`, `{}`},
		{`{ }`, `{}`},
		{`[1, [2,[]] ,{"a" : 3}]`, `[1,[2,[]],{"a":3}]`},
		{`{"b":1,"a":{"c":[null]}}`, `{"b":1,"a":{"c":[null]}}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`{"":1,"":{}}`, `{"":{}}`},
	}
	var p Parser
	for _, tt := range tests {
		if got := text(mustParse(t, tt.in)); got != tt.want {
			t.Errorf("Parse(%q) = %s, want %s", tt.in, got, tt.want)
		}
		v, err := p.Parse([]byte(tt.in))
		if got := text(v); err != nil || got != tt.want {
			t.Errorf("Parser.Parse(%q) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
}

func TestParseManyMembers(t *testing.T) {
	for _, n := range []int{indexFrom - 1, indexFrom, scanUpTo, scanUpTo + 1, 300} {
		var doc, want bytes.Buffer
		for i := range 2 * n {
			fmt.Fprintf(&doc, `%c"k%d":%d`, ",{"[min(1, 1/(i+1))], i%n, i)
		}
		for i := range n {
			fmt.Fprintf(&want, `%c"k%d":%d`, ",{"[min(1, 1/(i+1))], i, i+n)
		}
		v := mustParse(t, doc.String()+"}")
		if got := text(v); got != want.String()+"}" {
			t.Errorf("%d members: got %s, want %s}", n, got, want.String())
		}
		if v.n.Len() != n {
			t.Errorf("%d members: Len = %d", n, v.n.Len())
		}
		for i := range n {
			if got := v.n.Get(fmt.Sprint("k", i)).Text(); got != fmt.Sprint(i+n) {
				t.Errorf("%d members: k%d = %q", n, i, got)
			}
		}
		v.n.Delete("k0")
		v.n.Set("more", NullValue())
		if v.n.Len() != n || !v.n.Get("k0").IsAbsent() || v.n.Get("more").Kind() != Null {
			t.Errorf("%d members: after a delete and a set: %s", n, text(v))
		}
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		in     string
		offset int
		msg    string
	}{
		{``, 0, "unexpected end where a value should be"},
		{`  `, 2, "unexpected end"},
		{"\ufeff{}", 0, "byte order mark"},
		{`{} {}`, 3, `unexpected '{' after the value`},
		{"1\x00", 1, `unexpected '\x00' after the value`},
		{"\x00", 0, `unexpected '\x00'`},
		{`nul`, 3, "unexpected end in null"},
		{`nulL`, 3, `unexpected 'L' in null`},
		{`truee`, 4, `unexpected 'e' after`},
		{`[1,]`, 3, `unexpected ']'`},
		{`[,1]`, 1, `unexpected ','`},
		{`[1 2]`, 3, `, or ]`},
		{`[1`, 2, "unexpected end in an array"},
		{`[`, 1, "unexpected end"},
		{`{`, 1, "where a key"},
		{`{"a"}`, 4, ": should be"},
		{`{"a":}`, 5, "where a value"},
		{`{"a":1,}`, 7, "where a key"},
		{`{"a":1 "b":2}`, 7, ", or }"},
		{`{a:1}`, 1, "where a key"},
		{`{'a':1}`, 1, "where a key"},
		{`]`, 0, "where a value"},
		{`01`, 1, "in a number"},
		{`-`, 1, "unexpected end in a number"},
		{`+1`, 0, "where a value"},
		{`1.`, 2, "in a number"},
		{`.5`, 0, "where a value"},
		{`1e`, 2, "in a number"},
		{`1e+`, 3, "in a number"},
		{`0x10`, 1, "after the value"},
		{`NaN`, 0, "where a value"},
		{`"abc`, 4, "unexpected end in a string"},
		{`"abc\`, 5, "unexpected end in a string"},
		{`"\u12`, 1, "four hex digits"},
		{`"\u12g4"`, 1, "four hex digits"},
		{`"\x41"`, 1, "an invalid escape"},
		{"\"a\nb\"", 2, "control character 0x0a"},
		{"\"a\x00\"", 2, "control character 0x00"},
		{"\"a\xffb\"", 2, "invalid UTF-8"},
		{"\"\xed\xa0\x80\"", 1, "invalid UTF-8"}, // a surrogate
		{"\"\xc0\x80\"", 1, "invalid UTF-8"},     // overlong
		{"\xff", 0, "unexpected byte 0xff"},
		{"[1,\xc3", 3, "unexpected byte 0xc3"},
	}
	for _, tt := range tests {
		_, err := Parse([]byte(tt.in))
		var se *SyntaxError
		if !errors.As(err, &se) || se.Offset != tt.offset || !strings.Contains(se.Msg, tt.msg) {
			t.Errorf("Parse(%q): error %v, want %q at byte %d", tt.in, err, tt.msg, tt.offset)
		}
	}
}

// TestPlainEnd holds the search of eight bytes at a time to that of one.
func TestPlainEnd(t *testing.T) {
	edge := rapid.SampledFrom([]byte{0, 0x1f, 0x20, 0x21, '"', '#', '[', '\\', ']', 0x7f, 0x80, 0xa0, 0xff})
	rapid.Check(t, func(t *rapid.T) {
		d := []byte(strings.Repeat("a", rapid.IntRange(0, 40).Draw(t, "length")))
		for range rapid.IntRange(0, 3).Draw(t, "edges") {
			if len(d) > 0 {
				d[rapid.IntRange(0, len(d)-1).Draw(t, "at")] = edge.Draw(t, "byte")
			}
		}
		from := rapid.IntRange(0, len(d)).Draw(t, "from")
		want := from
		for want < len(d) && plain[d[want]] {
			want++
		}
		if got := plainEnd(d, from); got != want {
			t.Fatalf("plainEnd(%q, %d) = %d, want %d", d, from, got, want)
		}
	})
}

func TestParseDepth(t *testing.T) {
	for _, form := range []struct{ open, shut, name string }{{"[", "]", "arrays"}, {`{"a":`, "}", "objects"}} {
		deep := func(n int) string {
			return strings.Repeat(form.open, n) + "1" + strings.Repeat(form.shut, n)
		}
		v := mustParse(t, deep(MaxDepth))
		if got := text(v); got != deep(MaxDepth) {
			t.Errorf("%d %s come back as %d bytes", MaxDepth, form.name, len(got))
		}
		if !Equal(v, Clone(v)) {
			t.Errorf("%d %s don't equal their clone", MaxDepth, form.name)
		}
		if n := len(AppendIndent(nil, v, "  ", true)); n > 4_000_000 {
			t.Errorf("%d %s indented take %d bytes", MaxDepth, form.name, n)
		}
		var se *SyntaxError
		if _, err := Parse([]byte(deep(MaxDepth + 1))); !errors.As(err, &se) || !strings.Contains(se.Msg, "nested deeper than") {
			t.Errorf("%d %s: error %v", MaxDepth+1, form.name, err)
		}
		if _, err := Parse([]byte(strings.Repeat(form.open, 1_000_000))); !errors.As(err, &se) {
			t.Errorf("a million open %s: error %v", form.name, err)
		}
	}
}

// What Parse returns holds nothing of data, whatever its size.
func TestParseKeepsNothing(t *testing.T) {
	for _, pad := range []int{0, 10, 2 * shareUpTo} {
		want := `{"k` + strings.Repeat("x", pad) + `":["v",12,"` + strings.Repeat("y", pad) + `"],"é":"ü\n"}`
		data := []byte(want)
		var p Parser
		v, err := Parse(data)
		w, werr := p.Parse(data)
		for i := range data {
			data[i] = '#'
		}
		if err != nil || werr != nil || text(v) != want || text(w) != want {
			t.Errorf("after the payload changed: %s, %s, want %s", text(v), text(w), want)
		}
	}
}

// The strings of a transient tree stay when the tree itself is gone.
func TestParserStringsStay(t *testing.T) {
	var p Parser
	var got []string
	for _, pad := range []int{1, 3, 40, 2000, 2} {
		v, err := p.Parse(fmt.Appendf(nil, `{"key%d":"value-%s\t"}`, pad, strings.Repeat("x", pad)))
		if err != nil {
			t.Fatal(err)
		}
		v.n.Each(func(key string, m Value) bool {
			got = append(got, fmt.Sprint(key, len(strings.TrimSpace(m.Text()))))
			return true
		})
	}
	if want := "[key17 key39 key4046 key20002006 key28]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A transient tree equals the plain one, whatever was parsed before it.
func TestParserAgreesWithParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Parser
		for range rapid.IntRange(1, 8).Draw(t, "payloads") {
			data := AppendJSON(nil, anyValue(3).Draw(t, "value"))
			if rapid.IntRange(0, 5).Draw(t, "cut") == 0 {
				data = data[:len(data)-1]
			}
			v, err := Parse(data)
			w, werr := p.Parse(data)
			if fmt.Sprint(err) != fmt.Sprint(werr) {
				t.Fatalf("%s: %v, but transient %v", data, err, werr)
			}
			if err == nil && (text(v) != string(data) || text(w) != string(data)) {
				t.Fatalf("%s: got %s, transient %s", data, text(v), text(w))
			}
		}
	})
}

func TestSuiteJCS(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/suites/jcs/testdata/input/*.json")
	if len(files) == 0 {
		t.Skip("the test suite is missing")
	}
	for _, f := range files {
		in, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.ReadFile(strings.Replace(f, "/input/", "/output/", 1))
		if err != nil {
			t.Fatal(err)
		}
		v := mustParse(t, string(in))
		canon := mustParse(t, string(out))
		for _, again := range [][]byte{AppendJSON(nil, v), AppendSorted(nil, v), AppendIndent(nil, v, "\t", false)} {
			if w := mustParse(t, string(again)); !Equal(v, w) {
				t.Errorf("%s: re-encoded as %s", f, again)
			}
		}
		// values.json holds numbers that a double rounds; the rest says the same.
		if !strings.HasSuffix(f, "values.json") && !strings.HasSuffix(f, "arrays.json") && !Equal(v, canon) {
			t.Errorf("%s: %s is not %s", f, text(v), text(canon))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		payload, `[1,2.50,-3e-7,{"a":{"b":[]}}]`, `"\ud800\u0041\\"`, `{"a":1,"a":2}`,
		"\"\x7f\u0085\u2028\u202e\"", `[[[[`, `1e999999999`, "\xff", ` "é" `, "{\"\xc3\":1}",
	} {
		f.Add([]byte(s))
	}
	var p Parser
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Parse(data)
		w, werr := p.Parse(data)
		if fmt.Sprint(err) != fmt.Sprint(werr) {
			t.Fatalf("%q: %v, but transient %v", data, err, werr)
		}
		// Documented: text that is not UTF-8 is no JSON here, and ours may be deeper.
		if valid := json.Valid(data) && utf8.Valid(data); valid != (err == nil) {
			t.Fatalf("%q: valid is %v, error %v", data, valid, err)
		}
		if err != nil {
			return
		}
		out := AppendJSON(nil, v)
		if string(out) != text(w) {
			t.Fatalf("%q: %s, but transient %s", data, out, text(w))
		}
		for _, again := range [][]byte{out, AppendSorted(nil, v), AppendIndent(nil, v, " ", true)} {
			x, err := Parse(again)
			if err != nil || !Equal(v, x) {
				t.Fatalf("%q: %q comes back as %s, %v", data, again, text(x), err)
			}
		}
		if bytes.ContainsFunc(out, func(r rune) bool { return r < 0x20 || r == 0x7f || unsafeRune(r) && r >= 0x80 }) {
			t.Fatalf("%q: unsafe on a terminal: %q", data, out)
		}
		var std any
		if err := json.Unmarshal(out, &std); err == nil { // fails for 1e400
			want, _ := json.Marshal(std)
			var mine any
			if err := json.Unmarshal(data, &mine); err != nil {
				t.Fatal(err)
			}
			if got, _ := json.Marshal(mine); !bytes.Equal(got, want) {
				t.Fatalf("%q: encoding/json reads %s, from ours %s", data, got, want)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	data := []byte(payload)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParserParse(b *testing.B) {
	data := []byte(payload)
	var p Parser
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	v := mustParse(b, payload)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendJSON(dst[:0], v)
	}
}

// Trees that share a parser's memory stay as they are until Reset.
func TestParserParseNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Parser
		for range rapid.IntRange(1, 4).Draw(t, "batches") {
			p.Reset()
			var payloads []string
			var trees []Value
			for range rapid.IntRange(0, 12).Draw(t, "payloads") {
				data := AppendJSON(nil, anyValue(3).Draw(t, "value"))
				v, _, err := p.ParseNext(data, string(data))
				if err != nil {
					t.Fatalf("%s: %v", data, err)
				}
				payloads, trees = append(payloads, string(data)), append(trees, v)
				if _, _, err := p.ParseNext([]byte(`{"a":[1,`), `{"a":[1,`); err == nil {
					t.Fatal("half a payload was parsed")
				}
			}
			for i, want := range payloads {
				if got := text(trees[i]); got != want {
					t.Fatalf("payload %d of %d: %s, want %s", i, len(payloads), got, want)
				}
			}
		}
	})
}
