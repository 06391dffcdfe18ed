package ask_test

import (
	"encoding/json"
	"testing"

	"asof/inspect/ask"
)

// TestEditChecks checks edits as a front end sends them.
func TestEditChecks(t *testing.T) {
	for _, tt := range []struct {
		text string
		ok   bool
	}{
		{`{"kind":"drop","version":3}`, true},
		{`{"kind":"swap","version":3,"other":4}`, true},
		{`{"kind":"swap","version":3,"other":3}`, false},
		{`{"kind":"set","version":3,"path":"/data/qty","value":1}`, true},
		{`{"kind":"set","version":3,"path":"/data/qty"}`, false},
		{`{"kind":"set","version":3,"path":"data..qty","value":1}`, false},
		{`{"kind":"insert","version":3,"event":{"type":"Added","data":{}}}`, true},
		{`{"kind":"insert","first":true,"file":"event.json"}`, true},
		{`{"kind":"insert","version":3}`, false},
		{`{"kind":"insert","version":3,"file":"a","event":{"type":"Added","data":{}}}`, false},
		{`{"kind":"drown","version":3}`, false},
	} {
		var e ask.Edit
		if err := json.Unmarshal([]byte(tt.text), &e); err != nil {
			t.Fatal(err)
		}
		if err := e.Check(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.text, err)
		}
	}
}
