package state

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParsePointer(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"/", []string{""}},
		{"/a", []string{"a"}},
		{"/a/", []string{"a", ""}},
		{"//", []string{"", ""}},
		{"/a~1b/m~0n", []string{"a/b", "m~n"}},
		{"/~01", []string{"~1"}},
		{"/~10", []string{"/0"}},
		{"/é/ /\x00", []string{"é", " ", "\x00"}},
	}
	for _, tt := range tests {
		if got, err := ParsePointer(tt.in); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("ParsePointer(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
		}
	}
	for _, in := range []string{"a", "a/b", " /a", "#/a", "/~", "/a~", "/~2", "/a~/b", "/~~0"} {
		_, err := ParsePointer(in)
		if pe := (*PathError)(nil); !errors.As(err, &pe) || pe.Path != in {
			t.Errorf("ParsePointer(%q): error %v", in, err)
		}
	}
}

func TestPointerRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("~/01a")), 0, 5, -1))
		tokens := rapid.SliceOfN(key, 0, 4).Draw(t, "tokens")
		var path []byte
		for i, tok := range tokens {
			above := string(path)
			path = AppendToken(path, tok)
			if !HasPrefix(string(path), above) || HasPrefix(above, string(path)) {
				t.Fatalf("step %d: %q is not below %q", i, path, above)
			}
		}
		got, err := ParsePointer(string(path))
		if err != nil || !slices.Equal(got, tokens) {
			t.Fatalf("%q: %q, %v, want %q", path, got, err, tokens)
		}
	})
}

func TestHasPrefix(t *testing.T) {
	tests := []struct {
		path, prefix string
		want         bool
	}{
		{"", "", true},
		{"/a", "", true},
		{"/a", "/a", true},
		{"/a/0", "/a", true},
		{"/ab", "/a", false},
		{"/a", "/a/0", false},
		{"/", "", true},
		{"/a/", "/a", true},
		{"/a~1b", "/a", false},
	}
	for _, tt := range tests {
		if got := HasPrefix(tt.path, tt.prefix); got != tt.want {
			t.Errorf("HasPrefix(%q, %q) = %v", tt.path, tt.prefix, got)
		}
	}
}

func TestLookupErrors(t *testing.T) {
	v := mustParse(t, `{"items":[{"qty":1},{"qty":2}],"total":3,"to":null,"a/b":{}}`)
	tests := []struct{ path, in, missing, reason string }{
		{"/item", "", "item", `no member "item"`},
		{"/items/2", "/items", "2", "no element 2 in an array of 2 at /items"},
		{"/items/99999999999999999999", "/items", "99999999999999999999", "in an array of 2"},
		{"/items/-", "/items", "-", "not an array index"},
		{"/items/01", "/items", "01", "not an array index"},
		{"/items/-1", "/items", "-1", "not an array index"},
		{"/items/", "/items", "", "not an array index"},
		{"/items/1e0", "/items", "1e0", "not an array index"},
		{"/items/0/price", "/items/0", "price", "at /items/0"},
		{"/total/x", "/total", "x", `no "x" in a number`},
		{"/to/x", "/to", "x", `no "x" in null`},
		{"/a~1b/c/d", "/a~1b", "c", `no member "c" at /a~1b`},
	}
	for _, tt := range tests {
		_, err := Lookup(v, tt.path)
		var pe *PathError
		if !errors.As(err, &pe) {
			t.Errorf("Lookup(%q): error %v", tt.path, err)
			continue
		}
		if pe.Path != tt.path || pe.In != tt.in || pe.Missing != tt.missing || !strings.Contains(pe.Error(), tt.reason) {
			t.Errorf("Lookup(%q): %+v, want %+v", tt.path, pe, tt)
		}
		if tokens, err := ParsePointer(tt.path); err != nil || !Within(v, tokens).IsAbsent() {
			t.Errorf("Within(%q): %s, %v", tt.path, text(Within(v, tokens)), err)
		}
	}
	_, err := Lookup(v, "/tota")
	if pe := (*PathError)(nil); !errors.As(err, &pe) || !slices.Equal(pe.Members, []string{"items", "total", "to", "a/b"}) {
		t.Errorf("members there: %+v", pe)
	}
	if _, err := Lookup(Value{}, "/a"); err == nil {
		t.Error("a path leads nowhere")
	}
}

// What a walk over a tree finds, Lookup and Within find by its path.
func TestLookup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := anyValue(3).Draw(t, "value")
		var walk func(v Value, path []byte)
		walk = func(v Value, path []byte) {
			if got, err := Lookup(root, string(path)); err != nil || got != v {
				t.Fatalf("Lookup(%q) = %s, %v, want %s", path, text(got), err, text(v))
			}
			if tokens, err := ParsePointer(string(path)); err != nil || Within(root, tokens) != v {
				t.Fatalf("Within(%q) = %s, %v, want %s", path, text(Within(root, tokens)), err, text(v))
			}
			if v.n == nil {
				return
			}
			for i, e := range v.n.Elems() {
				walk(e, AppendIndex(slices.Clone(path), i))
			}
			v.n.Each(func(key string, m Value) bool {
				walk(m, AppendToken(slices.Clone(path), key))
				return true
			})
		}
		walk(root, nil)
	})
}

func TestSuiteRFC6901(t *testing.T) {
	in, err := os.ReadFile("../../../shared/suites/rfc6901/section5.json")
	if err != nil {
		t.Skip("the test suite is missing")
	}
	suite := mustParse(t, string(in)).n
	for _, c := range suite.Get("pointers").n.Elems() {
		pointer := c.n.Get("pointer").Text()
		got, err := Lookup(suite.Get("document"), pointer)
		if err != nil || !Equal(got, c.n.Get("value")) {
			t.Errorf("%q: %s, %v, want %s", pointer, text(got), err, text(c.n.Get("value")))
		}
	}
}

func TestAppendPattern(t *testing.T) {
	for pointer, want := range map[string]string{
		"": "", "/": "/", "/total": "/total", "/items/0/qty": "/items/*/qty", "/items/12": "/items/*", "/0": "/*",
		"/a//b": "/a//b", "/a~1b/7a/7": "/a~1b/7a/*",
	} {
		if got := string(AppendPattern([]byte("x"), pointer)); got != "x"+want {
			t.Errorf("%q becomes %q, want %q", pointer, got, "x"+want)
		}
	}
}
