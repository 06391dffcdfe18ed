package project

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"asof/replay/fault"
	"pgregory.net/rapid"
)

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no string // ids, separated by spaces; "" is none, ∅ the empty id
	}{
		{"cart-42", "cart-42", "cart-421 xcart-42 Cart-42 ∅"},
		{"", "∅", "a"},
		{"*", "∅ a cart-1 a/b/c $ce-x", ""},
		{"cart-*", "cart- cart-1 cart-a/b cart-1-2", "cart xcart-1"},
		{"*-42", "-42 cart-42 a-42-42", "cart-421"},
		{"*42*", "42 a42 42b a4422b", "4-2"},
		{"a*b*c", "abc axbxc abbc abcbc", "ab ac acb abcx"},
		{"a**b", "ab axb", "a b"},
		{"cart-?", "cart-1 cart-é cart-/", "cart- cart-12"},
		{"??", "ab éü", "a abc"},
		{"*?", "a ab é", "∅"},
		{"a*aa", "aaa aaaa", "aa a"},
		{"cart-[0-9]", "cart-0 cart-9", "cart-a cart-10"},
		{"cart-[^0-9]", "cart-a cart-é", "cart-1 cart-"},
		{"cart-[!ab]", "cart-c", "cart-a cart-b"},
		{"[]a]", "] a", "b"},
		{"[a-]", "a -", "b"},
		{"[а-я]*", "б бв", "b"},
		{`\*`, "*", "a"},
		{`a\[b`, "a[b", "ab"},
		{`[\]x]`, "] x", `\`},
		{`[\a-\c]`, "b", "d"},
		{"b?r*-[xy]*1", "bar-x1 ber/z-y-1", "bar-z1 br-x1"},
	} {
		match, err := Glob(c.pattern)
		if err != nil {
			t.Errorf("Glob(%q): %v", c.pattern, err)
			continue
		}
		for want, ids := range map[bool]string{true: c.yes, false: c.no} {
			for _, id := range strings.Fields(ids) {
				id = strings.TrimPrefix(id, "∅")
				if got := match(id); got != want {
					t.Errorf("Glob(%q)(%q) = %v", c.pattern, id, got)
				}
			}
		}
	}
}

func TestGlobErrors(t *testing.T) {
	for _, c := range []struct {
		pattern, msg string
		offset       int
	}{
		{"cart-[", "an unclosed [", 5},
		{"[]", "an unclosed [", 0},
		{"[^]", "an unclosed [", 0},
		{"x[a-", "an unclosed [", 1},
		{`[a\`, "an unclosed [", 0},
		{`[a-\`, "an unclosed [", 0},
		{"[z-a]", "the range z-a is empty", 0},
		{`abc\`, `nothing follows the \`, 3},
	} {
		_, err := Glob(c.pattern)
		var e *GlobError
		if !errors.As(err, &e) {
			t.Errorf("Glob(%q): %v, want a GlobError", c.pattern, err)
			continue
		}
		if e.Msg != c.msg || e.Offset != c.offset || e.Pattern != c.pattern || fault.RemedyOf(e).Text == "" {
			t.Errorf("Glob(%q): %+v", c.pattern, e)
		}
	}
}

// A long pattern of stars takes time that grows with pattern times id, not with
// the ways to divide the id among the stars: this one would not end.
func TestGlobHostile(t *testing.T) {
	match, err := Glob(strings.Repeat("*a", 1000) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if match(strings.Repeat("a", 5000)) {
		t.Error("matched without a b")
	}
}

func TestGlobIsRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pattern, re strings.Builder
		re.WriteString(`(?s)\A`)
		for range rapid.IntRange(0, 8).Draw(t, "parts") {
			switch part := rapid.SampledFrom([]string{"*", "?", "set", "not", "char", "char"}).Draw(t, "part"); part {
			case "*":
				pattern.WriteString("*")
				re.WriteString(".*")
			case "?":
				pattern.WriteString("?")
				re.WriteString(".")
			case "set":
				pattern.WriteString("[a-bé]")
				re.WriteString("[a-bé]")
			case "not":
				pattern.WriteString("[!b-]")
				re.WriteString(`[^b\-]`)
			default:
				c := rapid.SampledFrom([]string{"a", "b", "-", "/", "é"}).Draw(t, "char")
				pattern.WriteString(c)
				re.WriteString(regexp.QuoteMeta(c))
			}
		}
		re.WriteString(`\z`)
		match, err := Glob(pattern.String())
		if err != nil {
			t.Fatal(err)
		}
		want := regexp.MustCompile(re.String())
		for range 10 {
			id := rapid.StringMatching(`[ab/é-]{0,8}`).Draw(t, "id")
			if got := match(id); got != want.MatchString(id) {
				t.Fatalf("Glob(%q)(%q) = %v, %s says otherwise", pattern.String(), id, got, want)
			}
		}
	})
}
