package state

import "testing"

func TestParsePath(t *testing.T) {
	for _, tt := range []struct {
		text, pointer string
		sure          bool
	}{
		{"", "", true},
		{"/items/0/qty", "/items/0/qty", true},
		{"/a.b", "/a.b", true},
		{"total", "/total", true},
		{".total", "/total", true},
		{"$.total", "/total", true},
		{"$", "", true},
		{".", "", true},
		{"items[0].qty", "/items/0/qty", false},
		{".items[0]", "/items/0", false},
		{"items[0]/qty", "/items/0/qty", false},
		{"$.items/0/qty", "/items/0/qty", false},
		{"$['a b'].c", "/a b/c", false},
		{`items["a/b~"]`, "/items/a~1b~0", false},
		{"state.total", "/total", false},
		{"state", "/state", true},
		{"stately", "/stately", true},
		{"a.b", "/a/b", false},
		{"items/0/qty", "/items/0/qty", false},
		{"$total", "/$total", true},
	} {
		p, err := ParsePath(tt.text)
		if err != nil || p.Pointer != tt.pointer || p.Sure != tt.sure {
			t.Errorf("%q is %+v, %v; want %q, %v", tt.text, p, err, tt.pointer, tt.sure)
		}
	}
}

func TestParsePathRejects(t *testing.T) {
	for _, text := range []string{"a..b", "total.", "items[", "items[x]", "items[0", "items[0]qty", "a[?(@.b)]", "total < 0", "a[01]", "/a~2", "*"} {
		if p, err := ParsePath(text); err == nil {
			t.Errorf("%q is %+v", text, p)
		}
	}
}
