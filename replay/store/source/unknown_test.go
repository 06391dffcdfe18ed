package source

import "testing"

// TestProposalIsTyped: the columns of a proposal keep their names when its flags
// are read as a list.
func TestProposalIsTyped(t *testing.T) {
	p := Proposal{Table: "ev", Map: map[string]string{"stream": "s", "data": `da,"ta`}}
	if got, want := MapText(p.Map), `stream=s,"data=da,""ta"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
