package state

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// What some libraries write in addition to JSON is read and reported; JSON itself stays as
// strict as it is.
func TestParsePayload(t *testing.T) {
	manyKeys := "{"
	for i := range 2 * scanUpTo {
		manyKeys += fmt.Sprintf(`"k%d":%d,`, i, i)
	}
	manyKeys += `"k0":"last"}`
	for _, test := range []struct {
		in, want string // empty: it is refused
		odd      Oddity
	}{
		{`{"t":NaN}`, `{"t":"NaN"}`, NotFinite},
		{`[Infinity,-Infinity,1]`, `["Infinity","-Infinity",1]`, NotFinite},
		{`-Infinity`, `"-Infinity"`, NotFinite},
		{`{"NaN":"NaN","s":"[NaN]"}`, `{"NaN":"NaN","s":"[NaN]"}`, 0},
		{`{"a":1,"a":2}`, `{"a":2}`, KeyTwice},
		{`{"a":1,"b":[{"c":1,"c":NaN}],"a":2}`, `{"a":2,"b":[{"c":"NaN"}]}`, KeyTwice | NotFinite},
		{manyKeys, "", KeyTwice},
		{`{"t":NaNa}`, "", NotFinite},
		{`{"t":Nan}`, "", NotFinite},
		{`{"t":-Inf}`, "", 0},
		{`{NaN:1}`, "", 0},
		{`{"t":nan}`, "", 0},
	} {
		var p Parser
		v, odd, err := p.ParsePayload([]byte(test.in))
		w, oddToo, errToo := ParsePayload([]byte(test.in))
		if odd != test.odd || oddToo != odd || (err == nil) != (errToo == nil) {
			t.Errorf("%s: %b %b %v %v", test.in, odd, oddToo, err, errToo)
		}
		got := AppendJSON(nil, v)
		if err == nil && !bytes.Equal(got, AppendJSON(nil, w)) {
			t.Errorf("%s: first %s, then %s", test.in, got, AppendJSON(nil, w))
		}
		switch {
		case test.in == manyKeys:
			if !strings.HasPrefix(string(got), `{"k0":"last","k1":1,`) {
				t.Errorf("%s", got)
			}
		case test.want == "" && err == nil || test.want != "" && string(got) != test.want:
			t.Errorf("%s: %s, want %s: %v", test.in, got, test.want, err)
		}
		if _, err := p.Parse([]byte(test.in)); test.odd&NotFinite != 0 && err == nil {
			t.Errorf("%s is read as JSON", test.in)
		}
	}
}
