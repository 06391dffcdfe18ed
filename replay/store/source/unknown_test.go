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

// The first proposal is in the hint; the others are alternatives, each with its mapping.
func TestShown(t *testing.T) {
	e := &UnknownDialectError{Proposals: []Proposal{
		{Table: "a", Map: map[string]string{"stream": "s"}, Tried: "its one row", Proof: []string{"x@1"}},
		{Table: "b", Map: map[string]string{"stream": "t"}, Tried: "all 2 rows"},
	}}
	want := "table a by the mapping below (tried on its one row):\n  x@1\nor table b by stream=t (tried on all 2 rows):"
	if got := e.Shown(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
