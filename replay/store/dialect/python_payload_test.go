package dialect

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

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
	if string(u.time) != "2026-01-02T03:04:05.600000+01:00" || u.revision != 3 || string(u.originatorTopic) != `"m:\"A"` {
		t.Errorf("time %s, revision %d, topic %s", u.time, u.revision, u.originatorTopic)
	}
}

func TestUnwrapRefuses(t *testing.T) {
	for _, in := range []string{
		``, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{1:2}`, `nul`, `nan`, `NaN1`, `-NaN`, `[01]`, `"a`, `"\"`, `{} {}`, `]`,
		`{"_type_":"a","_data_":`, `{"_type_":"a","_data_":1`, `{"_type_"`, `{"_type_":"a`, `{"_data_":"1","_type_":"decimal_str"`, `{"_data_":"","_type_":`,
	} {
		var u pyUnwrapper
		if u.run([]byte(in)) {
			t.Errorf("%q was accepted: %s", in, u.out)
		}
	}
	var u pyUnwrapper
	if u.run([]byte(strings.Repeat(`[`, 1e6))); !u.Deep {
		t.Error("a million brackets are not too deep")
	}
	if u.run([]byte(strings.Repeat(`{"_type_":"a","_data_":`, 1e5))); !u.Deep {
		t.Error("a hundred thousand wrappers are not too deep")
	}
}

// TestUnwrapKeepsPlainJSON checks that JSON without wrappers and library attributes is
// unchanged.
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
		if !u.run(in) && !u.Deep && json.Valid(in) {
			t.Errorf("valid %q was refused", in)
		}
	})
}
