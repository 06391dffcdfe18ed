package replay

import (
	"errors"
	"testing"

	"asof/replay/state"
)

// What is read in another's memory is not the event's.
func TestBodyInIsNotKept(t *testing.T) {
	var p state.Parser
	e := &Event{Data: []byte(`{"n":1}`)}
	if v, err := e.BodyIn(&p); err != nil || string(state.AppendJSON(nil, v)) != `{"n":1}` {
		t.Fatal(v, err)
	}
	e.Data = []byte(`{"n":2}`)
	if v, err := e.Body(); err != nil || string(state.AppendJSON(nil, v)) != `{"n":2}` {
		t.Errorf("%s %v", state.AppendJSON(nil, v), err)
	}
}

// No matter who reads a payload first, the event says the same of it from then on.
func TestPayloadDecided(t *testing.T) {
	var p state.Parser
	for _, read := range []func(*Event) (state.Value, error){
		(*Event).Body,
		func(e *Event) (state.Value, error) { return e.BodyIn(&p) },
		func(e *Event) (state.Value, error) { return e.Clone().Body() },
	} {
		for _, test := range []struct {
			data, want, opaque string
			odd                state.Oddity
		}{
			{`{"n":1.0}`, `{"n":1.0}`, "", 0},
			{`{"n":NaN}`, `{"n":"NaN"}`, "", state.NotFinite},
			{`{"n":1,"n":2}`, `{"n":1,"n":2}`, "", state.KeyTwice},
			{`{broken`, ``, "not JSON: unexpected 'b' where a key should be at byte 1", 0},
			{`[1,`, ``, "not JSON: unexpected end where a value should be at byte 3", 0},
		} {
			e := &Event{Stream: "s", Version: 1, Type: "T", Data: []byte(test.data)}
			_, err := read(e)
			var opaque *OpaqueError
			if (err != nil) != (test.opaque != "") || err != nil && (!errors.As(err, &opaque) || opaque.Reason != test.opaque) {
				t.Errorf("%s: %v", test.data, err)
			}
			if _, again := e.Body(); (again == nil) != (err == nil) {
				t.Errorf("%s: first %v, then %v", test.data, err, again)
			}
			if string(e.Data) != test.want || e.Opaque != test.opaque || e.Oddity() != test.odd {
				t.Errorf("%s: data %s, opaque %q, odd %b", test.data, e.Data, e.Opaque, e.Oddity())
			}
		}
	}
}
