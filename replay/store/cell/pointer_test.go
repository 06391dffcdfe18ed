package cell

import (
	"testing"
)

func TestPointers(t *testing.T) {
	doc := []byte(`{"user":{"id":42,"name":"A\u00e9"},"a/b":[true,{"~":"x"}],"n":null,"o":{}}`)
	for ptr, want := range map[string]string{
		"/user/id": "42", "/user/name": "Aé", "/a~1b/0": "true", "/a~1b/1/~0": "x",
		"/n": "", "/o": "", "/user": "", "/user/id/x": "", "/a~1b/2": "", "/a~1b/-1": "", "/a~1b/01": "", "/zzz": "",
	} {
		p, ok := ParsePointer(ptr)
		if !ok {
			t.Fatalf("%s is not a pointer", ptr)
		}
		if got, found := p.Find(doc); got != want || found != (want != "") {
			t.Errorf("%s gives %q %v, want %q", ptr, got, found, want)
		}
	}
	for _, bad := range []string{"", "user"} {
		if _, ok := ParsePointer(bad); ok {
			t.Errorf("%q is accepted as a pointer", bad)
		}
	}
}

func FuzzPointer(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"c"}]}`), "/a/1/b")
	f.Fuzz(func(t *testing.T, doc []byte, ptr string) {
		p, ok := ParsePointer(ptr)
		if !ok {
			return
		}
		p.Find(doc)
	})
}
