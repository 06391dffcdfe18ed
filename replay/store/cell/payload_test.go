package cell

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"asof/replay/state"
)

func pack(t *testing.T, form string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	if form == "gzip" {
		w := gzip.NewWriter(&out)
		_, err = w.Write(b)
		w.Close()
	} else {
		w := zlib.NewWriter(&out)
		_, err = w.Write(b)
		w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPayloads(t *testing.T) {
	plain := []byte(`{"a":1}`)
	zipped := pack(t, "zlib", plain)
	for _, c := range []struct {
		name         string
		v            Value
		data, opaque string
	}{
		{"object", Value{Kind: Text, B: plain}, `{"a":1}`, ""},
		{"object in a blob", Value{Kind: Blob, B: plain}, `{"a":1}`, ""},
		{"null", Value{}, "null", ""},
		{"nothing", Value{Kind: Text}, "null", ""},
		{"integer", Value{Kind: Int, Num: 7}, "7", ""},
		{"real", Value{Kind: Real, Real: 1.5}, "1.5", ""},
		{"string", Value{Kind: Text, B: []byte(`"x"`)}, `"x"`, ""},
		{"zlib", Value{Kind: Blob, B: zipped}, `{"a":1}`, ""},
		{"gzip", Value{Kind: Blob, B: pack(t, "gzip", plain)}, `{"a":1}`, ""},
		{"cut zlib", Value{Kind: Blob, B: zipped[:len(zipped)-6]}, "", "zlib: unexpected EOF"},
		{"bomb", Value{Kind: Blob, B: pack(t, "zlib", make([]byte, MaxPayload+1))}, "", "64 MiB"},
		{"yaml", Value{Kind: Text, B: []byte("---\n:a: 1\n")}, "", "YAML"},
		{"xml", Value{Kind: Text, B: []byte("<a/>")}, "", "XML"},
		{"binary", Value{Kind: Blob, B: []byte{0xff, 0xfe, 0}}, "", "binary"},
		{"text", Value{Kind: Text, B: []byte("hello")}, "", `"hello"`},
		{"nearly a literal", Value{Kind: Text, B: []byte("nothing")}, "", "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d PayloadDecoder
			for range 2 { // the second time with reused buffers
				data, opaque := d.Decode(&c.v)
				if string(data) != c.data || !strings.Contains(opaque, c.opaque) || (opaque == "") != (c.opaque == "") {
					t.Fatalf("data %q, opaque %q", data, opaque)
				}
			}
		})
	}
}

func FuzzPayload(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add([]byte{0x78, 0x9c, 1, 2, 3})
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		var d PayloadDecoder
		data, opaque := d.Bytes(in)
		if (data == nil) == (opaque == "") {
			t.Errorf("data %q and opaque %q", data, opaque)
		}
	})
}

func TestAppendJSONString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\xed\xa0\xb8\x80")))).Draw(t, "bytes"))
		var back string
		if err := json.Unmarshal(AppendJSON(nil, s), &back); !state.HasHalf(s) && (err != nil || back != strings.ToValidUTF8(s, "\uFFFD")) {
			t.Fatalf("%q came back as %q, %v", s, back, err)
		}
		if v, err := state.Parse(AppendJSON(nil, s)); err != nil || state.FromUnits(state.Units(s)) == s && v.Text() != s {
			t.Fatalf("%q came back as %q, %v", s, v.Text(), err)
		}
	})
}

// Texts that differ in half of a surrogate pair stay different: they may be ids.
func TestUnquoteHalves(t *testing.T) {
	for quoted, want := range map[string]string{
		`"\ud83d"`: "\xed\xa0\xbd", `"a\ude00\n"`: "a\xed\xb8\x80\n", `"\ud83d\ude00"`: "😀", `"\ufffd"`: "\ufffd", "\"\ufffd\"": "\ufffd",
	} {
		if got, ok := Unquote([]byte(quoted)); !ok || got != want {
			t.Errorf("%s is %q, %v, want %q", quoted, got, ok, want)
		}
	}
}
