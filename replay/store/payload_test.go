package store

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestUnwrap(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"decimal", `{"amount":{"_type_":"decimal_str","_data_":"10.50"}}`, `{"amount":10.50}`},
		{"large decimal", `[{"_type_":"decimal_str","_data_":"9007199254740993.10"}]`, `[9007199254740993.10]`},
		{"exponent", `[{"_type_":"decimal_str","_data_":"1E+2"}]`, `[1E+2]`},
		{"not a number", `[{"_type_":"decimal_str","_data_":"NaN"},{"_type_":"decimal_str","_data_":"-Infinity"}]`, `["NaN","-Infinity"]`},
		{"uuid", `{"id":{"_type_":"uuid_hex","_data_":"84bc0033163c44969cd5e321c4e0b2a2"}}`, `{"id":"84bc0033-163c-4496-9cd5-e321c4e0b2a2"}`},
		{"odd uuid", `{"id":{"_type_":"uuid_hex","_data_":"84bc"}}`, `{"id":"84bc"}`},
		{"time", `{"at":{"_type_":"datetime_iso","_data_":"2026-01-01T00:00:00+00:00"}}`, `{"at":"2026-01-01T00:00:00+00:00"}`},
		{"nested", `{"x":{"_type_":"tuple_as_list","_data_":[1,{"_type_":"decimal_str","_data_":"2.0"}]}}`, `{"x":[1,2.0]}`},
		{"own type", `{"x":{"_type_":"leg","_data_":{"from":{"_type_":"location","_data_":"SEA"}}}}`, `{"x":{"from":"SEA"}}`},
		{"data first", `{"x":{"_data_":"1.5","_type_":"decimal_str"}}`, `{"x":1.5}`},
		{"more keys", `{"x":{"_type_":"decimal_str","_data_":"1.5","y":2}}`, `{"x":{"_type_":"decimal_str","_data_":"1.5","y":2}}`},
		{"more keys after data first", `{"x":{"_data_":"1.5","_type_":"decimal_str","y":2}}`, `{"x":{"_data_":"1.5","_type_":"decimal_str","y":2}}`},
		{"type alone", `{"x":{"_type_":"a"}}`, `{"x":{"_type_":"a"}}`},
		{"type not a string", `{"x":{"_type_":1,"_data_":2}}`, `{"x":{"_type_":1,"_data_":2}}`},
		{"data alone", `{"x":{"_data_":2}}`, `{"x":{"_data_":2}}`},
		{"other second key", `{"x":{"_type_":"a","b":[]}}`, `{"x":{"_type_":"a","b":[]}}`},
		{"own attributes", `{"timestamp":"2026-01-02T03:04:05+00:00","a":1,"class_version":2,"originator_id":"x","b":{"timestamp":3},"originator_version":4}`, `{"a":1,"b":{"timestamp":3}}`},
		{"only own attributes", `{"timestamp":"2026-01-02T03:04:05+00:00"}`, `{}`},
		{"white space", " { \"a\" : [ 1 , 2 ] } \n", `{"a":[1,2]}`},
		{"empty", `{"a":{},"b":[]}`, `{"a":{},"b":[]}`},
		{"escapes", `{"a\"":"b\\","_type_":"é\u00e9"}`, `{"a\"":"b\\","_type_":"é\u00e9"}`},
		{"a scalar", `12`, `12`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var u pyUnwrapper
			if !u.run([]byte(c.in)) {
				t.Fatalf("%s was refused", c.in)
			}
			if string(u.out) != c.want {
				t.Errorf("%s became %s, want %s", c.in, u.out, c.want)
			}
		})
	}
}

func TestUnwrapLifts(t *testing.T) {
	var u pyUnwrapper
	if !u.run([]byte(`{"timestamp":{"_type_":"datetime_iso","_data_":"2026-01-02T03:04:05.600000+01:00"},"originator_topic":"m:\"A","class_version":3}`)) {
		t.Fatal("refused")
	}
	if want := time.Date(2026, 1, 2, 2, 4, 5, 6e8, time.UTC); !u.time.Equal(want) || u.revision != 3 || string(u.originatorTopic) != `"m:\"A"` {
		t.Errorf("time %v, revision %d, topic %s", u.time, u.revision, u.originatorTopic)
	}
}

func TestUnwrapRefuses(t *testing.T) {
	for _, in := range []string{
		``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{1:2}`, `nul`, `nan`, `NaN1`, `-NaN`, `[01]`, `"a`, `"\"`, `{} {}`, `]`,
		`{"_type_":"a","_data_":`, `{"_type_":"a","_data_":1`, `{"_type_"`, `{"_type_":"a`, `{"_data_":"1","_type_":"decimal_str"`, `{"_data_":"","_type_":`,
	} {
		var u pyUnwrapper
		if u.run([]byte(in)) {
			t.Errorf("%q was taken: %s", in, u.out)
		}
	}
	var u pyUnwrapper
	if u.run([]byte(strings.Repeat(`[`, 1e6))); !u.deep {
		t.Error("a million brackets are not too deep")
	}
	if u.run([]byte(strings.Repeat(`{"_type_":"a","_data_":`, 1e5))); !u.deep {
		t.Error("a hundred thousand wrappers are not too deep")
	}
}

