package wire

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"asof/inspect"
	"asof/inspect/sample"
	"asof/replay"
	"asof/replay/state"
)

// filled sets every field of a value. Lists are nested at most depth levels deep.
func filled(v reflect.Value, depth int) {
	switch v.Type() {
	case valueType:
		v.Set(reflect.ValueOf(Value(sample.Parse(`{"b":[1.50,null],"a":"<&>\u2028"}`))))
		return
	case timeType:
		v.Set(reflect.ValueOf(sample.Noon))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), depth)
	case reflect.Slice:
		if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			filled(v.Index(0), depth-1)
			filled(v.Index(1), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]int64{"b": 1, "a<": 2}))
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i), depth)
		}
	case reflect.String:
		v.SetString("a \"text\" <&> of 買い物")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(-42)
	}
}

// TestSameAsEncodingJSON checks that a Writer and encoding/json write equal values for
// every answer. They differ only in the order of keys and the escapes in strings.
func TestSameAsEncodingJSON(t *testing.T) {
	for _, a := range Contract {
		full := reflect.New(a.Type)
		filled(full.Elem(), 2)
		for _, v := range []reflect.Value{full, reflect.New(a.Type)} {
			std, err := json.Marshal(v.Interface())
			if err != nil {
				t.Fatal(err)
			}
			own := Append(nil, v.Interface())
			want, got := sample.Parse(string(std)), sample.Parse(string(own))
			if !state.Equal(want, got) {
				t.Errorf("%s: encoding/json writes\n%s\nwire writes\n%s", a.Name, std, own)
			}
			if sorted := state.AppendSorted(nil, got); string(sorted) != string(own) {
				t.Errorf("%s is not in order:\n%s\nwant\n%s", a.Name, own, sorted)
			}
			if addressed := Append(nil, v.Elem().Interface()); string(addressed) != string(own) {
				t.Errorf("%s: a struct is written as\n%s\na pointer to it as\n%s", a.Name, addressed, own)
			}
		}
	}
}

// TestEventIsExact checks that an event has the stored payload, digit for digit.
func TestEventIsExact(t *testing.T) {
	e := &replay.Event{
		Stream: "s", Position: replay.NoPosition, Data: []byte(`{"b":0.10,"a":9007199254740993,"c":1E+2,"d":"<&>"}`),
		Time: time.Date(2026, 3, 1, 1, 2, 3, 4005, time.FixedZone("", 7200)),
	}
	e.SetBody(state.NullValue()) // like an upcaster
	const want = `{"actor":null,"category":null,"causation_id":null,"correlation_id":null,` +
		`"data":{"a":9007199254740993,"b":0.10,"c":1E+2,"d":"<&>"},"id":null,"metadata":null,"position":null,"revision":null,` +
		`"stream":"s","time":"2026-02-28T23:02:03.000004005Z","type":null,"version":0}`
	if got := string(Append(nil, NewEvent(e))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLogWritesEventsBeforeAnError(t *testing.T) {
	broken := errors.New("line 7: not JSON")
	var out strings.Builder
	w := NewWriter(&out)
	if err := w.Log(sample.Log(broken), false); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	_ = w.Flush()
	if n := strings.Count(out.String(), "\n"); n != len(sample.Events()) {
		t.Errorf("%d lines for %d events:\n%s", n, len(sample.Events()), out.String())
	}
}

type brokenWriter struct{ calls, after int }

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.calls++; w.calls > w.after {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

// TestLogStreams checks that a log is written while it is read, and that a failed write
// ends it.
func TestLogStreams(t *testing.T) {
	broken := &brokenWriter{after: 3}
	w := NewWriter(broken)
	e := sample.Events()[0]
	endless := func(yield func(*inspect.Entry, error) bool) {
		for yield(&inspect.Entry{Event: e}, nil) {
		}
	}
	if err := w.Log(endless, false); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
	if err := w.Flush(); !errors.Is(err, io.ErrClosedPipe) || !errors.Is(w.Err(), io.ErrClosedPipe) {
		t.Errorf("Flush: %v, Err: %v", err, w.Err())
	}
	if broken.calls != broken.after+1 {
		t.Errorf("%d writes after an error", broken.calls-broken.after-1)
	}
}

func BenchmarkLog(b *testing.B) {
	e := sample.Events()[3]
	b.ReportAllocs()
	w := NewWriter(io.Discard)
	_ = w.Log(func(yield func(*inspect.Entry, error) bool) {
		for b.Loop() {
			yield(&inspect.Entry{Event: e}, nil)
		}
	}, false)
}
