package state

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

// TestSizeError bounds a tree by what it takes, however short its text is.
func TestSizeError(t *testing.T) {
	const most = 1 << 20
	for _, elem := range []string{`[]`, `{}`, `{"a":[{}]}`, `0`, `"a"`} {
		text := []byte(`{"x":[` + strings.Repeat(elem+`,`, most/valueBytes) + `0]}`)
		var tooMuch *SizeError
		if _, err := parse(text, most); !errors.As(err, &tooMuch) {
			t.Errorf("%s: %v", elem, err)
		}
		p := new(Parser)
		if _, err := p.parseOnce(text, most); !errors.As(err, &tooMuch) {
			t.Errorf("%s: %v", elem, err)
		}
		if v, err := p.parseOnce([]byte(`[1]`), most); err != nil || len(p.nodes) != 1 {
			t.Errorf("%s: then %v, %v", elem, v, err)
		}
	}
	if _, err := parse([]byte(`"`+strings.Repeat("x", 2*most)+`"`), most); err != nil {
		t.Errorf("a text: %v", err)
	}
}

// TestStateTooLarge lets a state grow past what it may take, by a text that takes
// memory once.
func TestStateTooLarge(t *testing.T) {
	s := stateOf(t, `{"a":{"b":1}}`)
	big := StringValue(strings.Repeat("x", MaxState/16))
	var err error
	for i := 0; i < 20 && err == nil; i++ {
		o := s.NewObject()
		o.Set("text", big)
		s.root.n.Set(strconv.Itoa(i), o.Value())
		if _, err = s.Commit(false); err == nil && i > 16 {
			t.Fatalf("%d texts give no error", i+1)
		}
	}
	var limit *LimitError
	if !errors.As(err, &limit) {
		t.Fatal(err)
	}
	s.Rollback()
	checkTree(t, s)
	at(s.root, "a").Set("b", NumberValue("2"))
	changes, err := s.Commit(true)
	if got := listed(changes); err != nil || got != "replace /a/b 1 → 2\n" {
		t.Errorf("after rollback: %s, %v", got, err)
	}
}
