package js

import (
	"slices"
	"testing"

	"asof/replay"
	"asof/replay/state"
)

func TestMentions(t *testing.T) {
	st, err := state.Parse([]byte(`{"total":1,"items":[{"qty":1}],"address":{"city":"x"},"coupon":null}`))
	if err != nil {
		t.Fatal(err)
	}
	ev := &replay.Event{Type: "Set", Data: []byte(`{"qty":1}`)}
	for _, c := range []struct {
		expr   string
		absent []string
	}{
		{"state.total < 0", nil},
		{"state.totl < 0", []string{"no state has state.totl; did you mean state.total?"}},
		{"s.totl < 0 && s.totl > -1", []string{"no state has state.totl; did you mean state.total?"}},
		{"state.amount < 0", []string{"no state has state.amount"}},
		{"!state.amount", nil},
		{"state.amount == null || state.amount?.x > 1", nil},
		{"state.items.some(s => s.totl)", nil},
		{"state.items.every(function (e) { return e.totl })", nil},
		{"state.items.lenght > 0", nil}, // of an array
		{"state.address.cty == 'x'", []string{"no state has state.address.cty; did you mean state.address.city?"}},
		{"state.coupon?.code == 'x'", nil}, // which may have one
		{"'state.totl' == `state.totl`", nil},
		{"other.state.totl", nil},
		{"state.toString() == '1' || state.hasOwnProperty('x')", nil},
		{"event.tpe == 'Set'", []string{"no event has event.tpe; did you mean event.type?"}},
		{"e.data.qtty > 1", []string{"no event has event.data.qtty; did you mean event.data.qty?"}},
		{"event.metadata.x > 1 || event.type == 'x' || e.data.qty > 1e9", nil},
	} {
		m := NewMentions(c.expr)
		m.see(state.Value{}, nil)
		m.see(st, ev)
		if got := m.Absent(); !slices.Equal(got, c.absent) {
			t.Errorf("%s: %q, want %q", c.expr, got, c.absent)
		}
	}
}

func TestPathOfMentions(t *testing.T) {
	for text, want := range map[string]string{
		"state.total < 0":                                 "/total",
		"state.total != null && state.total < 0":          "/total",
		"s.address?.city == 'x'":                          "/address/city",
		"state.items.length > 9":                          "/items",
		"state.items.some(i => i.qty < 0)":                "/items",
		"state.total < 0 && event.type == 'CartOpened'":   "/total",
		"state.total < state.discount":                    "",
		"state.address.city == 'x' || state.address.name": "",
		"true":                 "",
		"state['total'] < 0":   "",
		`"state.total" == "x"`: "",
	} {
		if got := NewMentions(text).Path(); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
