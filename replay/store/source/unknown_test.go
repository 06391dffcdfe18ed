package source

import (
	"strings"
	"testing"
)

// TestProposalIsTyped: the columns of a proposal keep their names when its flags
// are read as a list.
func TestProposalIsTyped(t *testing.T) {
	p := Proposal{Table: "ev", Map: map[string]string{"stream": "s", "data": `da,"ta`}}
	if got, want := MapText(p.Map), `stream=s,"data=da,""ta"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The two best proposals are shown with their events, the others by name.
func TestShown(t *testing.T) {
	e := &UnknownDialectError{Looked: []string{"a", "b", "c"}, Proposals: []Proposal{
		{Table: "a", Map: map[string]string{"stream": "s"}, Tried: "its one row", Proof: []string{"x@1"}},
		{Table: "b", Map: map[string]string{"stream": "t"}, Tried: "all 2 rows"},
		{Table: "c", Map: map[string]string{"stream": "t"}, Tried: "all 3 rows"},
	}}
	want := "looked at 3 tables: a, b, c\ntable a fits, tried on its one row:\n  x@1\ntable b fits as well, tried on all 2 rows:\nothers that fit: c"
	if got := e.Shown(false); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got, want := e.Shown(true), "\ntable c fits as well by stream=t, tried on all 3 rows:"; !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant\n…%s", got, want)
	}
	e = &UnknownDialectError{Looked: []string{"a"}, Missing: []string{"table a: no column tells which entity a row is of"}}
	if got, want := e.Error()+"\n"+e.Shown(false), "not an event store that asof recognizes; table a: no column tells which entity a row is of\nlooked at table a"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
