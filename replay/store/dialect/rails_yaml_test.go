package dialect

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRubyYAML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"symbols", "---\n:order_id: 0\n:kind: :vip\n:text: \":vip\"\n':odd key': 1\n", `{"order_id":0,"kind":"vip","text":":vip",":odd key":1}`},
		{"quoted symbols", "---\n:\"odd key\": :\"a b\"\n", `{"odd key":"a b"}`},
		{"decimals", "---\n- !ruby/object:BigDecimal 27:0.1234e2\n- !ruby/object:BigDecimal 18:-0.5e-3\n- !ruby/object:BigDecimal 18:0.12e5\n- !ruby/object:BigDecimal 9:0.0\n- !ruby/object:BigDecimal 9:0.1e900\n- !ruby/object:BigDecimal 9:NaN\n", `[12.34,-0.0005,12000,0.0,0.1e900,"NaN"]`},
		{"numbers", "---\n- 9007199254740993\n- 123456789012345678901234567890\n- -1\n- 1_000\n- 0x1f\n- 9.99\n- 1.0e+20\n- .inf\n- .5\n", `[9007199254740993,123456789012345678901234567890,-1,1000,31,9.99,1.0e+20,".inf",0.5]`},
		{"times", "---\n- 2024-01-01 00:00:00.000000000 Z\n- 2024-01-01\n- !ruby/object:DateTime 2024-01-01 00:00:00 Z\n- !ruby/object:ActiveSupport::TimeWithZone\n  utc: 2024-01-01 00:00:00 Z\n  zone: x\n", `["2024-01-01 00:00:00.000000000 Z","2024-01-01","2024-01-01 00:00:00 Z","2024-01-01 00:00:00 Z"]`},
		{"nothing", "---\n:a:\n:b: ~\n:c: ''\n", `{"a":null,"b":null,"c":""}`},
		{"truth", "---\n- true\n- false\n- 'true'\n", `[true,false,"true"]`},
		{"empty", "--- {}\n", `{}`},
		{"no document", "", `null`},
		{"aliases", "---\n:a: &1\n  :x: 1\n:b: *1\n", `{"a":{"x":1},"b":{"x":1}}`},
		{"hashes", "--- !ruby/hash:ActiveSupport::HashWithIndifferentAccess\na: 1\n", `{"a":1}`},
		{"sets", "---\n:s: !ruby/object:Set\n  hash:\n    :x: true\n    y: true\n", `{"s":["x","y"]}`},
		{"folded text", "---\n:a: this is a long line that the emitter\n  folds\n:b: |-\n  two\n  lines\n:c: \"a\\\n  \\ b\"\n", `{"a":"this is a long line that the emitter folds","b":"two\u000alines","c":"a b"}`},
		{"binary", "---\n:a: !binary |-\n  aGVsbG8=\n:b: !binary |-\n  /w==\n", `{"a":"hello","b":"/w=="}`},
		{"two spellings of a key", "---\n:a: 1\na: 2\n", `{"a":1,":a":2}`},
		{"nested", "---\n- - :a: 1\n    :b: []\n  - {}\n", `[[{"a":1,"b":[]},{}]]`},
		{"a key twice", "---\na: 1\n:a: 2\na: 3\n:a: 4\n", `{"a":1,":a":2,"a":3,":a":4}`},
		{"times by alias", "---\n:a: &1 2019-12-03 12:33:05.5 Z\n:b: !ruby/object:ActiveSupport::TimeWithZone\n  utc: *1\n  zone: !ruby/object:ActiveSupport::TimeZone\n    name: Etc/UTC\n  time: *1\n:s: !ruby/object:Set\n  hash: &2\n    1: true\n:t: !ruby/object:Set\n  hash: *2\n", `{"a":"2019-12-03 12:33:05.5 Z","b":"2019-12-03 12:33:05.5 Z","s":[1],"t":[1]}`},
		{"subclass of string", "---\n:a: !str:Name x\n:b: !ruby/string:Name y\n:c: ! 'z'\n", `{"a":"x","b":"y","c":"z"}`},
	} {
		var y rubyYAML
		data, opaque := y.json([]byte(c.in))
		if opaque != "" || string(data) != c.want || !json.Valid(data) {
			t.Errorf("%s: %s (%s), want %s", c.name, data, opaque, c.want)
		}
	}
}

