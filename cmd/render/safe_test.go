package render

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"asof/replay"
	"asof/replay/state"
)

func TestSafe(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"cart-42", "cart-42"},
		{`C:\x "y"`, `C:\x "y"`},
		{"a\tb\nc\r", `a\tb\nc\r`},
		{"\x1b[31mred\x1b[0m", `\u001b[31mred\u001b[0m`},
		{"\u009b31m", `\u009b31m`},
		{"\x7f", `\u007f`},
		{"\u202egnp.exe", `\u202egnp.exe`},
		{"\u2066a\u2069", `\u2066a\u2069`},
		{"pay\u200bpal\ufeff", `pay\u200bpal\ufeff`},
		{"a\u2028b", `a\u2028b`},
		{"so\u00adft", `so\u00adft`},
		{"\U000e0041tag", `\udb40\udc41tag`},
		{"\xff\xc3", `\xff\xc3`},
		{"a\xed\xa0\xbd\xed\xa0b", `a\ud83d\xed\xa0b`},
		{"e\xed\xb8\x80\u0301", `e\ude00\u0301`},
		{"e\u0301", "e\u0301"},
		{"\u0301e", `\u0301e`},
		{"東京 ñ 🇳🇴 👍🏽", "東京 ñ 🇳🇴 👍🏽"},
		{"👩\u200d👧", `👩\u200d👧`},
		{"z" + strings.Repeat("\u0300", 10), "z" + strings.Repeat("\u0300", 7) + `\u0300\u0300\u0300`},
		{"blank\u3164", `blank\u3164`},
	} {
		if got := Safe(c.in); got != c.want {
			t.Errorf("Safe(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// A quote or backslash that a terminal draws together with the character before it is
// escaped in JSON all the same.
func TestQuote(t *testing.T) {
	for _, c := range []struct {
		in   string
		want safe
	}{
		{"\u0d4e\"", "\"\u0d4e\\\"\""},
		{"\u0600\\", "\"\\u0600\\\\\""},
		{"\u0d4ea", "\"\u0d4ea\""},
	} {
		if got := quote(c.in); got != c.want {
			t.Errorf("quote(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   safe
		w    int
		want safe
	}{
		{"hello", 5, "hello"},
		{"hello", 4, "hel…"},
		{"hello", 1, "…"},
		{"hello", 0, ""},
		{"東京都", 6, "東京都"},
		{"東京都", 5, "東京…"},
		{"東京都", 4, "東…"},
		{"🇳🇴🇳🇱", 3, "🇳🇴…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
	} {
		if got := cut(c.in, c.w); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.w, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]safe{
		0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567",
	} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
}

// acts returns the first character of printed text that may act on a terminal,
// our own line breaks aside.
func acts(printed string) (rune, bool) {
	if !utf8.ValidString(printed) {
		return utf8.RuneError, true
	}
	for _, r := range printed {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return r, true
		}
	}
	return 0, false
}

// FuzzSafe prints a text in every place that text from outside gets to.
func FuzzSafe(f *testing.F) {
	for _, s := range []string{
		"", "plain", "\x1b[2J", "a\u202eb", "\xff\xfe", "\xed\xa0\xbdx\xed\xb8\x80", "e\u0301\u0301", "👩\u200d👧", "東京", "\u0085\u2028", `[-"\-]`, "\U000e0001",
	} {
		f.Add(s, 80)
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = 10 + int(uint(w)%150)
		if clean := Safe(s); strings.Contains(clean, "\n") {
			t.Errorf("Safe(%q) has two lines", s)
		} else if got := cut(safe(clean), w); width(got) > w {
			t.Errorf("cut to %d columns, %q has %d", w, got, width(got))
		}
		if state.FromUnits(state.Units(s)) == s {
			back, err := state.Parse([]byte(quote(s)))
			if err != nil || back.Text() != s {
				t.Errorf("%q as JSON is %s, read as %q, %v", s, quote(s), back.Text(), err)
			}
		}
		var out bytes.Buffer
		p := New(&out, Options{Width: w})
		everywhere(p, s)
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		if r, bad := acts(out.String()); bad {
			t.Errorf("%q lets %U through:\n%q", s, r, out.String())
		}
	})
}

// everywhere prints s wherever text from outside is printed.
func everywhere(p *Printer, s string) {
	str := state.StringValue
	obj := state.NewObject()
	obj.Set(s, str(s))
	obj.Set("list", state.NewArray(str(s), obj.Get(s)).Value())
	data := state.AppendJSON(nil, obj.Value())
	v := replay.Version(1)
	e := &replay.Event{
		Stream: replay.StreamID(s), Category: s, Version: 1, ID: s, Type: s, Data: data,
		Meta: replay.Meta{Actor: s, Correlation: s, Causation: s, Raw: []byte(s)},
	}
	m := replay.Moment{Stream: s, EventID: s, EventType: s}.WithVersion(v)
	path := string(state.AppendToken(nil, s))
	changes := []state.Change{
		{Op: state.OpAdd, Path: path, To: obj.Value()},
		{Op: state.OpReplace, Path: path, From: str(s), To: str("x" + s)},
		{Op: state.OpReplace, Path: path, From: str("before " + s), To: str("before " + s + " after")},
		{Op: state.OpRemove, Path: "/x", From: str(s)},
	}
	p.all(e, m, s, obj.Value(), changes)
}
