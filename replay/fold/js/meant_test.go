package js

import (
	"testing"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// TestMeantExpression has expressions with a slip, and the one that the error suggests.
// What is suggested compiles and does not fail on the same state. An empty one suggests
// none.
func TestMeantExpression(t *testing.T) {
	st, err := state.Parse([]byte(`{"total": -2.4, "status": "open", "items": [{"qty": 3}], "address": {"city": "x"}, "coupon": null}`))
	if err != nil {
		t.Fatal(err)
	}
	ev := &replay.Event{Stream: "cart-1", Version: 1, Type: "ItemAdded", Data: []byte(`{"qty": 3, "price": 2}`)}
	for in, want := range map[string]string{
		"total < 0":                                "state.total < 0",
		"totl < 0":                                 "state.total < 0",
		"total < 0 && items.length > 0":            "state.total < 0 && state.items.length > 0",
		"total > 0 || 'total' === status":          "state.total > 0 || 'total' === state.status",
		"state.total < 0 === true && price > 1":    "state.total < 0 === true && event.data.price > 1",
		"type === 'ItemAdded'":                     "event.type === 'ItemAdded'",
		"State.total < 0":                          "state.total < 0",
		"evt.type === 'A'":                         "event.type === 'A'",
		"state.total = 0":                          "state.total == 0",
		"total = 0":                                "state.total == 0",
		"state.status = 'a=b'":                     "state.status == 'a=b'",
		"state.coupon.code === 'x'":                "state.coupon?.code === 'x'",
		"state.none.code.length > 1":               "state.none?.code.length > 1",
		"state.adress.city === 'x'":                "state.address.city === 'x'",
		"state.total < 0 and state.status == 'a'":  "state.total < 0 && state.status == 'a'",
		"state.total < 0 or not (state.total > 1)": "state.total < 0 || !(state.total > 1)",
		"state.status <> 'a and b'":                "state.status != 'a and b'",
		"state.coupon is null":                     "state.coupon == null",
		"state.coupon is not null":                 "state.coupon != null",
		"state.total =< 0":                         "state.total <= 0",
		"state.total ≤ 0":                          "state.total <= 0",
		"state.status === “open”":                  `state.status === "open"`,
		".total < 0":                               "state.total < 0",
		"state.total < 0;":                         "state.total < 0",
		"return state.total < 0":                   "state.total < 0",
		"if (state.total < 0)":                     "(state.total < 0)",
		"state.coupon === None && True":            "state.coupon === null && true",
		"state.total <":                            "",
		"nothing(state)":                           "",
		"state.total.x.y":                          "",
		"(() => { throw new Error('x') })()":       "",
		"state.items[5].qty > 1":                   "state.items[5]?.qty > 1",
		"/total < 0":                               "state.total < 0",
		"/total = 0 and /status == 'a/b'":          "state.total == 0 && state.status == 'a/b'",
		"/items/0/qty > 1":                         "state.items[0].qty > 1",
		"/items[qty=3]/qty > 1":                    "state.items.find(x => x.qty == 3)?.qty > 1",
		"state.items[sku=a-b].qty > 1":             `state.items.find(x => x.sku == "a-b")?.qty > 1`,
		`state.items[sku="a]b"].qty > 1`:           `state.items.find(x => x.sku == "a]b")?.qty > 1`,
		"totl < 0 && 'items[sku=a]' == status":     "state.total < 0 && 'items[sku=a]' == state.status",
	} {
		p, err := CompilePredicate(in, "--bad", Limits{})
		if err == nil {
			if _, err = p.Test(st, ev); err == nil {
				t.Errorf("%q does not fail", in)
				continue
			}
		}
		r := fault.RemedyOf(err)
		got := ""
		if len(r.Near) == 1 {
			got = r.Near[0]
		}
		if got != want || want != "" && r.For != in {
			t.Errorf("%q suggests %q for %q, want %q (%v)", in, got, r.For, want, err)
		}
		if got == "" {
			continue
		}
		if p, err = CompilePredicate(got, "--bad", Limits{}); err == nil {
			_, err = p.Test(st, ev)
		}
		if err != nil {
			t.Errorf("%q suggests %q: %v", in, got, err)
		}
	}
}