func TestRubyYAMLWithoutAForm(t *testing.T) {
	for _, c := range []struct{ name, in, says string }{
		{"an object", "---\n:a: !ruby/object:Money\n  cents: 1\n", "!ruby/object:Money"},
		{"a class", "--- !ruby/class 'Foo'\n", "!ruby/class"},
		{"an array of a class", "--- !ruby/object:List\n- 1\n", "!ruby/object:List"},
		{"a key that is a list", "---\n? [1]\n: 2\n", "a key that is not text"},
		{"no YAML", "---\n\t: {", "found"},
		{"cut short", "---\n:a: \"x", "unexpected end"},
		{"an unknown alias", "---\n:a: *b\n", "anchor"},
		{"itself", "--- &1\n:a: *1\n", "deep"},
	} {
		var y rubyYAML
		if data, opaque := y.json([]byte(c.in)); !strings.Contains(opaque, c.says) {
			t.Errorf("%s: %s (%s), want a reason with %q", c.name, data, opaque, c.says)
		}
	}
}

// TestRubyYAMLBomb checks that aliases that expand a small document are refused before they
// fill the memory.
func TestRubyYAMLBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("---\n:a0: &a0 [" + strings.Repeat("x,", 9) + "x]\n")
	for i := 1; i < 30; i++ {
		n, m := fmt.Sprint(i), fmt.Sprint(i-1)
		b.WriteString(":a" + n + ": &a" + n + " [" + strings.TrimSuffix(strings.Repeat("*a"+m+", ", 10), ", ") + "]\n")
	}
	var y rubyYAML
	if _, opaque := y.json([]byte(b.String())); !strings.Contains(opaque, "MiB") {
		t.Errorf("it is not refused: %.200s", opaque)
	}
}

// TestRubyDecimals checks that a BigDecimal of any size is converted exactly.
func TestRubyDecimals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching("[1-9][0-9]{0,30}").Draw(t, "digits")
		sign := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
		exp := rapid.IntRange(-80, 80).Draw(t, "exponent")
		written := sign + "0." + digits + "e" + fmt.Sprint(exp)
		var y rubyYAML
		data, opaque := y.json([]byte("--- !ruby/object:BigDecimal 18:" + written + "\n"))
		want, _ := new(big.Rat).SetString(written)
		got, ok := new(big.Rat).SetString(string(data))
		if opaque != "" || !json.Valid(data) || !ok || got.Cmp(want) != 0 {
			t.Fatalf("%s became %s (%s)", written, data, opaque)
		}
	})
}

func FuzzRubyYAML(f *testing.F) {
	for _, s := range []string{
		"---\n:order_id: 0\n:total: !ruby/object:BigDecimal 27:0.1234e2\n:tags:\n- :vip\n- x\n",
		"--- {}\n", "---\n:a: &1 [1]\n:b: *1\n", "--- |2-\n  x\n", "---\n:s: !ruby/object:Set\n  hash:\n    :x: true\n",
		"--- !binary |-\n  /w==\n", "--- &1\n- *1\n", "---\n- 0x1f\n- 1_0\n- .nan\n- 2024-01-01\n", "? a\n: b\n---\nsecond",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var y rubyYAML
		data, opaque := y.json(doc)
		if opaque == "" && !json.Valid(data) {
			t.Fatalf("%q became %q", doc, data)
		}
		again, why := y.json(doc)
		if why != opaque || opaque == "" && string(again) != string(data) {
			t.Fatalf("%q became %q, then %q", doc, data, again)
		}
	})
}