// What holds no wrapper and no attribute of the library's comes out the same.
func TestUnwrapKeepsPlainJSON(t *testing.T) {
	value := rapid.Deferred(func() *rapid.Generator[any] { return jsonValue(4) })
	rapid.Check(t, func(t *rapid.T) {
		b, err := json.Marshal(value.Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		var u pyUnwrapper
		if !u.run(b) {
			t.Fatalf("%s was refused", b)
		}
		if !bytes.Equal(u.out, b) {
			t.Fatalf("%s became %s", b, u.out)
		}
	})
}

func jsonValue(depth int) *rapid.Generator[any] {
	scalars := []*rapid.Generator[any]{
		rapid.Int().AsAny(), rapid.String().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil), rapid.Float64Range(-1e9, 1e9).AsAny(),
	}
	if depth == 0 {
		return rapid.OneOf(scalars...)
	}
	inner := jsonValue(depth - 1)
	key := rapid.SampledFrom([]string{"a", "b", "_data_", "\"", "é", ""})
	return rapid.OneOf(append(scalars,
		rapid.SliceOfN(inner, 0, 4).AsAny(), rapid.MapOfN(key, inner, 0, 4).AsAny())...)
}

func FuzzUnwrap(f *testing.F) {
	for _, s := range []string{`{"a":{"_type_":"decimal_str","_data_":"1"}}`, `{"x":{"_data_":"1.5","_type_":"decimal_str"}}`, `[{"_type_":"a","_data_":1,"b":2}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var u pyUnwrapper
		if u.run(in) && json.Valid(in) && !json.Valid(u.out) {
			t.Errorf("valid %q became invalid %q", in, u.out)
		}
		if !u.run(in) && !u.deep && json.Valid(in) {
			t.Errorf("valid %q was refused", in)
		}
	})
}

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
		v            value
		data, opaque string
	}{
		{"object", value{kind: kindText, b: plain}, `{"a":1}`, ""},
		{"object in a blob", value{kind: kindBlob, b: plain}, `{"a":1}`, ""},
		{"null", value{}, "null", ""},
		{"nothing", value{kind: kindText}, "null", ""},
		{"integer", value{kind: kindInt, num: 7}, "7", ""},
		{"real", value{kind: kindReal, real: 1.5}, "1.5", ""},
		{"string", value{kind: kindText, b: []byte(`"x"`)}, `"x"`, ""},
		{"zlib", value{kind: kindBlob, b: zipped}, `{"a":1}`, ""},
		{"gzip", value{kind: kindBlob, b: pack(t, "gzip", plain)}, `{"a":1}`, ""},
		{"cut zlib", value{kind: kindBlob, b: zipped[:len(zipped)-6]}, "", "zlib: unexpected EOF"},
		{"bomb", value{kind: kindBlob, b: pack(t, "zlib", make([]byte, maxPayload+1))}, "", "64 MiB"},
		{"yaml", value{kind: kindText, b: []byte("---\n:a: 1\n")}, "", "YAML"},
		{"xml", value{kind: kindText, b: []byte("<a/>")}, "", "XML"},
		{"binary", value{kind: kindBlob, b: []byte{0xff, 0xfe, 0}}, "", "binary"},
		{"text", value{kind: kindText, b: []byte("hello")}, "", `"hello"`},
		{"nearly a literal", value{kind: kindText, b: []byte("nothing")}, "", "nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d payloadDecoder
			for range 2 { // the second time with used buffers
				data, opaque := d.decode(&c.v)
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
		var d payloadDecoder
		data, opaque := d.bytes(in)
		if (data == nil) == (opaque == "") {
			t.Errorf("data %q and opaque %q", data, opaque)
		}
		py, err := newPyPayloads(key32())
		if err != nil {
			t.Fatal(err)
		}
		if data, opaque := py.open(in); opaque != "" && data != nil {
			t.Errorf("opaque %q and data %q", opaque, data)
		}
	})
}

func TestParseTime(t *testing.T) {
	utc := func(y, mo, d, h, mi, s, ns int) time.Time {
		return time.Date(y, time.Month(mo), d, h, mi, s, ns, time.UTC)
	}
	for in, want := range map[string]time.Time{
		"2026-03-01T09:00:00.123Z":         utc(2026, 3, 1, 9, 0, 0, 123e6),
		"2026-03-01 09:00:00":              utc(2026, 3, 1, 9, 0, 0, 0),
		"2026-03-01 09:00:00.5":            utc(2026, 3, 1, 9, 0, 0, 5e8),
		"2026-03-01T09:00:00+01:30":        utc(2026, 3, 1, 7, 30, 0, 0),
		"2026-03-01T09:00:00-0230":         utc(2026, 3, 1, 11, 30, 0, 0),
		"2026-03-01T09:00:00+02":           utc(2026, 3, 1, 7, 0, 0, 0),
		"2026-03-01 09:00:00 UTC":          utc(2026, 3, 1, 9, 0, 0, 0),
		"2026-03-01T09:00:00.1234567899Z":  utc(2026, 3, 1, 9, 0, 0, 123456789),
		"2024-02-29":                       utc(2024, 2, 29, 0, 0, 0, 0),
		"1767225600":                       utc(2026, 1, 1, 0, 0, 0, 0),
		"1767225600123":                    utc(2026, 1, 1, 0, 0, 0, 123e6),
		"2026-11-21T19:27:37.512570+00:00": utc(2026, 11, 21, 19, 27, 37, 512570e3),
	} {
		if got, ok := parseTimeText([]byte(in)); !ok || !got.Equal(want) {
			t.Errorf("%s is %v %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "x", "2026", "2026-13-01", "2025-02-29", "2026-03-01T", "2026-03-01T25:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09:00Z",
		"2026-03-01T09:00:00.Z", "2026-03-01T09:00:00Zx", "2026-03-01T09:00:00+25:00", "2026-03-01X09:00:00", "20260301", "-12", "99999999999999999999",
	} {
		if got, ok := parseTimeText([]byte(in)); ok {
			t.Errorf("%q is %v", in, got)
		}
	}
	for n, want := range map[int64]time.Time{
		1767225600: utc(2026, 1, 1, 0, 0, 0, 0), 1767225600001: utc(2026, 1, 1, 0, 0, 0, 1e6),
		1767225600000001: utc(2026, 1, 1, 0, 0, 0, 1e3), 1767225600000000001: utc(2026, 1, 1, 0, 0, 0, 1), 0: utc(1970, 1, 1, 0, 0, 0, 0),
	} {
		if got, ok := parseTime(&value{kind: kindInt, num: n}); !ok || !got.Equal(want) {
			t.Errorf("%d is %v, want %v", n, got, want)
		}
	}
}

func TestTimesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-6e10, 2e11).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC()
		layout := rapid.SampledFrom([]string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999-07:00"}).Draw(t, "layout")
		zone := time.UTC
		if strings.Contains(layout, "07") {
			zone = time.FixedZone("", 60*rapid.IntRange(-23*60, 23*60).Draw(t, "zone"))
		}
		s := at.In(zone).Format(layout)
		if at.In(zone).Year() > 9999 || at.In(zone).Year() < 0 {
			t.Skip()
		}
		if got, ok := parseTimeText([]byte(s)); !ok || !got.Equal(at) {
			t.Fatalf("%s is %v %v, want %v", s, got, ok, at)
		}
	})
}

func TestPointers(t *testing.T) {
	doc := []byte(`{"user":{"id":42,"name":"A\u00e9"},"a/b":[true,{"~":"x"}],"n":null,"o":{}}`)
	for ptr, want := range map[string]string{
		"/user/id": "42", "/user/name": "Aé", "/a~1b/0": "true", "/a~1b/1/~0": "x",
		"/n": "", "/o": "", "/user": "", "/user/id/x": "", "/a~1b/2": "", "/a~1b/-1": "", "/a~1b/01": "", "/zzz": "",
	} {
		p, ok := parsePointer(ptr)
		if !ok {
			t.Fatalf("%s is no pointer", ptr)
		}
		if got, found := p.find(doc); got != want || found != (want != "") {
			t.Errorf("%s gives %q %v, want %q", ptr, got, found, want)
		}
	}
	for _, bad := range []string{"", "user"} {
		if _, ok := parsePointer(bad); ok {
			t.Errorf("%q is taken for a pointer", bad)
		}
	}
}

func FuzzPointer(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"c"}]}`), "/a/1/b")
	f.Fuzz(func(t *testing.T, doc []byte, ptr string) {
		p, ok := parsePointer(ptr)
		if !ok {
			return
		}
		p.find(doc)
	})
}

func TestPyTopics(t *testing.T) {
	for topic, want := range map[string][2]string{
		"bank.domain:BankAccount.Opened":  {"Opened", "BankAccount"},
		"__main__:Dog.TrickAdded":         {"TrickAdded", "Dog"},
		"a:Outer.Inner.Happened":          {"Happened", "Inner"},
		"shop.orders:OrderPlaced":         {"OrderPlaced", "orders"},
		"__main__:OrderPlaced":            {"OrderPlaced", ""},
		"m:make.<locals>.Dog.Registered":  {"Registered", "Dog"},
		"shop.m:make.<locals>.Registered": {"Registered", "m"},
		"Plain":                           {"Plain", ""},
		"":                                {"", ""},
	} {
		got := newPyTopic(topic)
		if got.typ != want[0] || got.category != want[1] {
			t.Errorf("%s is type %q of category %q, want %q", topic, got.typ, got.category, want)
		}
		if !json.Valid(append(got.meta, '}')) {
			t.Errorf("%s gives metadata %s", topic, got.meta)
		}
	}
}

func TestAppendJSONString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		var back string
		if err := json.Unmarshal(appendJSONString(nil, s), &back); err != nil || back != strings.ToValidUTF8(s, "\uFFFD") {
			t.Fatalf("%q came back as %q, %v", s, back, err)
		}
	})
}
